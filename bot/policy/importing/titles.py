"""Does a text look like a heading, and where does a heading end whose sentence follows on the same line?"""

from __future__ import annotations

import re
import unicodedata

from bot.policy.importing.vocabulary import heading_words

_LONGEST = 60
_LONGEST_PLAIN = 32
_LONGEST_SPACED = 48
_MOST_COMMAS = 3
_SENTENCE = re.compile(r"[。！？]|(?:ます|ません|です|ました|ください)[)）」]?$")
_OPEN_END = re.compile(r"[、，,:：;；]$|(?:[はがを]|(?<!も)の|および|及び|または|又は)$")
_COMPANY = re.compile(r"(?:株式|有限|合同|合資|合名)会社|法人|組合|代表取締役|院長|理事長|\(株\)|\(有\)")
_NUMBERS = re.compile(r"[\d〒@]{3,}|\d年|\d月|@|https?:")
_BRACKETED = re.compile(r"\s*[（(【〔\[][^（()）【】〔〕\[\]]{1,40}[)）】〕\]]\s*")
_GAP = re.compile(r"\S(?:\t| {2,}|\u3000)\S")
_NOTES = re.compile(r"[(（「『\[【][^()（）「」『』\[\]【】]*[)）」』\]】]")
_MARKED = re.compile(r"[■□◆◇●○◎★☆▼▽▲△▶►◼◾§❖✔✓☑]\s*(?=\S)")
_MARKED_TITLE = re.compile(r"\W{1,3}.{0,16}(?:プライバシー・?ポリシー|保護方針|取り?扱い(?:について)?)\W{0,3}")
_FRAMED = re.compile(
    r"(?:【[^【】]{1,40}】|〔[^〔〕]{1,40}〕|〈[^〈〉]{1,40}〉|《[^《》]{1,40}》|＜[^＜＞]{1,40}＞|<[^<>/]{1,40}>)\s*"
)


def folded(text: str) -> str:
    """For comparing with known words: NFKC, white space as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_sentence(text: str) -> bool:
    """Whether a text is one that someone says, not a heading, a menu or a row; notes in brackets do not count."""
    words = folded(text)
    return _SENTENCE.search(_NOTES.sub("", words).strip() or words) is not None


def is_title(text: str) -> bool:
    """Whether the words after a number can be its heading: not a sentence, not half of one, not long."""
    words = folded(text)
    if not words or len(words) > _LONGEST or is_sentence(words) or _OPEN_END.search(words):
        return False
    return (
        len(re.findall(r"[、，]", words)) < _MOST_COMMAS
        and not _NUMBERS.search(words)
        and not re.search(r"[:：].", words)
    )


def is_plain_title(text: str) -> bool:
    """Whether a line that nothing marks as a heading reads like one."""
    words = folded(text)
    if len(words) > _LONGEST_PLAIN or not is_title(text) or _COMPANY.search(words) or _GAP.search(text):
        return False
    return is_known(text) or _ends_like_heading(words)


def is_known(text: str) -> bool:
    """Whether the whole text is a heading that many policies have."""
    return heading_words("topics").fullmatch(folded(text)) is not None


def is_term(text: str) -> bool:
    """Whether the whole text is what a few words or a list usually follow: 共同して利用する者の範囲 and the like."""
    return heading_words("terms").fullmatch(folded(text)) is not None


def is_document_title(text: str) -> bool:
    """Whether a short line can be the name of the whole policy."""
    words = folded(text)
    if len(words) > _LONGEST_SPACED or is_sentence(words) or re.search(r"[>|｜＞]", words):
        return False
    return heading_words("titles").search(words) is not None


def is_marked_title(text: str) -> bool:
    """Whether a line like ■プライバシーポリシー■ is the name of the whole policy all the same."""
    return _MARKED_TITLE.fullmatch(folded(text)) is not None


def mark_of(text: str) -> str:
    """The sign that begins a line like ■見出し, or the kind of bracket around the whole heading; empty for none."""
    match = _MARKED.match(text) or _FRAMED.match(text)
    return match[0][0] if match else ""


def framed_length(text: str) -> int:
    """How long the bracketed heading is that a text begins with: 【見出し】."""
    match = _FRAMED.match(text)
    return len(match[0].rstrip()) if match else 0


def title_length(text: str, *, is_article: bool) -> tuple[int, bool]:
    """How many characters of the text after a number are its heading, and whether that is a guess.

    Args:
        text: what follows the number, up to the end of the line.
        is_article: whether the number is 第n条, whose heading is usually a bracket.
    """
    bracket = _BRACKETED.match(text)
    if is_article and bracket is not None:
        return len(bracket[0].rstrip()), False
    if is_title(text):
        return len(text), False
    spaced = _spaced_length(text)
    if spaced:
        return spaced, False
    glued = _glued_length(text)
    return glued, glued > 0


def _spaced_length(text: str) -> int:
    """The heading before a space that parts it from a sentence."""
    for space in re.finditer(r"\s+", text[: _LONGEST_SPACED + 1]):
        head, rest = text[: space.start()], text[space.end() :]
        is_head = is_title(head) and head[-1] not in "にで"
        if is_head and _begins_anew(rest) and _parts_here(text, space.start(), space.end()):
            return space.start()
    return 0


def _parts_here(text: str, before: int, after: int) -> bool:
    """Whether a space lies between Japanese words, or after a heading that many policies have."""
    head = text[:before]
    return (not head[-1].isascii() and not text[after].isascii()) or is_known(head) or _starts_sentence(text[after:])


def _begins_anew(rest: str) -> bool:
    return bool(rest) and re.match(r"[をにはがのともへで、。)）」](?!\w*（)", rest) is None


def _starts_sentence(rest: str) -> bool:
    return heading_words("starters").match(folded(rest[:20])) is not None


def _glued_length(text: str) -> int:
    """The heading that runs on into its sentence: cut after words of headings, before words that begin sentences."""
    first = re.search(r"[。、]", text)
    limit = min(_LONGEST_SPACED, first.start() if first else len(text))
    cuts = [cut for cut in range(2, limit) if _starts_sentence(text[cut:])]
    known = [cut for cut in cuts if is_known(text[:cut])]
    shaped = [cut for cut in cuts if is_title(text[:cut]) and _ends_like_heading(folded(text[:cut]))]
    return next(iter([*known, *shaped]), 0)


def _ends_like_heading(words: str) -> bool:
    bare = re.sub(r"[(（][^()（）]*[)）]$", "", words)
    return re.search(rf"(?:{heading_words('endings').pattern})$", bare) is not None
