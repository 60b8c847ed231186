from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.register.errors import StaffFileIsWrongError
from bot.register.staff import Permission, Staff, load_staff
from bot.settings import Settings

_EXAMPLE = Path(__file__).parents[3] / "docs" / "staff.example.yml"


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
        ([], "nobody"),
        ([person("a"), person("a")], "twice"),
        ([person("staff")], "whole desk"),
        ([person("a", deputy="a")], "their own deputy"),
        ([person("a", deputy="b")], "not in the list"),
        ([person("a", may=["approve"])], "needs a deputy"),
        ([person("a", may=["approve"], deputy="b"), person("b")], "needs a deputy who may"),
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
