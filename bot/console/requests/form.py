"""A form of one step as it came: its texts by short names, what was ticked, a file, and what the sender had seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from aiohttp import web

from bot.console.frame.forms import FormIsWrongError, Upload, upload

E = TypeVar("E", bound=StrEnum)
LONGEST = 10_000
_SEEN = "seen"


@dataclass(frozen=True)
class Form:
    """What was filled in; the fields of a step are named `<step>-<field>`, so that no two on a page are alike.

    Attributes:
        step: the end of the form's address.
        seen: the position of the last event that stood on the page.
        texts: every text by its short name.
        ticked: every value of the boxes of one name.
        file: what was chosen in the field `file`.
    """

    step: str
    seen: int
    texts: Mapping[str, str] = field(repr=False)
    ticked: Mapping[str, Sequence[str]] = field(repr=False)
    file: Upload | None = field(repr=False, default=None)

    def __getitem__(self, name: str) -> str:
        """A text, empty when there is none."""
        return self.texts.get(name, "")

    def needed(self, name: str, title: str) -> str:
        """A text that must be there.

        Raises:
            FormIsWrongError: it is empty.
        """
        text = self[name]
        if not text:
            raise FormIsWrongError(f"{title}を入力してください。")
        return text

    def choice(self, name: str, sort: type[E]) -> E:
        """One of the words of a sort.

        Raises:
            FormIsWrongError: it is none of them.
        """
        if self[name] not in {str(each) for each in sort}:
            raise FormIsWrongError("選択肢からひとつ選んでください。")
        return sort(self[name])

    def chosen(self, name: str) -> Sequence[str]:
        """The values of the boxes that were ticked."""
        return self.ticked.get(name, ())


async def read_form(request: web.Request, step: str) -> Form:
    """The form of a step.

    Raises:
        FormIsWrongError: a text is too long, or the form does not say what had been seen.
    """
    sent = await request.post()
    prefix = f"{step}-"
    texts: dict[str, str] = {}
    ticked: dict[str, list[str]] = {}
    for name, value in sent.items():
        if name.startswith(prefix) and isinstance(value, str):
            if len(value) > LONGEST:
                raise FormIsWrongError(f"入力は{LONGEST:,}文字以内にしてください。")
            text = value.replace("\r\n", "\n").strip()
            texts[name.removeprefix(prefix)] = text
            ticked.setdefault(name.removeprefix(prefix), []).append(text)
    seen = sent.get(_SEEN, "")
    if not isinstance(seen, str) or not seen.isascii() or not seen.isdigit() or len(seen) > 9:  # noqa: PLR2004 - digits
        raise FormIsWrongError("画面を開き直してから、もう一度お試しください。")
    return Form(step, int(seen), texts, ticked, await upload(request, f"{prefix}file"))
