"""Text for comparing: compatibility forms and white space folded. Quotes never pass through here."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")


def folded(text: str) -> str:
    """NFKC without any white space, so that full-width, half-width and line breaks do not tell texts apart."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))
