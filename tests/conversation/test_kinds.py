"""What members ask for in words of their own, through the real Rasa and the real actions.

`kinds.tsv` was written before any rule was tried on it: 41 of its 60 were understood then. `kinds_heldout.tsv` was
written when the misses had been mended: 26 of its 30 were understood at first sight. Its own misses have been mended
too, so that both now only catch a step back.

`kinds_blind.tsv` was written by somebody else and its rows were not read by whoever wrote the rules: only the count of
what was understood was looked at, 82 of 120 before the rules were widened.
"""

from __future__ import annotations

import csv
import secrets
from collections import Counter
from pathlib import Path

import pytest

from actions import texts
from bot.channels.rasa_client import RasaClient
from bot.message import Message
from bot.register.kinds import ADVERTISING
from bot.settings import Settings

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

WRITTEN_BEFORE = Path(__file__).with_name("kinds.tsv")
WRITTEN_AFTER = Path(__file__).with_name("kinds_heldout.tsv")
WRITTEN_ELSEWHERE = Path(__file__).with_name("kinds_blind.tsv")
LEAST = 0.95
# Of 120; what was understood when it was last measured, less two.
LEAST_BLIND = 98


def rows(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["asks"]) for row in csv.DictReader(file, delimiter="\t")]


def asked_for(message: Message) -> str:
    """What a first message understood, as the tables name it."""
    if texts.LEAVING_IS_NOT_HERE in message.text:
        return "leaving"
    if message.request is None or message.kind != "request":
        return message.kind
    if message.request.step == "confirm" and ADVERTISING in message.text:
        return "advertising"
    return "+".join(message.request.kinds)


@pytest.mark.parametrize("path", [WRITTEN_BEFORE, WRITTEN_AFTER], ids=lambda path: path.stem)
async def test_kinds_from_members_own_words(stack: Settings, path: Path) -> None:
    client = RasaClient(stack)
    try:
        replies = [await client.say(secrets.token_hex(16), text, channel="web") for text, _ in rows(path)]
    finally:
        await client.close()
    found = [asked_for(messages[0]) for messages in replies]
    wrong = [(text, want, got) for (text, want), got in zip(rows(path), found, strict=True) if want != got]
    print(f"{len(found) - len(wrong)} of {len(found)}", *wrong, sep="\n")  # noqa: T201 - shown when the share is too small
    assert 1 - len(wrong) / len(found) >= LEAST


def blind_rows() -> list[tuple[str, str]]:
    with WRITTEN_ELSEWHERE.open(encoding="utf-8", newline="") as file:
        return [(row["utterance"], row["kinds"]) for row in csv.DictReader(file, delimiter="\t")]


def is_understood(label: str, message: Message) -> bool:
    """Whether the first message opens what a label of that table names.

    A wish to leave that comes with others needs no answer of its own, and a removal without a reason is asked about.
    """
    wanted = set(label.split("+"))
    if wanted == {"leave"}:
        return asked_for(message) == "leaving"
    if wanted in ({"stop_ads"}, {"stop_ads", "leave"}):
        return asked_for(message) == "advertising"
    wanted = {"use_stop" if kind == "stop_ads" else kind for kind in wanted - {"leave"}}
    if message.request is None or message.kind != "request" or asked_for(message) == "advertising":
        return False
    is_asked_about = texts.ASK_REMOVE in message.text and len(wanted) == 1 and wanted <= {"deletion", "erasure"}
    return set(message.request.kinds) == wanted or (is_asked_about and list(message.request.kinds) == ["erasure"])


async def test_kinds_from_words_nobody_wrote_a_rule_for(stack: Settings) -> None:
    client = RasaClient(stack)
    try:
        replies = [await client.say(secrets.token_hex(16), text, channel="web") for text, _ in blind_rows()]
    finally:
        await client.close()
    labels = [label for _, label in blind_rows()]
    kinds = [label for label, messages in zip(labels, replies, strict=True) if is_understood(label, messages[0])]
    # Counts only: the table stays of use as long as nobody reads it.
    print(len(kinds), Counter(labels) - Counter(kinds))  # noqa: T201 - shown when there are too few
    assert len(kinds) >= LEAST_BLIND
