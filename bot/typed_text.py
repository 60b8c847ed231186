"""Typed text is never a command: the last thing that happens to a text before Rasa may see it."""

from __future__ import annotations

_COMMAND_SIGN = "/"
_HARMLESS_SIGN = "／"


def disarmed(text: str) -> str:
    """The text as Rasa may see it: when it begins with "/" after stripping as Rasa strips, that becomes full-width.

    Rasa runs any text that begins with "/" as an intent at full confidence. Nothing may change the text afterwards.
    """
    bare = text.strip()
    return _HARMLESS_SIGN + bare.removeprefix(_COMMAND_SIGN) if bare.startswith(_COMMAND_SIGN) else text
