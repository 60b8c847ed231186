from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.register.details import LONGEST_REMARKS, email_key, read_details
from bot.register.errors import DetailsAreUnusableError
from bot.register.models import ReplyBy, Role

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


def faults(**fields: str) -> dict[str, str]:
    with pytest.raises(DetailsAreUnusableError) as caught:
        read_details({**GOOD, **fields})
    return caught.value.faults


def test_an_answer_by_post_needs_an_address_and_no_mail() -> None:
    assert faults(reply_by="post", email="") == {"postal_code": "missing", "address": "missing"}
    assert faults(reply_by="post", postal_code="12", address="あ" * 301) == {
        "postal_code": "malformed",
        "address": "too_long",
    }

    details = read_details(
        {**GOOD, "reply_by": "post", "email": "", "postal_code": "１０００００１", "address": "東京都千代田区千代田1-1"}
    )

    assert (details.reply_by, details.email) == (ReplyBy.POST, None)
    assert details.address == "〒100-0001 東京都千代田区千代田1-1"


def test_an_answer_by_phone_needs_a_number() -> None:
    assert faults(reply_by="phone", email="") == {"phone": "missing"}
    assert faults(reply_by="phone", phone="12") == {"phone": "malformed"}

    details = read_details({**GOOD, "reply_by": "phone", "phone": "０９０１２３４５６７８"})

    assert (details.phone, details.email) == ("090-1234-5678", "hanako@example.com")


def test_an_address_that_is_not_needed_is_not_taken() -> None:
    details = read_details({**GOOD, "phone": "09012345678", "postal_code": "1000001", "address": "東京都"})

    assert (details.phone, details.address) == (None, None)


def test_an_unknown_way_to_answer_is_named() -> None:
    assert faults(reply_by="fax") == {"reply_by": "malformed"}


def test_who_asks_for_somebody_says_for_whom() -> None:
    assert faults(role="appointed_agent") == {"subject": "missing"}
    assert read_details({**GOOD, "role": "bereaved", "subject": "山田太郎"}).subject == "山田太郎"
    assert read_details({**GOOD, "subject": "山田太郎"}).subject is None


def test_quotation_marks_do_not_make_another_address() -> None:
    assert email_key('"a..b"@docomo.ne.jp') == email_key("a..b@docomo.ne.jp")
