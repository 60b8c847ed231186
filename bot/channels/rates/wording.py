"""How long somebody who has reached a limit has to wait, as a person says it."""

from __future__ import annotations

import math

_MINUTE = 60
_HOUR = 60 * _MINUTE
# Up to this, seconds are what one waits for with the page open.
_COUNTED_IN_SECONDS = 90
_COUNTED_IN_MINUTES = 90 * _MINUTE


def waiting_time(seconds: int) -> str:
    """The wait, rounded up, so that whoever comes back then is not sent away again: 30秒ほどおいて."""
    if seconds <= _COUNTED_IN_SECONDS:
        return f"{seconds}秒ほどおいて"
    if seconds <= _COUNTED_IN_MINUTES:
        return f"{math.ceil(seconds / _MINUTE)}分ほどおいて"
    return f"{math.ceil(seconds / _HOUR)}時間ほどおいて"
