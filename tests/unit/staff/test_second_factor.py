from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.staff.second_factor import STEP_SECONDS, picture, secret_for, secret_of, step_of
from tests.support.staff_people import VAULT, code_of

NOW = datetime(2026, 11, 26, 9, 0, 10, tzinfo=UTC)
SECRET = secret_for("token", VAULT)
STEP = int(NOW.timestamp()) // STEP_SECONDS


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(off: int) -> None:
    code = code_of(SECRET, NOW + off * timedelta(seconds=STEP_SECONDS))
    assert step_of(SECRET, code, after=0, now=NOW) == STEP + off


@pytest.mark.parametrize("off", [-2, 2, 100])
def test_but_not_more(off: int) -> None:
    code = code_of(SECRET, NOW + off * timedelta(seconds=STEP_SECONDS))
    assert step_of(SECRET, code, after=0, now=NOW) is None


@pytest.mark.parametrize("used", [STEP, STEP + 1])
def test_a_code_that_was_used_or_lies_before_one_that_was_is_good_no_more(used: int) -> None:
    assert step_of(SECRET, code_of(SECRET, NOW), after=used, now=NOW) is None


@pytest.mark.parametrize("shape", ["{0}", " {0} ", "{1} {2}", "{3}"])
def test_it_may_be_typed_with_blanks_and_in_full_width(shape: str) -> None:
    code = code_of(SECRET, NOW)
    wide = code.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    assert step_of(SECRET, shape.format(code, code[:3], code[3:], wide), after=0, now=NOW) == STEP


@given(st.text(max_size=12))
def test_what_is_no_code_is_refused(text: str) -> None:
    others = {code_of(SECRET, NOW + off * timedelta(seconds=STEP_SECONDS)) for off in (-1, 0, 1)}
    if not any(code in text for code in others):
        assert step_of(SECRET, text, after=0, now=NOW) is None


def test_each_link_has_a_secret_of_its_own_and_always_the_same() -> None:
    assert secret_for("token", VAULT) == SECRET
    assert secret_for("another", VAULT) != SECRET


def test_nobodys_secret_opens_nothing_that_a_link_could_give() -> None:
    assert len(secret_of(None, VAULT)) == len(SECRET)
    assert secret_of(None, VAULT) != SECRET


def test_the_picture_is_an_svg_without_style_or_script() -> None:
    root = ET.fromstring(picture(SECRET, "sato"))  # noqa: S314 - our own picture
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not any(node.get("style") or node.tag.endswith(("script", "style")) for node in root.iter())
