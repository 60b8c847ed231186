from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.register.details import LONGEST_REMARKS, email_key, read_details
from bot.register.errors import DetailsAreUnusableError
from bot.register.models import Role

GOOD = {"role": "self", "name": "山田 花子", "email": "hanako@example.com", "remarks": ""}


def test_reads_what_was_entered() -> None:
    details = read_details({**GOOD, "name": "  山田 花子 ", "remarks": "一行目\r\n二行目\x00"})

    assert (details.role, details.name, details.remarks) == (Role.SELF, "山田 花子", "一行目\n二行目")


def test_a_repr_shows_who_but_nothing_entered() -> None:
    shown = repr(read_details({**GOOD, "remarks": "秘密"}))

    assert "self" in shown
    assert not any(secret in shown for secret in ("山田", "example", "秘密"))


@pytest.mark.parametrize(
    "email",
    [
        "taro+shop@example.co.jp",
        "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "a..b@docomo.ne.jp",
        "abc.@ezweb.ne.jp",
        "taro@例え.jp",
        "drill@members.test",
    ],
)
def test_addresses_that_exist_in_japan_are_taken(email: str) -> None:
    assert read_details({**GOOD, "email": email}).email


@pytest.mark.parametrize("email", ["taro", "taro@", "@example.com", "taro@localhost", "a b@example.com", "a@b@c.jp"])
def test_what_is_no_address_is_named(email: str) -> None:
    with pytest.raises(DetailsAreUnusableError) as caught:
        read_details({**GOOD, "email": email})

    assert caught.value.faults == {"email": "malformed"}
    assert email not in str(caught.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(DetailsAreUnusableError) as caught:
        read_details({"role": "boss", "name": "　", "email": "", "remarks": "あ" * (LONGEST_REMARKS + 1)})

    assert caught.value.faults == {
        "role": "malformed",
        "name": "missing",
        "email": "missing",
        "remarks": "too_long",
    }


def test_an_empty_form_is_refused() -> None:
    with pytest.raises(DetailsAreUnusableError) as caught:
        read_details({})

    assert set(caught.value.faults) == {"role", "name", "email"}


def test_one_address_has_one_key() -> None:
    assert email_key("ＴＡＲＯ@Example.com ") == email_key("taro@example.com")


@given(st.dictionaries(st.sampled_from(["role", "name", "email", "remarks"]), st.text()))
def test_any_form_is_read_or_refused(form: dict[str, str]) -> None:
    try:
        read_details({"role": "self", **form})
    except DetailsAreUnusableError as error:
        assert error.faults  # noqa: PT017 - both outcomes are right, an empty refusal is not
