"""The code that is printed for whoever can get no mail: fifteen random characters and one that checks them.

It is spelled like a receipt number, in Crockford's base 32 with Luhn's check, in four groups of four: 75 random bits.
"""

from __future__ import annotations

import secrets

from stdnum import luhn

from bot.register.numbers import ALPHABET, read_characters

_RANDOM_CHARACTERS = 15
_GROUP = 4


def new_resume_code() -> str:
    """A code nobody can guess."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM_CHARACTERS))
    return _spell(random + luhn.calc_check_digit(random, alphabet=ALPHABET))


def read_resume_code(text: str) -> str | None:
    """The code a person wrote, in its one spelling, or None when it is no code or a mistyped one."""
    bare = read_characters(text)
    if len(bare) != _RANDOM_CHARACTERS + 1 or not set(bare).issubset(ALPHABET):
        return None
    return _spell(bare) if luhn.is_valid(bare, alphabet=ALPHABET) else None


def _spell(bare: str) -> str:
    return "-".join(bare[place : place + _GROUP] for place in range(0, len(bare), _GROUP))
