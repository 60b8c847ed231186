"""Addresses as LINE gets them: our pages open in the member's own browser, not in the one inside LINE.

What is entered on a request's page does not belong into an app's own browser, and files are chosen and kept there only
with trouble. https://developers.line.biz/en/docs/messaging-api/using-line-url-scheme/#opening-url-in-external-browser
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

_OUTSIDE = "openExternalBrowser=1"


def outside(url: str) -> str:
    """The address with the parameter that makes LINE hand it to the browser."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{_OUTSIDE}" if parts.query else _OUTSIDE))
