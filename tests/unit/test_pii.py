"""Text that is masked leaves by `reveal` alone."""

from __future__ import annotations

import ast
import copy
import json
import logging
import pickle
import string
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import jinja2
import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic_core import PydanticSerializationError, to_json
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.pii import MASK, Pii, masked, revealed

_WRITTEN = st.text(min_size=1)
_SPECS = st.sampled_from(["", "s", "r", "a", ">40", "^3", ".1", "x", "d", "*<9", "%Y"])


@dataclass(frozen=True)
class _Record:
    name: Pii
    many: tuple[Pii, ...]


class _Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: Pii


def _logged(name: Pii) -> str:
    out = StringIO()
    logger = logging.getLogger("tests.pii")
    handler = logging.StreamHandler(out)
    logger.addHandler(handler)
    logger.error("%s %r %10s", name, name, name)
    logger.removeHandler(handler)
    for renderer in (structlog.processors.JSONRenderer(), structlog.dev.ConsoleRenderer(colors=False)):
        line = renderer(None, "info", {"event": "x", "name": name, "inside": {"names": [name]}})
        out.write(str(line))
    return out.getvalue()


def _failed(name: Pii) -> str:
    local = _Record(name, (name,))
    try:
        raise ValueError(local, name)  # noqa: TRY301 - what it says and its locals are what is looked at
    except ValueError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(told.format()) + repr(error) + str(error)


def _statement(name: Pii) -> str:
    with create_engine("sqlite://").connect() as connection, pytest.raises(SQLAlchemyError) as caught:
        connection.execute(text("SELECT :name"), {"name": name})
    return str(caught.value)


def _drawn(name: Pii) -> str:
    template = jinja2.Environment(autoescape=True).from_string(
        "{{ name }}{{ name|e }}{{ name|string }}{{ [name] }}{{ name ~ name }}{{ name|pprint }}{{ '%s'|format(name) }}"
    )
    return template.render(name=name)


def _rendered(name: Pii, spec: str) -> list[str]:
    record = _Record(name, (name,))
    return [
        str(name),
        f"{name!r:>9}{name:{spec}}",
        format(name, spec),
        ascii(name),
        "%-30s %r" % (name, name),  # noqa: UP031 - one of the ways to format
        string.Template("$name").substitute(name=name),
        f"{[name]}{ {name: name} }{record}{asdict(record)}",
        str(escape(name)),
        json.dumps({"name": name}, default=str),
        _drawn(name),
        _logged(name),
        _failed(name),
        _statement(name),
    ]


@settings(max_examples=40)
@given(_WRITTEN, _SPECS)
def test_every_rendering_is_the_same_whatever_the_text(written: str, spec: str) -> None:
    assert _rendered(Pii(written), spec) == _rendered(Pii("別の人"), spec)


def test_every_rendering_shows_the_mask() -> None:
    assert all(MASK in shown or ascii(MASK)[1:-1] in shown for shown in _rendered(Pii("江洞花子"), ""))


@pytest.mark.parametrize(
    "write",
    [
        json.dumps,
        lambda name: json.dumps({"deep": [name]}),
        lambda name: json.dumps({name: 1}),
        pickle.dumps,
        lambda name: pickle.dumps(name, protocol=0),
        lambda name: pickle.dumps(_Record(name, ())),
        to_json,
        lambda name: _Model(name=name).model_dump_json(),
        lambda name: TypeAdapter(Any).dump_json(name),
        "".join,
        lambda name: name + "様",
        lambda name: "様" + name,
        len,
        list,
        bytes,
        vars,
        lambda name: sorted([name, Pii("b")]),
        lambda name: setattr(name, "_text", "b"),
    ],
)
def test_whatever_would_take_the_text_is_refused(write: Any) -> None:  # noqa: ANN401 - any writer
    with pytest.raises((TypeError, AttributeError, PydanticSerializationError)) as caught:
        write(Pii("江洞花子"))
    assert "江洞花子" not in str(caught.value)


@given(st.text(), st.text())
def test_it_stands_for_its_text(one: str, other: str) -> None:
    assert Pii(one).reveal() == one
    assert (Pii(one) == Pii(other)) == (one == other)
    assert Pii(one) != one
    assert hash(Pii(one)) == hash(Pii(one))
    assert bool(Pii(one)) == bool(one)
    assert copy.copy(Pii(one)) == copy.deepcopy(Pii(one)) == Pii(one)


def test_what_was_not_given_stays_none() -> None:
    assert masked(None) is None
    assert revealed(None) is None
    assert revealed(masked("a")) == "a"


_BOT = Path(__file__).parents[2] / "bot"
_NAMES = {"name", "subject", "email", "phone", "address", "remarks", "recipients"}
_ROOMS = ("register", "channels/mail", "channels/timeline", "channels/papers", "console/requests", "console/inbox")
_OTHERWISE = {
    # What somebody just typed or handed in, on its way to be sealed.
    "Details": _NAMES,
    "Original": {"name"},
    "HandedIn": {"name"},
    # What names or reaches nobody: a field of a form, the subject line of our own mail.
    "Field": {"name"},
    "Text": {"subject"},
}


def _fields() -> Iterator[tuple[str, str, str]]:
    """Class, name and annotation of every dataclass field of that name in the rooms that open contact details."""
    for path in (path for room in _ROOMS for path in (_BOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(mark) for mark in node.decorator_list):
                for field in node.body:
                    if isinstance(field, ast.AnnAssign) and ast.unparse(field.target) in _NAMES:
                        yield node.name, ast.unparse(field.target), ast.unparse(field.annotation)


def test_every_field_that_holds_opened_contact_details_masks_them() -> None:
    found = list(_fields())
    bare = [(owner, name) for owner, name, kind in found if "Pii" not in kind and name not in _OTHERWISE.get(owner, ())]
    assert bare == []
    assert len([kind for _, _, kind in found if "Pii" in kind]) >= 8
    assert {owner for owner, _, _ in found} >= set(_OTHERWISE)
