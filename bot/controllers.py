"""The controllers (個人情報取扱事業者) that one installation serves: the first, and those of a folder beside it.

The environment says who the first one is. Each further one is a file `<controller>.env` in the folder that
`MADOGUCHI_CONTROLLERS_DIR` names, written like `var/local.env`. It may set what belongs to a company
(`OF_A_CONTROLLER`) and nothing else: database, keys, ports and limits are the installation's. What a file leaves out
has the default of docs/settings.md and never the first controller's value, so that no company is reached by another's
secret, and none keeps data for as long as another one promised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import ValidationError

from bot.errors import BadInputError
from bot.setting_groups.requests import RequestSettings
from bot.settings import PREFIX, Settings, load, told

OF_A_CONTROLLER = frozenset(
    {
        *("mode", "default_policy", "public_url", "console_url", "embed_origins", "embed_cross_site"),
        *("line_channel_secret", "line_access_token", "line_push", "line_push_reserve"),
        *("slack_signing_secret", "slack_bot_token", "alert_slack_channel"),
        *("mail_from", "staff_mail", "mail_return_path", "bounce_maildir"),
        *("oidc_issuer", "oidc_client_id", "oidc_client_secret"),
        *("conversation_idle_minutes", "conversation_max_turns", "retention_days"),
        *RequestSettings.model_fields,
    }
)
"""The settings that belong to one company: who answers, where it is reached, by which channels, what it promises."""

REQUIRED = ("default_policy", "public_url", "console_url")
"""What a file has to say: it has no default that could be another company's."""

_SUFFIX = ".env"
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


class ControllerIsUnknownError(BadInputError):
    """This installation serves no controller of this name."""


class ControllersAreWrongError(BadInputError):
    """A file of the folder cannot be used; the message names file and variable, never a value that may be secret."""


class FurtherSettings(Settings):
    """The settings by which a further controller is served: its own, and the installation's for everything else."""

    is_first: ClassVar[bool] = False


@dataclass(frozen=True)
class _Door:
    """An address at which one controller is reached, and where it was set."""

    url: str
    host: str
    named_in: str


def load_controllers() -> tuple[Settings, ...]:
    """The settings of every controller that this installation serves, the first one's first.

    Raises:
        BadInputError: a variable of the environment cannot be used.
        ControllersAreWrongError: a file of the folder cannot be used.
    """
    return read_controllers(load())


def read_controllers(first: Settings) -> tuple[Settings, ...]:
    """As `load_controllers`, beside settings that were read already.

    Raises:
        ControllersAreWrongError: a file of the folder cannot be used.
    """
    files = files_of(first.controllers_dir) if first.controllers_dir is not None else ()
    further = {file: _read(file, first) for file in files}
    _require_own_hosts(first, further)
    _require_sisters_are_served(first, further)
    return (first, *further.values())


def of_name(served: Sequence[Settings], name: str) -> Settings:
    """The settings of one controller; an empty name means the first.

    Raises:
        ControllerIsUnknownError: there is none of this name.
    """
    found = next((settings for settings in served if settings.controller == (name or served[0].controller)), None)
    if found is None:
        names = ", ".join(settings.controller for settings in served)
        raise ControllerIsUnknownError(f"no controller {name!r} is served here: there is {names}")
    return found


def host_of(url: str) -> str:
    """The host of an address, as requests name it: without a port, in small letters."""
    return (urlsplit(url).hostname or "").rstrip(".")


def files_of(folder: Path) -> tuple[Path, ...]:
    """The files of further controllers in a folder, by their names.

    Raises:
        ControllersAreWrongError: the folder cannot be read.
    """
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ControllersAreWrongError(f"{PREFIX}CONTROLLERS_DIR: {folder}: {why}") from None
    # Beside them stand what editors and mounts leave (`..data`), and a README of the owner's.
    return tuple(path for path in found if path.suffix == _SUFFIX and not path.name.startswith("."))


def fields_of(file: Path) -> dict[str, str]:
    """What a file sets, by the names of settings.

    Raises:
        ControllersAreWrongError: it cannot be read, or says what no controller has of its own.
    """
    try:
        written = dotenv_values(file, interpolate=False, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ControllersAreWrongError(f"{file}: cannot be read ({type(error).__name__})") from None
    return dict(_field(file, name, value) for name, value in written.items())


def _read(file: Path, first: Settings) -> Settings:
    given = fields_of(file)
    missing = [_variable(name) for name in REQUIRED if name not in given]
    if missing:
        raise ControllersAreWrongError(f"{file}: {', '.join(missing)} has to be set")
    shared = {name: getattr(first, name) for name in Settings.model_fields if name not in OF_A_CONTROLLER}
    # What the console keeps in files is no other company's either: imports under review, originals on their way.
    shared["data_dir"] = first.data_dir / "beside" / file.stem
    default = {name: Settings.model_fields[name].get_default() for name in OF_A_CONTROLLER}
    try:
        settings = FurtherSettings(**{**shared, **default, **given})
    except ValidationError as error:
        raise ControllersAreWrongError(f"{file}: " + "; ".join(map(told, error.errors()))) from None
    if settings.controller != file.stem:
        raise ControllersAreWrongError(
            f"{file}: {_variable('default_policy')}: is a policy of {settings.controller}, so the file has to be "
            f"{settings.controller}{_SUFFIX}"
        )
    if settings.controller == first.controller:
        raise ControllersAreWrongError(f"{file}: {settings.controller} is the first controller, set in the environment")
    return settings


def _field(file: Path, variable: str, value: str | None) -> tuple[str, str]:
    field = variable.removeprefix(PREFIX).lower()
    if not variable.startswith(PREFIX) or field not in Settings.model_fields:
        raise ControllersAreWrongError(f"{file}: {variable}: there is no such setting")
    if field not in OF_A_CONTROLLER:
        raise ControllersAreWrongError(f"{file}: {variable}: is the installation's, and one for all controllers")
    if value is None:
        raise ControllersAreWrongError(f"{file}: {variable}: has no value")
    return field, value


def _require_own_hosts(first: Settings, further: Mapping[Path, Settings]) -> None:
    """Who is meant is told by the host alone: two controllers at one would be one to every browser's cookies."""
    if not further:
        return
    for field in ("public_url", "console_url"):
        told_of: dict[str, _Door] = {}
        for door in chain([_door(field, first, "the environment")], _doors(field, further)):
            if not _HOST.fullmatch(door.host):
                raise ControllersAreWrongError(f"{door.named_in}: {_variable(field)}: {door.url!r} names no host")
            other = told_of.setdefault(door.host, door)
            if other is not door:
                why = f"{door.host} is the host of {other.named_in} already"
                raise ControllersAreWrongError(f"{door.named_in}: {_variable(field)}: {why}")


def _require_sisters_are_served(first: Settings, further: Mapping[Path, Settings]) -> None:
    """A request to a company that nobody serves here would have a number and a clock, and no staff who see it."""
    served = {settings.controller for settings in (first, *further.values())}
    for place, settings in chain([("the environment", first)], further.items()):
        for name in settings.sister_controllers:
            if name not in served:
                raise ControllersAreWrongError(
                    f"{place}: {_variable('sister_controllers')}: {name!r} is not served here"
                )


def _doors(field: str, further: Mapping[Path, Settings]) -> Iterator[_Door]:
    return (_door(field, settings, str(file)) for file, settings in further.items())


def _door(field: str, settings: Settings, named_in: str) -> _Door:
    url: str = getattr(settings, field)
    return _Door(url, host_of(url), named_in)


def _variable(field: str) -> str:
    return PREFIX + field.upper()
