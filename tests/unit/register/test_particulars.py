from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register.details import read_details
from bot.register.errors import DetailsAreUnusableError
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.models import Request
from bot.register.particulars import (
    FIELDS,
    LONGEST_TEXT,
    Asked,
    is_only_mail_stop,
    open_particulars,
    seal_particulars,
    stops_advertising,
)
from bot.storage.encryption import Vault

GOOD = {"role": "self", "name": "山田 花子", "email": "hanako@example.com"}
SCOPES = ("会員情報", "口座情報", "広告・宣伝（DM・メール）")


def test_a_correction_needs_the_item_and_what_it_should_be() -> None:
    with pytest.raises(DetailsAreUnusableError) as caught:
        read_details(GOOD, Asked((Kind.CORRECTION,)))

    assert caught.value.faults == {"correction_item": "missing", "correction_should_be": "missing"}


def test_a_deletion_needs_the_item_only() -> None:
    details = read_details({**GOOD, "deletion_item": "電話番号"}, Asked((Kind.DELETION,)))

    assert details.particulars == {Kind.DELETION: {"item": "電話番号"}}


@pytest.mark.parametrize("kind", [Kind.PURPOSE_NOTICE, Kind.COMPLAINT, Kind.INQUIRY])
def test_some_kinds_need_nothing_more(kind: Kind) -> None:
    assert not Asked((kind,)).fields


def test_what_the_kinds_do_not_need_is_not_taken() -> None:
    form = {**GOOD, "correction_item": "氏名", "erasure_reason": "使わないため", "disclosure_period": ""}

    assert read_details(form, Asked((Kind.ERASURE, Kind.DISCLOSURE))).particulars == {
        Kind.ERASURE: {"reason": "使わないため"}
    }


def test_a_text_too_long_is_named() -> None:
    with pytest.raises(DetailsAreUnusableError) as caught:
        read_details({**GOOD, "erasure_reason": "あ" * (LONGEST_TEXT + 1)}, Asked((Kind.ERASURE,)))

    assert caught.value.faults == {"erasure_reason": "too_long"}


def test_every_field_has_one_name_in_the_form() -> None:
    names = [field.form_name for kind in FILED_KINDS for field in FIELDS.get(kind, ())]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("kinds", "scope", "is_one"),
    [
        ((Kind.USE_STOP,), "広告・宣伝（DM・メール）", True),
        ((Kind.USE_STOP,), "会員情報", False),
        ((Kind.USE_STOP,), None, False),
        ((Kind.USE_STOP, Kind.ERASURE), "広告・宣伝（DM・メール）", False),
        ((Kind.DISCLOSURE,), "広告・宣伝（DM・メール）", False),
    ],
)
def test_only_mail_stop(kinds: tuple[Kind, ...], scope: str | None, is_one: bool) -> None:  # noqa: FBT001 - a table
    assert is_only_mail_stop(kinds, scope) is is_one


def test_advertising_may_be_one_of_several_uses_to_stop() -> None:
    assert stops_advertising("use_stop", "会員情報、広告・宣伝（DM・メール）")
    assert not stops_advertising("erasure", "広告・宣伝（DM・メール）")


def test_stopping_mails_asks_for_the_mailbox_alone() -> None:
    asked = Asked((Kind.USE_STOP,), "広告・宣伝（DM・メール）", SCOPES)

    details = read_details({"email": "hanako@example.com", "name": "花子", "use_stop_reason": "不要"}, asked)

    assert (details.name, details.email, details.particulars) == ("", "hanako@example.com", {})
    assert not asked.scope_is_open


def test_data_can_be_narrowed_down_when_the_chat_left_it_open() -> None:
    asked = Asked((Kind.DISCLOSURE,), None, SCOPES)

    assert (
        read_details({**GOOD, "scope_1": "on", "scope_0": "on", "scope_9": "on"}, asked).scope == "会員情報、口座情報"
    )
    assert read_details(GOOD, asked).scope is None


def test_data_that_the_chat_named_stay() -> None:
    asked = Asked((Kind.DISCLOSURE,), "会員情報", SCOPES)

    assert read_details({**GOOD, "scope_1": "on"}, asked).scope is None


@pytest.mark.parametrize("kinds", [(Kind.COMPLAINT,), (Kind.INQUIRY, Kind.COMPLAINT)])
def test_what_is_for_the_desk_means_no_data(kinds: tuple[Kind, ...]) -> None:
    assert not Asked(kinds, None, SCOPES).scope_is_open


def test_more_titles_than_the_column_holds_leave_it_at_everything() -> None:
    asked = Asked((Kind.DISCLOSURE,), None, tuple("あ" * 50 + str(place) for place in range(5)))

    assert read_details({**GOOD, **{f"scope_{place}": "on" for place in range(5)}}, asked).scope is None


def test_what_was_entered_is_sealed(session: Session, filed: object, vault: Vault) -> None:
    filed(session, Kind.CORRECTION)  # type: ignore[operator]  # the fixture is a function
    request = session.scalars(select(Request)).one()
    assert open_particulars(request, vault=vault) is None

    seal_particulars(request, {"item": "氏名", "should_be": "山田花子"}, vault=vault)

    assert request.sealed_particulars is not None
    assert "氏名".encode() not in request.sealed_particulars
    assert open_particulars(request, vault=vault) == {"item": "氏名", "should_be": "山田花子"}
