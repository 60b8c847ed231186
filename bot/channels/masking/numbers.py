"""Contact and identity data in a folded text: e-mail addresses, numbers and postal codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import phonenumbers
from stdnum import luhn
from stdnum.jp import in_ as my_number

from bot.channels.masking.find import Find

_GAP = r"[ .-]?"
_EMAIL = re.compile(r"[\w.%+-]{1,64}\s{0,2}@\s{0,2}[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.ASCII)
_DIGITS_12 = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{11}}(?!{_GAP}\d)")
_DIGITS_CARD = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{12,18}}(?!{_GAP}\d)")
_PHONE = re.compile(r"(?<![\d-])(?:\+81[ -]?[1-9]\d{0,3}|0\d{1,4})[ (-]?\d{1,4}[ )-]?\d{3,4}(?![\d-])")
_POSTAL = re.compile(r"〒\s{0,2}\d{3}-?\d{4}(?!\d)|(?<![A-Za-z\d-])\d{3}-\d{4}(?![A-Za-z\d-])")
_LICENCE_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_PHONE_LENGTHS = (10, 11)
_NAME_DISTANCE = 20


def contact_data(dashed: str) -> Iterator[Find]:
    """Addresses and numbers in a folded text with one kind of dash; where two overlap, the first one counts."""
    for detector in _DETECTORS:
        yield from detector(dashed)


def _emails(folded: str) -> Iterator[Find]:
    return _matches(_EMAIL, folded, "メールアドレス")


def _cards(folded: str) -> Iterator[Find]:
    return _matches(_DIGITS_CARD, folded, "カード番号", luhn.is_valid)


def _my_numbers(folded: str) -> Iterator[Find]:
    return _named_or_valid(folded, "マイナンバー", re.compile("マイナンバ|個人番号"), my_number.is_valid)


def _licences(folded: str) -> Iterator[Find]:
    return _named_or_valid(folded, "免許証番号", re.compile("免許"), _is_licence)


def _phones(folded: str) -> Iterator[Find]:
    for match in phonenumbers.PhoneNumberMatcher(folded, "JP"):
        yield Find(match.start, match.end, "電話番号")
    yield from _matches(_PHONE, folded, "電話番号", _has_phone_length)


def _postal_codes(folded: str) -> Iterator[Find]:
    return _matches(_POSTAL, folded, "郵便番号")


_DETECTORS: tuple[Callable[[str], Iterable[Find]], ...] = (
    _emails,
    _cards,
    _my_numbers,
    _licences,
    _phones,
    _postal_codes,
)


def _matches(
    pattern: re.Pattern[str], folded: str, sort: str, holds: Callable[[str], bool] | None = None
) -> Iterator[Find]:
    for match in pattern.finditer(folded):
        if holds is None or holds(re.sub(r"\D", "", match.group())):
            yield Find(match.start(), match.end(), sort)


def _named_or_valid(folded: str, sort: str, name: re.Pattern[str], holds: Callable[[str], bool]) -> Iterator[Find]:
    """Twelve digits with the right check digit, or with the number's name shortly before them: people mistype."""
    for match in _DIGITS_12.finditer(folded):
        before = folded[max(0, match.start() - _NAME_DISTANCE) : match.start()]
        if holds(re.sub(r"\D", "", match.group())) or name.search(before):
            yield Find(match.start(), match.end(), sort)


def _is_licence(digits: str) -> bool:
    """Whether the eleventh of twelve digits is the check digit of a Japanese driving licence."""
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, _LICENCE_WEIGHTS, strict=False)) % 11
    check = 0 if remainder in (0, 1) else 11 - remainder
    return int(digits[10]) == check


def _has_phone_length(digits: str) -> bool:
    national = "0" + digits[2:] if digits.startswith("81") else digits
    return len(national) in _PHONE_LENGTHS
