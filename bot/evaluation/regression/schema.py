"""What a file of cases may hold, written as YAML: the shape of a set, of a case and of a step."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.evaluation.regression.cases import Way
from bot.message import MessageKind
from bot.register.kinds import Kind

CASE_ID = r"^[a-z0-9][a-z0-9-]{0,63}$"
_LONGEST = 1000


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[str, Field(min_length=1, max_length=_LONGEST)]
Several = Annotated[list[Words], BeforeValidator(_listed)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Step(_Shape):
    """What a member does, and what must come of it.

    Attributes:
        say: what they type; or
        press: the title of the button they press, or its beginning; `first` is the first.
        expect: kinds of message, of which the first message must have one.
        sections: labels of the policy's sections, of which one must be cited.
        include: words that must be read.
        exclude: words that must not.
        requests: kinds of request that must be understood, all of them and no other.
        forbid: kinds of message or request that must not come.
    """

    say: Words | None = None
    press: Words | None = None
    expect: Annotated[list[MessageKind], BeforeValidator(_listed)] = []
    sections: Several = []
    include: Several = []
    exclude: Several = []
    requests: Annotated[list[Kind], BeforeValidator(_listed)] = []
    forbid: Annotated[list[MessageKind | Kind], BeforeValidator(_listed)] = []

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if (self.say is None) == (self.press is None):
            raise ValueError("a step either says or presses something")
        return self

    def wants(self) -> bool:
        """Whether anything is expected of it."""
        return any((self.expect, self.sections, self.include, self.exclude, self.requests, self.forbid))


class CaseShape(Step):
    """One case: its first step, and what follows (`then`)."""

    id: str = Field(pattern=CASE_ID)
    note: Annotated[str, Field(max_length=_LONGEST)] = ""
    source: Annotated[str, Field(max_length=200)] = ""
    then: list[Step] = []

    @model_validator(mode="after")
    def _begins_with_words_and_expects_something(self) -> Self:
        if self.say is None:
            raise ValueError("a case begins with what is said")
        if not (self.wants() or any(step.wants() for step in self.then)):
            raise ValueError("a case expects something")
        return self

    def to_yaml(self) -> dict[str, Any]:
        """The case as it is written into a file: only what it says, lists of one as that one."""
        told = self.model_dump(mode="json", exclude_defaults=True)
        order = ("id", "note", "source", "say", "press", "expect", "sections", "include", "exclude", "requests")
        return {name: _short(told[name]) for name in (*order, "forbid", "then") if name in told}


class SetShape(_Shape):
    """The whole file."""

    title: Annotated[str, Field(min_length=1, max_length=80)]
    about: Annotated[str, Field(max_length=300)] = ""
    way: Way = "answers"
    short: bool = False
    passing: float = Field(1.0, gt=0, le=1)
    cases: list[CaseShape] = Field(min_length=1)


def _short(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return [{name: _short(each) for name, each in step.items()} for step in value]
        return value[0] if len(value) == 1 else value
    return value
