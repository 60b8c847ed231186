"""Whether a text that names a right asks for it, or asks how one would."""

from __future__ import annotations

import re

_WISH = re.compile(r"たい|ほしい|欲しい|ください|下さい|くれ|お願い|おねがい|もらえ|やめて|止めて|消して|直して|見せて")
_HOW = re.compile(r"どの|どこ|どう(すれば|したら|やって|やったら)|方法|手順|やり方|しかた|仕方")


def is_wish(text: str) -> bool:
    """Whether it is worded as a wish."""
    return _WISH.search(text) is not None


def asks_how(text: str) -> bool:
    """Whether it asks for the way, and wishes for nothing yet."""
    return _HOW.search(text) is not None and not is_wish(text)
