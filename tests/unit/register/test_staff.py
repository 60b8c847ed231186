from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.register.errors import StaffFileIsWrongError
from bot.register.staff import Permission, Staff, load_staff, read_staff, staff_faults
from bot.settings import Settings
from bot.staff.roles import Role
from bot.storage.engine import transaction
from tests.support.staff_people import person as account

_EXAMPLE = Path(__file__).parents[3] / "docs" / "staff.example.yml"


_NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def staff_of(path: Path | None, *, mail: str = "desk@example.jp") -> Staff:
    return load_staff(Settings(_env_file=None, staff_file=path, staff_mail=mail))


def written(folder: Path, *people: dict[str, object]) -> Path:
    path = folder / "staff.yml"
    path.write_text(yaml.safe_dump(list(people), allow_unicode=True), encoding="utf-8")
    return path


def person(name: str, **facts: object) -> dict[str, object]:
    return {"id": name, "name": name, "email": f"{name}@example.jp", **facts}


def test_the_example_of_the_documentation_can_be_used() -> None:
    staff = staff_of(_EXAMPLE)

    assert [member.id for member in staff.members] == ["sato", "suzuki", "tanaka"]
    assert staff.address_of("tanaka") == "tanaka@example.jp"
    assert staff.may("sato", Permission.APPROVE)
    assert not staff.may("tanaka", Permission.APPROVE)


def test_without_a_file_the_desk_is_one_person() -> None:
    staff = staff_of(None)

    assert staff.address_of("staff") == "desk@example.jp"
    assert staff.deputy_of("staff") is None
    assert all(staff.may("staff", permission) for permission in Permission)


def test_a_person_is_found_by_id_and_by_the_actors_name() -> None:
    staff = staff_of(_EXAMPLE)

    assert staff.member("staff:sato") == staff.member("sato")
    assert staff.address_of("staff:sato") == "sato@example.jp"


def test_a_deputy_stands_in() -> None:
    deputy = staff_of(_EXAMPLE).deputy_of("tanaka")

    assert deputy is not None
    assert deputy.id == "suzuki"


@pytest.mark.parametrize("told", ["staff", "somebody_who_left"])
def test_what_has_no_person_goes_to_the_desk(told: str) -> None:
    assert staff_of(_EXAMPLE).address_of(told) == "desk@example.jp"


def test_where_the_desk_has_no_address_everybody_is_told() -> None:
    everybody = "sato@example.jp, suzuki@example.jp, tanaka@example.jp"
    assert staff_of(_EXAMPLE, mail="").address_of("staff") == everybody


def test_strangers_may_nothing() -> None:
    assert not staff_of(_EXAMPLE).may("staff:stranger", Permission.APPROVE)


@pytest.mark.parametrize(
    ("people", "fault"),
    [
        ([], "ひとりもいません"),
        ([person("a"), person("a")], "2回あります"),
        ([person("staff")], "窓口全体"),
        ([person("a", deputy="a")], "代理が本人"),
        ([person("a", deputy="b")], "一覧にいません"),
        ([person("a", may=["approve"])], "承認できる代理が必要"),
        ([person("a", may=["approve"], deputy="b"), person("b")], "承認できる代理が必要"),
        ([person("a", may=["rule"])], r"0\.may\.0"),
        ([person("a", email="a at example.jp")], r"0\.email"),
        ([person("a", email="a@example.jp, b@example.jp")], r"0\.email"),
        ([person("a", slack="@a")], r"0\.slack"),
        ([person("A b")], r"0\.id"),
        ([person("a", phone="1")], r"0\.phone"),
    ],
)
def test_a_list_with_a_gap_is_refused(tmp_path: Path, people: list[dict[str, object]], fault: str) -> None:
    with pytest.raises(StaffFileIsWrongError, match=fault):
        staff_of(written(tmp_path, *people))


@pytest.mark.parametrize(
    ("content", "fault"), [(b"a: [", "not YAML"), (b"\xff\xfe\x00", "cannot be read"), (b"name: a", "list")]
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "staff.yml"
    path.write_bytes(content)

    with pytest.raises(StaffFileIsWrongError, match=fault):
        staff_of(path)


def test_a_missing_file_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(StaffFileIsWrongError, match=r"nowhere\.yml: the file cannot be read"):
        staff_of(tmp_path / "nowhere.yml")


def test_a_fault_shows_no_address(tmp_path: Path) -> None:
    with pytest.raises(StaffFileIsWrongError) as raised:
        staff_of(written(tmp_path, person("a", email="private at example.jp")))
    assert "private" not in str(raised.value)


def with_accounts(session: Session) -> None:
    account(session, "ito", Role.OFFICER, now=_NOW, sees_sensitive=True).deputy = "kato"
    account(session, "kato", Role.OFFICER, now=_NOW).deputy = "ito"
    account(session, "mori", Role.COUNSELLOR, now=_NOW).deputy = "gone"
    account(session, "gone", Role.COUNSELLOR, now=_NOW).disabled_at = _NOW
    account(session, "admin", Role.ADMIN, now=_NOW)
    account(session, "viewer", Role.VIEWER, now=_NOW)
    session.flush()


def test_accounts_that_work_on_requests_are_the_staff_and_the_file_is_no_longer_asked(engine: Engine) -> None:
    settings = Settings(_env_file=None, staff_file=_EXAMPLE, staff_mail="desk@example.jp")
    assert [one.id for one in read_staff(settings, engine).members] == ["sato", "suzuki", "tanaka"]
    with transaction(engine) as session:
        with_accounts(session)
    staff = read_staff(settings, engine)
    assert [one.id for one in staff.members] == ["ito", "kato", "mori"]
    assert staff.address_of("staff:ito") == "ito@example.jp"
    assert staff.is_named
    assert [staff.may("ito", permission) for permission in Permission] == [True, True]
    assert [staff.may("kato", permission) for permission in Permission] == [True, False]
    assert not staff.may("mori", Permission.APPROVE)
    deputy = staff.deputy_of("ito")
    assert deputy is not None
    assert deputy.id == "kato"
    assert staff.deputy_of("mori") is None
    assert staff_faults(staff) == []


def test_an_administrator_alone_is_no_desk_yet(engine: Engine) -> None:
    settings = Settings(_env_file=None, staff_mail="desk@example.jp")
    with transaction(engine) as session:
        account(session, "admin", Role.ADMIN, now=_NOW)
    staff = read_staff(settings, engine)
    assert not staff.is_named
    assert staff.address_of("staff") == "desk@example.jp"


@pytest.mark.companies
def test_accounts_of_another_company_are_not_ours(session: Session) -> None:
    account(session, "ito", now=_NOW).controller = "another"
    session.flush()
    assert not load_staff(Settings(_env_file=None), session).is_named


def test_what_keeps_the_desk_from_four_eyes_is_told(session: Session) -> None:
    settings = Settings(_env_file=None)
    assert staff_faults(load_staff(settings, session)) == ["担当者が登録されていません"]
    account(session, "ito", Role.OFFICER, now=_NOW)
    session.flush()
    assert staff_faults(load_staff(settings, session)) == [
        "承認できる担当者が1名です（2名以上必要です）",
        "ito は承認できるため、承認できる代理が必要です",
    ]
    assert staff_faults(staff_of(_EXAMPLE)) == []
