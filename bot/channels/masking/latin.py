"""Names in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.channels.masking.dictionary import NAME, NameDictionary
from bot.channels.masking.romaji import in_katakana

_WORD = r"[A-Z][A-Za-z'’-]{2,15}"
_NAME = rf"({_WORD}(?:\s{_WORD}){{0,2}})"
# Before or behind these words anything with a capital is a name.
_INTRODUCED = (
    re.compile(rf"(?i:my name is|name\s?:)\s?{_NAME}"),
    re.compile(r"(?i:my name is|name\s?:)\s?([a-z]{2,15}\s[a-z]{2,15})(?=\s*(?:$|[.,。、]))"),
    re.compile(rf"(?i:I'm|I am|this is)\s{_NAME}"),
    re.compile(rf"{_NAME}\s?(?=(?:と|って)(?:申|もう|いいま|言いま))"),
    re.compile(
        r"(?:名前|氏名|会員名|登録名|名義人?|契約者名?|予約者名?|ローマ字|英語名|私|わたし|僕)(?:[はで:、]|\s)*"
        rf"{_NAME}(?=\s?(?:$|[。、]|です|だ))"
    ),
)
# Here it must sound like a Japanese name, or be one of the dictionary's: LINEさん and LINE Payです are no persons.
_POSSIBLE = (
    re.compile(rf"{_NAME}\s?(?=さん|様|さま|氏|くん|ちゃん)"),
    re.compile(rf"(?:^|[。、!?\s]){_NAME}(?=\s?(?:です|だけど|[。、]|$))"),
)


def latin_names(text: str, dictionary: NameDictionary) -> Iterator[tuple[int, int]]:
    """Where such names stand in a line."""
    for pattern in _INTRODUCED:
        yield from (match.span(1) for match in pattern.finditer(text))
    for pattern in _POSSIBLE:
        for match in pattern.finditer(text):
            if any(_is_known(word, dictionary) for word in match.group(1).split()):
                yield match.span(1)


def _is_known(word: str, dictionary: NameDictionary) -> bool:
    katakana = in_katakana(word)
    return bool(katakana and dictionary.kinds(katakana) & NAME) or bool(dictionary.kinds(word.lower()) & NAME)
