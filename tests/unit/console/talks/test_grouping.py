from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bot.console.talks.grouping import Asked, Grouped, group
from bot.policy.embedding import Vectors

COMMON = np.zeros(4, dtype=np.float32)


def vectors(*rows: list[float]) -> Vectors:
    return np.array(rows, dtype=np.float32)


def ids(groups: list[Grouped]) -> list[set[str]]:
    return [{id_ for id_, _ in each.members} for each in groups]


def asked(id_: str, sort: str = "open", owner: str | None = None, likeness: float = 0.0) -> Asked:
    return Asked(id_, sort, owner, likeness)


def test_what_is_alike_is_one_group_and_the_largest_comes_first() -> None:
    found = group(
        [asked("a"), asked("b"), asked("c"), asked("d")],
        vectors([1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0.1, 0], [0, 1, 0, 0.2]),
        COMMON,
    )

    assert ids(found) == [{"b", "c", "d"}, {"a"}]


def test_the_most_typical_question_comes_first() -> None:
    [found] = group(
        [asked("left"), asked("middle"), asked("right")],
        vectors([1, 0.4, 0, 0], [1, 0, 0, 0], [1, -0.4, 0, 0]),
        COMMON,
    )

    assert found.members[0][0] == "middle"


def test_a_known_owner_joins_what_vectors_would_not() -> None:
    found = group(
        [asked("a", owner="fee", likeness=0.9), asked("b", owner="fee", likeness=0.5), asked("c", owner="fee")],
        vectors([1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]),
        COMMON,
    )

    assert ids(found) == [{"a", "b"}, {"c"}]
    assert [(each.nearest, round(each.likeness, 2)) for each in found] == [("fee", 0.7), ("fee", 0.0)]


def test_other_sorts_are_other_groups_however_alike() -> None:
    found = group([asked("a"), asked("b", "out_of_scope")], vectors([1, 0, 0, 0], [1, 0, 0, 0]), COMMON)

    assert ids(found) == [{"a"}, {"b"}]


def test_what_all_questions_have_in_common_brings_nothing_together() -> None:
    rows = vectors([10, 1, 0, 0], [10, 0, 1, 0])

    assert len(group([asked("a"), asked("b")], rows, COMMON)) == 1
    assert len(group([asked("a"), asked("b")], rows, np.array([10, 0, 0, 0], dtype=np.float32))) == 2


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(1, 12), st.just(4)), elements=st.floats(-1, 1, width=32)),
    st.data(),
)
def test_every_question_is_in_exactly_one_group(rows: Vectors, data: st.DataObject) -> None:
    owners = st.sampled_from([None, "fee", "cookie"])
    questions = [
        asked(str(row), data.draw(st.sampled_from(["open", "out_of_scope"])), data.draw(owners), 0.5)
        for row in range(len(rows))
    ]
    found = group(questions, rows, COMMON)

    members = [id_ for each in found for id_, _ in each.members]
    assert sorted(members) == sorted(each.id for each in questions)
