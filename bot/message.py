"""What a member reads: a message made of typed parts, so that every sentence shows where it comes from.

Three kinds of part exist: `fixed` (a text of this project that a person wrote), `quote` (a verbatim slice of
the policy) and `computed` (a number, a date, a name of a choice). No other text ever reaches a member.
The JSON shapes are the contract of the chat API and of the objects that leave Rasa.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MessageKind = Literal[
    "answer",
    "not_in_policy",
    "clarify",
    "out_of_scope",
    "request",
    "receipt",
    "status",
    "handover",
    "smalltalk",
    "notice",
    "error",
]
Step = Literal["kind", "scope", "confirm", "details"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Citation(_Shape):
    """One contiguous range of the policy's source text.

    `start` and `end` count Unicode code points in `<version>.txt`; `quote` is exactly that slice.
    """

    policy: str
    version: str
    section: str
    heading: str
    quote: str
    start: int = Field(ge=0)
    end: int
    url: str

    @model_validator(mode="after")
    def _range_has_the_quotes_length(self) -> Self:
        if self.end - self.start != len(self.quote):
            raise ValueError(f"citation of {self.section}: the range does not have the length of its quote")
        return self


class Part(_Shape):
    """One piece of a message; a quote names its citation by its place (from 0) in `Message.citations`."""

    type: Literal["fixed", "quote", "computed"]
    text: str
    citation: int | None = None


class Choice(_Shape):
    """A button. Inside, `payload` is what Rasa gets; the gateway swaps it for an opaque `id`."""

    title: str
    payload: str | None = None
    id: str | None = None


class Link(_Shape):
    """A page of ours (the secure page of a request)."""

    url: str
    title: str


class Receipt(_Shape):
    """Proof of a committed filing; `received_at` is ISO 8601 with the +09:00 offset."""

    number: str
    received_at: str
    kind: str


class RequestRef(_Shape):
    """Which request a message belongs to, and the step it is at."""

    kinds: tuple[str, ...]
    step: Step


class Message(_Shape):
    """One message to a member.

    `context` and `trace` travel only between Rasa and the gateway: ids for the next turn, and what staff may
    look at. The gateway keeps both and strips them.
    """

    kind: MessageKind
    parts: tuple[Part, ...] = Field(min_length=1)
    citations: tuple[Citation, ...] = ()
    choices: tuple[Choice, ...] = ()
    link: Link | None = None
    receipt: Receipt | None = None
    request: RequestRef | None = None
    context: dict[str, Any] | None = None
    trace: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _quotes_are_their_citations(self) -> Self:
        for part in self.parts:
            if (part.type == "quote") != (part.citation is not None):
                raise ValueError("a quote, and only a quote, names a citation")
            if part.citation is not None and self.citations[part.citation].quote != part.text:
                raise ValueError("a quote differs from its citation")
        return self

    @property
    def text(self) -> str:
        """The plain rendering: quotes in 「」, and after each run of quotes the place they stand at."""
        lines: list[str] = []
        for position, part in enumerate(self.parts):
            if part.citation is None:
                lines.append(part.text)
                continue
            lines.append(f"「{part.text}」")
            heading = self.citations[part.citation].heading
            if self._heading_after(position) != heading:
                lines.append(f"（{heading}）")
        return "\n".join(lines)

    def _heading_after(self, position: int) -> str | None:
        following = self.parts[position + 1 : position + 2]
        citation = following[0].citation if following else None
        return None if citation is None else self.citations[citation].heading

    def to_wire(self) -> dict[str, Any]:
        """The JSON object that leaves Rasa: everything that is set, absent fields left out."""
        return self.model_dump(mode="json", exclude_defaults=True) | {"kind": self.kind}

    def to_public(self) -> dict[str, Any]:
        """The JSON object a member's client gets: with `text`, without context, trace and payloads."""
        public = self.model_dump(
            mode="json",
            exclude_defaults=True,
            exclude={"context": True, "trace": True, "choices": {"__all__": {"payload"}}},
        )
        return public | {"kind": self.kind, "text": self.text}


def fixed(text: str) -> Part:
    """A text of this project."""
    return Part(type="fixed", text=text)


def computed(text: str) -> Part:
    """A value this project worked out: a number, a date, the name of what was chosen."""
    return Part(type="computed", text=text)
