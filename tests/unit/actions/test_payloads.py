from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from actions import payloads, texts
from actions.state import RequestState
from bot.register.kinds import Kind

KINDS = st.lists(st.sampled_from(list(Kind)), unique=True).map(tuple)


@given(KINDS)
def test_kinds_come_back(kinds: tuple[Kind, ...]) -> None:
    assert payloads.split_kinds(payloads.join_kinds(kinds)) == kinds


@given(step=st.text(max_size=5), value=st.text(max_size=20), draft=st.none() | st.text(max_size=5), kinds=KINDS)
def test_a_press_carries_its_values(step: str, value: str, draft: str | None, kinds: tuple[str, ...]) -> None:
    payload = payloads.press("title", step, value, draft=draft, kinds=kinds).payload or ""
    match = re.match(r"^/choose(?P<values>\{.+\})?$", payload)
    assert match
    expected = {"step": step, "value": value, "draft": draft, "kind": payloads.join_kinds(kinds)}
    assert json.loads(match["values"] or "{}") == {name: given for name, given in expected.items() if given}


def test_an_intent_without_values_has_no_braces() -> None:
    assert payloads.ask_desk("").payload == "/inquiry"


@given(option=st.text(min_size=1, max_size=20), asked=st.text(min_size=1, max_size=20))
def test_an_option_carries_its_section_and_the_question(option: str, asked: str) -> None:
    payload = payloads.choose_option("title", option, asked).payload or ""
    assert payload.startswith("/ask_policy{")
    assert json.loads(payload.removeprefix("/ask_policy")) == {"option": option, "value": asked}


def test_a_button_in_another_language_names_it() -> None:
    choice = payloads.begin_request((Kind.ERASURE,), title="Erase my data", language="en")
    assert choice.title == "Erase my data"
    assert json.loads((choice.payload or "").removeprefix("/open_request")) == {"kind": "erasure", "language": "en"}
    assert payloads.begin_request((Kind.ERASURE,)).title == texts.CHOICE_BEGIN


@given(
    st.builds(
        RequestState,
        step=st.sampled_from(["kind", "scope", "words", "wording", "rewrite", "confirm", "withdraw", "details"]),
        kinds=KINDS,
        scope=st.none() | st.text(),
        suggested=st.none() | st.text(),
        draft=st.none() | st.text(),
        words=st.lists(st.text()).map(tuple),
    )
)
def test_the_slot_keeps_the_whole_state(state: RequestState) -> None:
    slot = json.loads(json.dumps(state.to_slot()))
    assert RequestState.from_slot(slot) == state


def test_a_slot_nobody_understands_is_no_request() -> None:
    assert RequestState.from_slot(None) is None
    assert RequestState.from_slot({"step": "payment"}) is None
