"""Which language a typed text is in, if it is one of those this desk has texts for and not Japanese.

Japanese members write kanji without kana (「個人情報開示請求」) and words in Latin letters (「Cookie?」, 「IDFA」), and
no statistical model tells those from Chinese and English. So the script decides first, a text needs to be a sentence
before Latin letters count, and only between English, Vietnamese and Portuguese does a model choose.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # it carries no types

from actions.languages.texts import open_language

_KANA = re.compile(r"[ぁ-ゖァ-ヺ]")
_HANGUL = re.compile(r"[ᄀ-ᇿ㄰-㆏가-힣]")
_HAN = re.compile(r"[々㐀-鿿豈-﫿]")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SYLLABLE = r"(?:[kgsztdnhbpmyrwjf]|[kgnhbpmrj]y|sh|ch|ts|kk|tt|pp|ss|cch|tch)?[aiueo]n?"
_ROMAJI = re.compile(rf"(?:{_SYLLABLE})+")
_VIETNAMESE = re.compile("[đơư]|[aăâeêioôơuưy][\u0309\u0323]|[ăâêôơư][\u0300\u0301\u0303]")
_PORTUGUESE = re.compile("[ãõ]|ç[ãaõoe]")
_LATIN = ("en", "vi", "pt")
# Fewer words than these are names and terms as a Japanese member drops them, unless they are a greeting.
_SENTENCE = 3
_LOWER = 2


def language_of(text: str) -> str | None:
    """The code of the language (one of `CODES`), or None for Japanese and everything that is no language."""
    folded = unicodedata.normalize("NFKC", text)
    if _KANA.search(folded):
        return None
    if _HANGUL.search(folded):
        return "ko"
    if _HAN.search(folded):
        return _chinese(folded)
    return _latin(unicodedata.normalize("NFC", folded))


def plain(text: str) -> str:
    """The text as the patterns of a language file see it: lower case, Latin letters without their marks."""
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold().replace("đ", "d"))
    return unicodedata.normalize("NFC", re.sub("(?<=[a-z])[\u0300-\u036f]+", "", apart))


def _chinese(text: str) -> str | None:
    is_foreign = any(not _can_be(char, "cp932") for char in _HAN.findall(text))
    if not is_foreign and not _chinese_marks().search(text):
        return None
    han = _HAN.findall(text)
    simplified = sum(not _can_be(char, "big5") for char in han)
    traditional = sum(not _can_be(char, "gb2312") for char in han)
    return "zh-hant" if traditional > simplified else "zh-hans"


def _latin(text: str) -> str | None:
    bare = plain(text).strip(" \t\n.,!?¡¿…~-")
    for code in _LATIN:
        if bare and open_language(code).greetings.fullmatch(bare):
            return code
    tokens = [token.strip(".,;:!?()[]\"'“”‘’¡¿…") for token in text.split()]
    words = [token for token in tokens if _WORD.fullmatch(token)]
    marked = unicodedata.normalize("NFD", text.casefold())
    if len(words) < _SENTENCE or sum(word[0].islower() for word in words) < _LOWER:
        return None
    if _VIETNAMESE.search(text.casefold()) or _VIETNAMESE.search(marked):
        return "vi"
    if _PORTUGUESE.search(text.casefold()):
        return "pt"
    if all(_ROMAJI.fullmatch(plain(word)) for word in words):
        return None
    # A language this desk has no texts in is most likely read together with English.
    found = str(_identifier().classify(text)[0])
    return found if found in _LATIN else "en"


def _can_be(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1)
def _chinese_marks() -> re.Pattern[str]:
    rows = yaml.safe_load(Path(__file__).with_name("chinese.yml").read_text(encoding="utf-8"))
    return re.compile(rows["marks"])


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_LATIN))
    return identifier
