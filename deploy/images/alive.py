"""Asks one address on loopback; the exit status tells a container's health. The images have no curl.

Rasa's own channel wants the shared token. A health check is started beside the process and not by it, so that the
token comes from the file where there is one, and from the environment elsewhere.
"""

import os
import sys
import urllib.request
from pathlib import Path

_TOKEN = "MADOGUCHI_INTERNAL_TOKEN"  # noqa: S105 - the name of a variable
_SECONDS = 4


def _token() -> str:
    file = Path("/run/secrets") / _TOKEN
    return file.read_text("utf-8").strip() if file.exists() else os.environ.get(_TOKEN, "")


def main(url: str) -> int:
    """0 when the address answers with 200."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {_token()}"})
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):
            return 0
    except OSError as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
