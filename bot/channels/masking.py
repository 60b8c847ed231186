"""Takes contact and identity data out of what a member typed, before anything is stored.

Matching looks at a folded copy (NFKC, one kind of dash), so that full-width digits and Japanese dashes do not slip
through; what is replaced are the member's own characters, everything else stays as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import luhn
from stdnum.jp import in_ as my_number

_DASHES = frozenset("‐‑‒–—―−ーｰ－─━")
_GAP = r"[ .-]?"
_EMAIL = re.compile(r"[\w.%+-]{1,64}\s{0,2}@\s{0,2}[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.ASCII)
_DIGITS_12 = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{11}}(?!{_GAP}\d)")
_DIGITS_CARD = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{12,18}}(?!{_GAP}\d)")
_PHONE = re.compile(r"(?<![\d-])(?:\+81[ -]?[1-9]\d{0,3}|0\d{1,4})[ (-]?\d{1,4}[ )-]?\d{3,4}(?![\d-])")
_POSTAL = re.compile(r"〒\s{0,2}\d{3}-?\d{4}(?!\d)|(?<![A-Za-z\d-])\d{3}-\d{4}(?![A-Za-z\d-])")
_RECEIPT = re.compile(r"K\d{6}-?[0-9A-Z]{4}-?[0-9A-Z]{5}(?![0-9A-Z])", re.IGNORECASE)
_LICENCE_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_PHONE_LENGTHS = (10, 11)
_NAME_DISTANCE = 20


@dataclass(frozen=True)
class Masked:
    """A text without contact and identity data, and which sorts of them it had."""

    text: str
    sorts: tuple[str, ...]


@dataclass(frozen=True)
class _Find:
    start: int
    end: int
    sort: str


def mask(text: str, *, spared: frozenset[str] = frozenset()) -> Masked:
    """Replaces e-mail addresses, phone, card, My Number and licence numbers and postal codes by their names.

    Args:
        text: what the member typed.
        spared: what may stay, as `contact_data` gives it: the addresses that the policy itself prints.
    """
    folded, origins = _fold(text)
    finds = [find for find in _finds(folded) if _key(folded[find.start : find.end]) not in spared]
    pieces, done = [], 0
    for find in finds:
        pieces += [text[done : origins[find.start]], f"［{find.sort}］"]
        done = origins[find.end - 1] + 1
    return Masked("".join([*pieces, text[done:]]), tuple(dict.fromkeys(find.sort for find in finds)))


def contact_data(text: str) -> frozenset[str]:
    """Every address and number in `text`, in the form in which `mask` compares them."""
    folded, _ = _fold(text)
    return frozenset(_key(folded[find.start : find.end]) for find in _finds(folded))


def _fold(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in `text` it comes from."""
    characters: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        folded = "-" if character in _DASHES else unicodedata.normalize("NFKC", character)
        characters += folded
        origins += [place] * len(folded)
    return "".join(characters), origins


def _key(found: str) -> str:
    return re.sub(r"[\s().-]", "", found).lower() if "@" not in found else re.sub(r"\s", "", found).lower()


def _finds(folded: str) -> list[_Find]:
    """What to replace, from left to right, none overlapping; an earlier detector wins over a later one."""
    taken = [match.span() for match in _RECEIPT.finditer(folded)]
    finds: list[_Find] = []
    for detector in _DETECTORS:
        for find in detector(folded):
            if all(find.end <= start or end <= find.start for start, end in taken):
                taken.append((find.start, find.end))
                finds.append(find)
    return sorted(finds, key=lambda find: find.start)


def _emails(folded: str) -> Iterator[_Find]:
    return _matches(_EMAIL, folded, "メールアドレス")


def _cards(folded: str) -> Iterator[_Find]:
    return _matches(_DIGITS_CARD, folded, "カード番号", luhn.is_valid)


def _my_numbers(folded: str) -> Iterator[_Find]:
    return _named_or_valid(folded, "マイナンバー", re.compile("マイナンバ|個人番号"), my_number.is_valid)


def _licences(folded: str) -> Iterator[_Find]:
    return _named_or_valid(folded, "免許証番号", re.compile("免許"), _is_licence)


def _phones(folded: str) -> Iterator[_Find]:
    for match in phonenumbers.PhoneNumberMatcher(folded, "JP"):
        yield _Find(match.start, match.end, "電話番号")
    yield from _matches(_PHONE, folded, "電話番号", _has_phone_length)


def _postal_codes(folded: str) -> Iterator[_Find]:
    return _matches(_POSTAL, folded, "郵便番号")


_DETECTORS: tuple[Callable[[str], Iterable[_Find]], ...] = (
    _emails,
    _cards,
    _my_numbers,
    _licences,
    _phones,
    _postal_codes,
)


def _matches(
    pattern: re.Pattern[str], folded: str, sort: str, holds: Callable[[str], bool] | None = None
) -> Iterator[_Find]:
    for match in pattern.finditer(folded):
        if holds is None or holds(re.sub(r"\D", "", match.group())):
            yield _Find(match.start(), match.end(), sort)


def _named_or_valid(folded: str, sort: str, name: re.Pattern[str], holds: Callable[[str], bool]) -> Iterator[_Find]:
    """Twelve digits with the right check digit, or with the number's name shortly before them: people mistype."""
    for match in _DIGITS_12.finditer(folded):
        before = folded[max(0, match.start() - _NAME_DISTANCE) : match.start()]
        if holds(re.sub(r"\D", "", match.group())) or name.search(before):
            yield _Find(match.start(), match.end(), sort)


def _is_licence(digits: str) -> bool:
    """Whether the eleventh of twelve digits is the check digit of a Japanese driving licence."""
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, _LICENCE_WEIGHTS, strict=False)) % 11
    check = 0 if remainder in (0, 1) else 11 - remainder
    return int(digits[10]) == check


def _has_phone_length(digits: str) -> bool:
    national = "0" + digits[2:] if digits.startswith("81") else digits
    return len(national) in _PHONE_LENGTHS
