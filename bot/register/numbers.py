"""Receipt numbers: `K` and the Japanese date of arrival, 40 random bits, one check character.

`K261123-7F3K-9QXMC` is written in Crockford's base 32, which has no I, L, O and U: what a person reads aloud or
copies wrong is read as the character that looks like it, and Luhn's check mod 32 finds one changed character and
nearly every exchange of two neighbours.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime

from stdnum import luhn

from bot.clock import in_tokyo

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_CHARACTERS = 8
_LOOK_ALIKE = str.maketrans("ILO", "110")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−ー]+")
_SHAPE = re.compile(rf"K(\d{{6}})([{ALPHABET}]{{4}})([{ALPHABET}]{{5}})")


def new_number(received_at: datetime) -> str:
    """A number nobody can guess, for a request that arrives at this moment."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    bare = f"K{in_tokyo(received_at):%y%m%d}{random}"
    return _spell(bare + luhn.calc_check_digit(bare, alphabet=ALPHABET))


def read_number(text: str) -> str | None:
    """The number a person wrote, in its one spelling, or None when it is no number or a mistyped one.

    Full-width letters, small letters, other dashes or none, and the look-alikes I, L and O are all read.
    """
    bare = read_characters(text)
    if not _SHAPE.fullmatch(bare) or not luhn.is_valid(bare, alphabet=ALPHABET):
        return None
    return _spell(bare)


def read_characters(text: str) -> str:
    """What a person wrote, as characters of the alphabet without separators, as far as they can be read as such."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_LOOK_ALIKE)


def is_number(text: str) -> bool:
    """Whether the whole text is a receipt number with the right check character."""
    return read_number(text) is not None


def _spell(bare: str) -> str:
    return f"{bare[:7]}-{bare[7:11]}-{bare[11:]}"
