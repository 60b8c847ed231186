"""An import laid open for review: every section with its first words, and the doubts that stand in it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.policy.importing.doubts import Doubt
from bot.policy.model import Policy, Section

_FIRST_WORDS = 60
_AROUND = 30

KINDS = {
    "numbering": "番号の続き方が前後と合いません。条項の区切りが正しいかを見てください。",
    "heading": "見出しの終わりを推測しました。見出しと本文の境目を見てください。",
    "navigation": "案内やメニューと見て、方針の外に置いたか、置けずに残しました。方針の文かどうかを見てください。",
    "table": "表と推測しました。行と列の分かれ方を見てください。",
    "list": "箇条書きと推測しました。項目の分かれ方を見てください。",
    "reading": "ファイルの読み取りに推測があります。文字化けや抜けがないかを見てください。",
    "controller": "事業者名を推測しました。正しい名称かを見てください。",
}
"""What the importer may be unsure about, as staff read it."""


@dataclass(frozen=True)
class DoubtView:
    """One doubt and the words around its place; `words` is empty for a doubt about the whole."""

    kind: str
    before: str
    words: str


@dataclass(frozen=True)
class SectionView:
    """One section; doubtful ones are to be looked at first."""

    label: str
    heading: str
    level: int
    first_words: str
    passages: int
    doubts: tuple[DoubtView, ...]


@dataclass(frozen=True)
class Review:
    """Everything to look at: doubts about the whole text or what lies outside every section, then the sections."""

    general: tuple[DoubtView, ...]
    sections: tuple[SectionView, ...]

    @property
    def doubtful(self) -> int:
        """How many sections hold a doubt."""
        return sum(bool(section.doubts) for section in self.sections)


def review_of(policy: Policy, doubts: tuple[Doubt, ...]) -> Review:
    """The import as a person reviews it."""
    by_section: dict[str, list[DoubtView]] = {}
    general: list[DoubtView] = []
    for doubt in doubts:
        section = policy.section_at(doubt.start) if doubt.start is not None else None
        place = by_section.setdefault(section.label, []) if section is not None else general
        place.append(_doubt(doubt, policy.text))
    sections = (_section(section, policy.text, tuple(by_section.get(section.label, ()))) for section in policy.sections)
    return Review(tuple(general), tuple(sections))


def _doubt(doubt: Doubt, text: str) -> DoubtView:
    if doubt.start is None:
        return DoubtView(KINDS[doubt.kind], "", "")
    before = text[max(0, doubt.start - _AROUND) : doubt.start]
    words = text[doubt.start : doubt.start + _FIRST_WORDS]
    return DoubtView(KINDS[doubt.kind], _one_line(before), _one_line(words))


def _section(section: Section, text: str, doubts: tuple[DoubtView, ...]) -> SectionView:
    first = _one_line(text[section.start : section.end])[:_FIRST_WORDS]
    return SectionView(section.label, section.heading, section.level, first, len(section.passages), doubts)


def _one_line(text: str) -> str:
    return " ".join(text.split())
