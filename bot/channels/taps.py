"""Buttons that the gateway answers itself, without Rasa: an answer that was not ready, consent, deletion.

A Message names such a button by its code in place of a choice's id. What travels to the platform and back is a keyed
hash of code and member, so that it says nothing, cannot be made up and is good for nobody else.
"""

from __future__ import annotations

from enum import StrEnum

from bot.channels.gateway import Gateway
from bot.message import Choice


class Tap(StrEnum):
    """What was tapped."""

    MORE = "tap:more"
    AGREE = "tap:agree"
    ERASE = "tap:erase"
    ERASE_SURELY = "tap:erase_surely"
    LEAVE_IT = "tap:leave_it"


_TITLES = {
    Tap.MORE: "続きを見る",
    Tap.AGREE: "同意して始める",
    Tap.ERASE: "会話を消す",
    Tap.ERASE_SURELY: "削除する",
    Tap.LEAVE_IT: "やめる",
}


def offer(*taps: Tap) -> tuple[Choice, ...]:
    """The buttons as a Message holds them."""
    return tuple(Choice(id=tap.value, title=_TITLES[tap]) for tap in taps)


def sealed(gateway: Gateway, channel: str, user_key: str, choice_id: str) -> str:
    """What the platform gets for a choice: the id itself, or, of a tap, what only this member can send back."""
    if choice_id not in set(Tap):
        return choice_id
    return gateway.vault.keyed_hash(f"{channel}\x00{user_key}\x00{choice_id}", purpose="tap")


def read(gateway: Gateway, channel: str, user_key: str, data: str) -> Tap | None:
    """Which tap came back; None when it is a choice, or nothing of ours."""
    return next((tap for tap in Tap if sealed(gateway, channel, user_key, tap) == data), None)
