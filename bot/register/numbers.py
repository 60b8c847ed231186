"""Receipt numbers: `K` and the Japanese date of arrival, 40 random bits, one check character.

No number is given twice, not even by a database that was restored from a backup and does not know which numbers of
that day were given after it: for the rest of the day its numbers begin with `Z`, which no other number does, and with
the moment of the restoration. Numbers of other days differ by their date.

`K261123-7F3K-9QXMC` is written in Crockford's base 32, which has no I, L, O and U: what a person reads aloud or
copies wrong is read as the character that looks like it, and Luhn's check mod 32 finds one changed character and
nearly every exchange of two neighbours.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from stdnum import luhn

from bot.clock import in_tokyo
from bot.register.models import Request
from bot.storage.restorations import last_restoration

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_CHARACTERS = 8
_RESTORED = ALPHABET[-1]
_MOMENT_CHARACTERS = 3
_MOMENTS_A_DAY: int = len(ALPHABET) ** _MOMENT_CHARACTERS
_DAY = timedelta(days=1)
_LOOK_ALIKE = str.maketrans("ILO", "110")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−ー]+")
_SHAPE = re.compile(rf"K(\d{{6}})([{ALPHABET}]{{4}})([{ALPHABET}]{{5}})")


def next_number(session: Session, received_at: datetime) -> str:
    """A number for a request that arrives at this moment, which this database has not given, nor one before it."""
    restored_at = last_restoration(session)
    number = new_number(received_at, restored_at)
    # A restored database has a million numbers left for its first day, so that it looks before it gives one.
    while restored_at is not None and session.scalar(select(exists().where(Request.number == number))):
        number = new_number(received_at, restored_at)
    return number


def new_number(received_at: datetime, restored_at: datetime | None = None) -> str:
    """A number nobody can guess, for a request that arrives at this moment.

    Args:
        received_at: the moment.
        restored_at: when the database was last restored from a backup, if it ever was.
    """
    is_its_day = restored_at is not None and in_tokyo(restored_at).date() == in_tokyo(received_at).date()
    series = _series_of(restored_at) if restored_at is not None and is_its_day else secrets.choice(ALPHABET[:-1])
    random = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_CHARACTERS - len(series)))
    bare = f"K{in_tokyo(received_at):%y%m%d}{series}{random}"
    return _spell(bare + luhn.calc_check_digit(bare, alphabet=ALPHABET))


def end_of_series(restored_at: datetime) -> datetime:
    """The moment from which a further restoration has numbers of its own; until then nothing may be filed."""
    # Rounded up, or it would lie a part of a microsecond before the end.
    return _midnight_of(restored_at) - (-_DAY * (_moment_of(restored_at) + 1) // _MOMENTS_A_DAY)


def _series_of(restored_at: datetime) -> str:
    moment, base = _moment_of(restored_at), len(ALPHABET)
    return _RESTORED + "".join(ALPHABET[moment // base**place % base] for place in reversed(range(_MOMENT_CHARACTERS)))


def _moment_of(restored_at: datetime) -> int:
    return (restored_at - _midnight_of(restored_at)) * _MOMENTS_A_DAY // _DAY


def _midnight_of(moment: datetime) -> datetime:
    return in_tokyo(moment).replace(hour=0, minute=0, second=0, microsecond=0)


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
