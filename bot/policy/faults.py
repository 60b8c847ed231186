"""Errors of the policy room: each says what cannot be used, and in which file and line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.errors import BadInputError


class PolicyIsUnknownError(BadInputError):
    """The corpus holds no policy of this id, or no such version of it."""

    _told = "この方針か、この日付の版はありません。"


class FrontMatterIsWrongError(BadInputError):
    """The head of the Markdown lacks something or contradicts the file it stands in; `field` names the line of it."""

    def __init__(self, path: Path, what: str, *, field: str = "") -> None:
        super().__init__(f"{path}: front matter: {field and f'{field}: '}{what}")
        self._told = f"構成の先頭（--- ではさんだ部分）{field and f'の {field} '}に、誤りか不足があります。"


class EncodingIsWrongError(BadInputError):
    """A file of the corpus is not UTF-8."""

    def __init__(self, path: Path, byte: int) -> None:
        super().__init__(f"{path}: not UTF-8 (byte {byte})")
        self._told = f"{path.name} の文字コードが UTF-8 ではありません。"


class SourceHasChangedError(BadInputError):
    """The source text is not the one the Markdown was made from."""

    _told = "本文が、構成を作ったときのものと違います。構成の先頭の sha256 は変えられません。"

    def __init__(self, path: Path, *, expected: str, found: str) -> None:
        super().__init__(f"{path}: sha256 is {found}, the front matter says {expected}")


class MarkupIsUnsupportedError(BadInputError):
    """The Markdown holds something that gives no structure to text of the source."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}")
        self._told = (
            f"{line}行目に、使えない書き方があります。"
            "使えるのは見出し、段落、箇条書き、引用、表です。番号つきの箇条書きは「1\\.」のように書いてください。"
        )


class TextDiffersFromSourceError(BadInputError):
    """A text node of the Markdown does not stand at its place in the source, or text of the source is left out."""

    def __init__(self, path: Path, line: int, *, markdown: str, source: str) -> None:
        super().__init__(f"{path}:{line}: the Markdown says 「{markdown}」 where the source says 「{source}」")
        self._told = f"{line}行目は構成では「{markdown}」ですが、本文では「{source}」です。"


class LabelIsUnknownError(BadInputError):
    """The front matter renames a section label that the policy does not have."""

    def __init__(self, path: Path, label: str, known: list[str]) -> None:
        super().__init__(
            f"{path}: front matter: labels: no section is labelled {label!r}; there are {', '.join(known)}"
        )
        self._told = f"labels にある条項「{label}」は、この方針にありません。"


class EntryIsWrongError(BadInputError):
    """A list that people write beside a policy (cards, gaps) holds an entry that cannot be used."""

    def __init__(self, path: Path, line: int, what: str, *, where: Sequence[str] = ()) -> None:
        super().__init__(f"{path}:{line}: {': '.join([*where, what])}")
        entry = f"（{': '.join(where)}）" if where else ""
        self._told = f"{path.name} の{line}行目{entry}に、誤りか不足があります。"


class QuoteIsMissingError(BadInputError):
    """A quotation does not stand in the policy as it is written."""

    def __init__(self, policy_id: str, version: str, quote: str) -> None:
        super().__init__(f"{policy_id} {version}: the policy does not say 「{quote}」")
        self._told = f"方針にない引用です「{quote}」"


class RangeIsOutsideThePolicyError(BadInputError):
    """A range to cite is empty, or lies outside the sections of the policy."""

    def __init__(self, policy_id: str, start: int, end: int) -> None:
        super().__init__(f"{policy_id}: {start}-{end} is no range of one section")
