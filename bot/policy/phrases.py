"""The fixed sentences around quotes that staff may reword for a policy.

`phrases.yml` of a policy's folder holds those that are worded otherwise than in `bot/policy/texts.py`. What says that
something is not in the policy is none of them: 「この方針には書かれていません」 is a promise of the product, and other
rooms know an open question by these sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

from pydantic import Field, field_validator

from bot.policy import texts
from bot.policy.entries import Entry, read_entries

FILE_NAME = "phrases.yml"
LONGEST = 120
# A phrase leads to facts and states none: an address, a number or a quotation in it would be words of nobody.
_FACT = re.compile(r"https?:|www\.|[@＠「」『』0-9０-９〇]|[一二三四五六七八九十百]+(?:円|日|か月|年|週間|時間|条)")


@dataclass(frozen=True)
class Phrases:
    """The sentences as they are said; the field's name is the entry's id."""

    answer: str = texts.ANSWER
    related: str = texts.RELATED
    nearest: str = texts.NEAREST
    no_easy_text: str = texts.NO_EASY_TEXT
    clarify: str = texts.CLARIFY
    clarify_which: str = texts.CLARIFY_WHICH
    out_of_scope_service: str = texts.OUT_OF_SCOPE["service"]
    out_of_scope_law: str = texts.OUT_OF_SCOPE["law"]

    @property
    def all(self) -> frozenset[str]:
        """Every sentence."""
        return frozenset(getattr(self, field.name) for field in fields(self))

    def out_of_scope(self, reply: str) -> str:
        """What is said to a question of this sort (`service`, `law`)."""
        sentence: str = getattr(self, f"out_of_scope_{reply}")
        return sentence


BUILT_IN = Phrases()

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "answer": "方針の言葉で答えるときの前置き",
        "related": "関係する記載を続けるときの前置き",
        "nearest": "書かれていないときに、近い記載を示す前置き",
        "no_easy_text": "やさしい言い方の文がないとき",
        "clarify": "質問の意味をたずねるとき",
        "clarify_which": "いくつかの候補から選んでもらうとき",
        "out_of_scope_service": "個人情報の取扱い以外の質問のとき",
        "out_of_scope_law": "法律の条文や法的な判断をたずねられたとき",
    }
)
"""What each phrase is for, as staff read it."""


class PhraseEntry(Entry):
    """A phrase as it is written.

    Attributes:
        id: which one; a field of `Phrases`.
        text: what is said instead.
    """

    text: str = Field(min_length=1, max_length=LONGEST)

    @field_validator("id")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in TITLES:
            raise ValueError(f"no phrase has this id; there are {', '.join(TITLES)}")
        return value

    @field_validator("text")
    @classmethod
    def _states_nothing(cls, value: str) -> str:
        fault = fault_of(value)
        if fault:
            raise ValueError(fault)
        return value


def fault_of(text: str) -> str:
    """Why a sentence cannot be a phrase, as staff read it; empty when it can."""
    if not text.strip() or "\n" in text:
        return "文を1行で入力してください。"
    if len(text) > LONGEST:
        return f"{LONGEST}文字以内にしてください。"
    if _FACT.search(text):
        return "数字、アドレス、引用のかぎかっこは使えません。事実は方針の引用だけが述べます。"
    return ""


def load_phrases(folder: Path) -> Phrases:
    """The phrases of a policy's folder; the built-in ones where it words none.

    Raises:
        BadInputError: the file cannot be read; the message names line, phrase and fault.
    """
    return Phrases(**{entry.id: entry.text for entry in read_entries(folder / FILE_NAME, PhraseEntry)})
