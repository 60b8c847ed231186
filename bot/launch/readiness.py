"""Waits until the whole product answers, and says what it still waits for."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus

_PAUSE_SECONDS = 0.1
_REPORT_EVERY_SECONDS = 5.0


def wait_until_ready(url: str, *, seconds: float, alive: Callable[[], bool], report: Callable[[str], None]) -> bool:
    """Polls `url` (the gateway's /readyz) until it answers 200.

    Args:
        url: address of /readyz.
        seconds: how long to wait at the most.
        alive: False ends the waiting early, because what should become ready has ended.
        report: gets a line now and then about what is still missing.

    Returns:
        Whether it became ready.
    """
    begun = time.monotonic()
    next_report = _REPORT_EVERY_SECONDS
    while (elapsed := time.monotonic() - begun) < seconds and alive():
        missing = _missing(url)
        if not missing:
            return True
        if elapsed >= next_report:
            report(f"  {elapsed:3.0f} s, waiting for {', '.join(missing)}")
            next_report += _REPORT_EVERY_SECONDS
        time.sleep(_PAUSE_SECONDS)
    return False


def _missing(url: str) -> list[str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address from the settings
            return [] if answer.status == HTTPStatus.OK else ["the gateway"]
    except urllib.error.HTTPError as error:
        return _failing_checks(error.read())
    except OSError:
        return ["the gateway"]


def _failing_checks(body: bytes) -> list[str]:
    try:
        checks: dict[str, bool] = json.loads(body)["checks"]
    except (ValueError, KeyError, TypeError):
        return ["the gateway"]
    return [name for name, passed in checks.items() if not passed] or ["the gateway"]
