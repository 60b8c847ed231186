from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed_text import disarmed

_SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


@given(st.text(alphabet=_SPACES, max_size=5), st.text(max_size=50))
def test_no_text_reaches_rasa_as_a_command(before: str, rest: str) -> None:
    heard = disarmed(f"{before}/{rest}")
    assert not heard.strip().startswith("/")


@given(st.text(max_size=50))
def test_what_is_no_command_stays_as_it_is(text: str) -> None:
    if not text.strip().startswith("/"):
        assert disarmed(text) == text


@pytest.mark.parametrize("text", ["//restart", "/ /restart", "/"])
def test_one_sign_is_enough(text: str) -> None:
    assert disarmed(text) == "／" + text[1:]
