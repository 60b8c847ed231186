"""Passwords of local accounts: long, not easily guessed, and kept as argon2id hashes alone.

There are no rules of composition and no expiry; length and a guess at how soon it would be guessed decide (OWASP ASVS
5.0, 6.2.1 to 6.2.12; NIST SP 800-63B, 3.1.1). Hashing takes a tenth of a second: callers do it in a thread, outside of
any transaction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from bot.errors import BadInputError

SHORTEST = 15
LONGEST = 200
# zxcvbn takes no more, and what is weak beyond it is not weak as a whole.
_GUESSED_AT = 72
# Its scale of 0 to 4: below 3, somebody with the stolen hashes would soon have it.
_LEAST_SCORE = 3
_WORDS_OF_OURS = ("madoguchi", "窓口", "privacy", "console")

_HASHER = PasswordHasher()


class PasswordIsWeakError(BadInputError):
    """A new password cannot be taken; the text is for the person who chose it, and does not repeat it."""


def check(password: str, known: Iterable[str]) -> None:
    """Refuses what is too short, too long, common or made of what everybody knows of the person.

    Args:
        password: as it was typed.
        known: id, name and address of the person, and the like.

    Raises:
        PasswordIsWeakError: it is refused; says why.
    """
    folded = _folded(password)
    if len(folded) < SHORTEST:
        raise PasswordIsWeakError(f"パスワードは{SHORTEST}文字以上にしてください。")
    if len(folded) > LONGEST:
        raise PasswordIsWeakError(f"パスワードは{LONGEST}文字以内にしてください。")
    if zxcvbn(folded[:_GUESSED_AT], user_inputs=_words(known))["score"] < _LEAST_SCORE:
        raise PasswordIsWeakError(
            "このパスワードは推測されやすいため使えません。よくある語・並び・繰り返しや、お名前・IDを避けてください。"
        )


def hash_of(password: str) -> str:
    """What is stored of it: argon2id with a salt of its own."""
    return _HASHER.hash(_folded(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password of this hash. Without one it takes as long to say no."""
    try:
        is_right = _HASHER.verify(stored or _nobodys(), _folded(password))
    except (VerificationError, InvalidHashError):
        return False
    return is_right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the library's defaults have grown since this hash was made."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobodys() -> str:
    return _HASHER.hash("of nobody at all")


def _folded(password: str) -> str:
    # The same key gives another character on another keyboard; NIST SP 800-63B asks for one normal form.
    return unicodedata.normalize("NFKC", password)


def _words(known: Iterable[str]) -> list[str]:
    return [*_WORDS_OF_OURS, *(word for text in known for word in re.split(r"[\W_]+", text) if word)]
