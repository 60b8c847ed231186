"""Whether this installation may take real requests: everything that the owner must fill in, set or look at.

`madoguchi launch check` and the console show the list; in production no process starts while anything is red.
"""

from __future__ import annotations

from bot.clearance.cards import card_items
from bot.clearance.desk_matters import desk_items
from bot.clearance.installation import installation_items
from bot.clearance.items import Item
from bot.clearance.people import people_items
from bot.clock import Clock, in_tokyo, system_clock
from bot.crash_points import VARIABLE, is_armed
from bot.desk import load_desk
from bot.errors import BadInputError
from bot.policy.documents import policy_folder
from bot.policy.versions import version_in_force
from bot.secret_split import SPLIT
from bot.settings import PREFIX, Settings
from bot.storage.engine import open_engine

_SECRET_OF = {"digests_dir": "digest_key"}
"""The secret that an item is about, where its key is another word; else they are one."""


class NotClearedError(BadInputError):
    """Production was asked for, and something is still red; the message is one line that names all of it."""

    def __init__(self, red: list[Item]) -> None:
        self.red = red
        named = "、".join(item.title for item in red)
        super().__init__(
            f"{PREFIX}MODE=production では起動できません。済んでいない{len(red)}件：{named}"
            "（どこで済ませるかは `madoguchi launch check` で確かめられます）"
        )


def look(settings: Settings, *, clock: Clock = system_clock) -> list[Item]:
    """Every item, in the order in which it is shown.

    Raises:
        BadInputError: the policy's folder cannot be used.
    """
    policy_id, day = settings.default_policy, in_tokyo(clock()).date()
    version = version_in_force(settings.corpus_dir, policy_id, day)
    desk = load_desk(policy_folder(settings.corpus_dir, policy_id))
    engine = open_engine(settings.database_url, controller=settings.controller)
    try:
        return [
            *desk_items(desk, settings, version),
            *card_items(settings, day),
            *people_items(settings, engine, policy_id.partition("/")[0]),
            *installation_items(settings),
        ]
    finally:
        engine.dispose()


def require_cleared(settings: Settings, process: str | None = None, *, clock: Clock = system_clock) -> None:
    """Keeps a process from starting in production while anything is red; in trial nothing is looked at.

    What cannot be looked at now, because the database does not answer, keeps nobody from starting: processes wait for
    it on their own.

    Args:
        settings: of this process.
        process: which one it is; secrets that are not its own are not asked of it. Without a name everything is.
        clock: tells which policy is in force.

    Raises:
        NotClearedError: something is red.
        BadInputError: the policy's folder cannot be used, or the process was started to die somewhere.
    """
    if settings.mode != "production":
        return
    if is_armed():
        raise BadInputError(
            f"{PREFIX}MODE=production では起動できません。{VARIABLE} は試験でプロセスを止めるための変数です"
        )
    red = [item for item in look(settings, clock=clock) if item.is_red and not _is_anothers(item, process)]
    if red:
        raise NotClearedError(red)


def _is_anothers(item: Item, process: str | None) -> bool:
    secret = _SECRET_OF.get(item.key, item.key)
    return process is not None and secret in SPLIT and process not in SPLIT[secret]
