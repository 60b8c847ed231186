from __future__ import annotations

import pytest

from tests.support.fast import is_dear
from tests.support.spreading import group_of


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/product/test_main_job.py::test_ctrl_c_stops_everything", "processes"),
        ("tests/conversation/test_kinds.py::test_kinds[a::b/c]", "processes"),
        ("tests/faults/test_deliveries.py::test_it", "tests/faults/test_deliveries.py"),
        ("tests/browser/embedding/test_window.py::test_it", "browser"),
        ("tests/unit/test_jobs.py::test_it[tests/product/x.py]", "tests/unit/test_jobs.py"),
    ],
)
def test_what_shares_something_dear_shares_a_worker(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


def test_a_module_is_never_divided(request: pytest.FixtureRequest) -> None:
    assert {group_of(item.nodeid) for item in request.session.items if item.path == request.path} == {
        "tests/unit/test_spreading.py"
    }


@pytest.mark.parametrize(
    ("fixtures", "marks", "dear"),
    [
        (["tmp_path"], [], False),
        (["engine", "database_url"], [], True),
        ([], ["asyncio"], False),
        ([], ["stack"], True),
    ],
)
def test_what_needs_something_dear_is_not_fast(fixtures: list[str], marks: list[str], *, dear: bool) -> None:
    assert is_dear(fixtures, marks) is dear
