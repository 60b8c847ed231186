"""Slack's own way of writing text: what a member typed is read out of it, what we say is written into it.

Slack sends `&`, `<` and `>` as entities and wraps what it recognised in angle brackets
(https://docs.slack.dev/messaging/formatting-message-text/). Text that goes out unescaped could ping a whole channel.
"""

from __future__ import annotations

import re

_WRAPPED = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"^@[UW][A-Z0-9]+$")


def typed_text(text: str, *, me: str = "") -> str:
    """What the member typed: addresses and links as they were written, the mention of this app left out.

    Args:
        text: the event's text.
        me: the app's own user id, whose mention says only whom the member talks to.
    """
    plain = _WRAPPED.sub(lambda match: _unwrapped(match[1], me), text)
    # The order matters: `&amp;lt;` is what a member sees as `&lt;`, so `&amp;` comes last.
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def escaped(text: str) -> str:
    """`text` as Slack shows it literally."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unwrapped(inner: str, me: str) -> str:
    target, _, label = inner.partition("|")
    if _MENTION.match(target):
        return "" if target == f"@{me}" else f"@{label}" if label else target
    if target.startswith("#"):
        return f"#{label}" if label else target
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    return label or target.removeprefix("mailto:").removeprefix("tel:")
