from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadInputError
from bot.policy.documents import load_policy
from bot.policy.versions import begin_of, version_in_force
from tests.support.small_policy import ID, MARKDOWN, VERSION, write_small_policy

EFFECTIVE = "effective_date: 2025-04-01\n"
DAY = date(2025, 4, 1)


def write_version(corpus: Path, version: str, effective: str = "") -> None:
    """A version beside the others: the same text under another date."""
    path = write_small_policy(corpus)
    text = path.read_text(encoding="utf-8")
    dates = f"effective_date: {effective}\n" if effective else ""
    head = text.replace(EFFECTIVE, dates).replace(f"version: {VERSION}", f"version: {version}")
    (path.parent / f"{version}.txt").write_bytes(path.with_suffix(".txt").read_bytes())
    (path.parent / f"{version}.md").write_text(head, encoding="utf-8")


def test_the_newest_that_has_begun_answers(tmp_path: Path) -> None:
    write_version(tmp_path, "2026-04-01")

    assert version_in_force(tmp_path, "sakura", date(2026, 3, 31)) == VERSION
    assert version_in_force(tmp_path, "sakura", date(2026, 4, 1)) == "2026-04-01"
    assert version_in_force(tmp_path, "sakura", date(2030, 1, 1)) == "2026-04-01"


def test_the_effective_date_counts_before_the_name(tmp_path: Path) -> None:
    write_version(tmp_path, "2026-03-01", effective="2026-04-01")

    assert begin_of(load_policy(tmp_path, ID, "2026-03-01")) == date(2026, 4, 1)
    assert version_in_force(tmp_path, ID, date(2026, 3, 31)) == VERSION
    assert version_in_force(tmp_path, ID, date(2026, 4, 1)) == "2026-03-01"


def test_of_two_that_begin_on_one_day_the_later_named_answers(tmp_path: Path) -> None:
    write_version(tmp_path, "2026-02-01", effective="2026-04-01")
    write_version(tmp_path, "2026-03-01", effective="2026-04-01")

    assert version_in_force(tmp_path, ID, date(2026, 4, 1)) == "2026-03-01"


def test_before_any_version_the_first_answers(tmp_path: Path) -> None:
    write_version(tmp_path, "2026-04-01")

    assert version_in_force(tmp_path, ID, date(2020, 1, 1)) == VERSION


@settings(max_examples=40)
@given(offsets=st.sets(st.integers(-400, 400), min_size=1, max_size=4), asked=st.integers(-500, 500))
def test_the_answering_version_has_begun_unless_none_has(
    tmp_path_factory: pytest.TempPathFactory, offsets: set[int], asked: int
) -> None:
    corpus = tmp_path_factory.mktemp("corpus")
    begins = {DAY, *(DAY + timedelta(offset) for offset in offsets)}
    for begin in begins - {DAY}:
        write_version(corpus, begin.isoformat())
    write_small_policy(corpus)
    day = DAY + timedelta(asked)

    served = date.fromisoformat(version_in_force(corpus, ID, day))

    assert served == max((begin for begin in begins if begin <= day), default=min(begins))


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no policy ume/privacy"):
        version_in_force(tmp_path, "ume", DAY)


@pytest.mark.parametrize("name", ["first", "2025-04", "2025-13-01", "20250401", "2025-W14-2"])
def test_a_version_is_named_by_a_date(tmp_path: Path, name: str) -> None:
    path = write_small_policy(tmp_path, markdown=MARKDOWN.replace("version: 2025-04-01", f'version: "{name}"'))
    path.rename(path.with_name(f"{name}.md"))
    path.with_suffix(".txt").rename(path.with_name(f"{name}.txt"))

    with pytest.raises(BadInputError, match=rf"{name}\.md: front matter: version: Value error"):
        load_policy(tmp_path, ID)


def test_a_day_that_no_calendar_has_is_told(tmp_path: Path) -> None:
    write_small_policy(tmp_path, markdown=MARKDOWN.replace(EFFECTIVE, "effective_date: 2025-02-30\n"))

    with pytest.raises(BadInputError, match=r"2025-04-01\.md: front matter: day is out of range"):
        version_in_force(tmp_path, ID, DAY)
