from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.policy.diff import PolicyDiff, SectionChange, SentenceChange, compare
from bot.policy.documents import load_policy
from bot.policy.model import Policy
from tests.support.small_policy import ID, MARKDOWN, SOURCE, write_small_policy

LINES = [
    "当店は、注文のためにお名前と住所を集めます。",
    "集めた情報は、商品の発送に使います。",
    "情報は鍵のかかる場所に置きます。",
    "苦情は店の窓口で受け付けます。",
    "委託先は年に一度見直します。",
]


def load(corpus: Path, *changed: tuple[str, str]) -> Policy:
    """The small policy with words replaced in its source and in its Markdown."""
    source, markdown = SOURCE, MARKDOWN
    for before, after in changed:
        assert before in source
        source = source.replace(before, after)
        markdown = markdown.replace(before, after)
    write_small_policy(corpus, source=source, markdown=markdown)
    return load_policy(corpus, ID)


def articles(corpus: Path, sections: list[tuple[str, str]]) -> Policy:
    """A policy of numbered articles: (words of the heading, text)."""
    numbered = [(f"第{n}条 {words}".strip(), text) for n, (words, text) in enumerate(sections, 1)]
    head = MARKDOWN.partition("omitted:")[0] + "---\n\n"
    markdown = head + "\n\n".join(f"## {heading}\n\n{text}" for heading, text in numbered)
    write_small_policy(corpus, source="\n".join(f"{a}\n{b}" for a, b in numbered), markdown=markdown)
    return load_policy(corpus, ID)


def labels(change: SectionChange) -> tuple[str, str | None, str | None]:
    return change.kind, change.old.label if change.old else None, change.new.label if change.new else None


def shown(diff: PolicyDiff) -> list[tuple[str, str | None, str | None]]:
    return [labels(change) for change in diff.sections]


def test_a_version_differs_in_nothing_from_itself(policy: Policy) -> None:
    diff = compare(policy, policy)

    assert diff.sections == ()
    assert diff.unchanged == len(policy.sections)


def test_a_changed_sentence_is_shown_old_and_new(tmp_path: Path) -> None:
    diff = compare(load(tmp_path), load(tmp_path, ("受注から7年", "受注から10年")))

    assert shown(diff) == [("changed", "第2条~2", "第2条~2")]
    assert diff.sections[0].changes == (SentenceChange(("受注から7年",), ("受注から10年",)),)
    assert diff.unchanged == 6


def test_white_space_and_width_are_no_change(tmp_path: Path) -> None:
    diff = compare(load(tmp_path), load(tmp_path, ("受注から7年", "受注から 7年"), ("（以下", "(以下")))

    assert diff.sections == ()


def test_a_changed_heading_is_shown(tmp_path: Path) -> None:
    diff = compare(load(tmp_path), load(tmp_path, ("（委託）", "（外部への委託）")))

    assert diff.sections[0].changes == (SentenceChange(("（委託）",), ("（外部への委託）",)),)


def test_a_section_put_in_between_moves_the_others_and_changes_none(tmp_path: Path) -> None:
    first, second, third = (("目的", LINES[1]), ("安全", LINES[2]), ("苦情", LINES[3]))
    diff = compare(
        articles(tmp_path, [first, second, third]),
        articles(tmp_path, [first, ("取得", LINES[0]), second, third]),
    )

    assert shown(diff) == [
        ("added", None, "第2条"),
        ("moved", "第2条", "第3条"),
        ("moved", "第3条", "第4条"),
    ]
    assert diff.sections[0].changes == (SentenceChange((), (LINES[0],)),)
    assert diff.unchanged == 1
    assert (diff.count("added"), diff.count("moved"), diff.count("changed")) == (1, 2, 0)


def test_a_removed_section_stands_where_it_was(tmp_path: Path) -> None:
    sections = [("目的", LINES[1]), ("安全", LINES[2]), ("苦情", LINES[3])]
    diff = compare(articles(tmp_path, sections), articles(tmp_path, [sections[0], sections[2]]))

    assert shown(diff) == [("removed", "第2条", None), ("moved", "第3条", "第2条")]
    assert diff.sections[0].changes == (SentenceChange((LINES[2],), ()),)


def test_a_section_that_moved_and_was_edited_is_recognised_by_its_text(tmp_path: Path) -> None:
    diff = compare(
        articles(tmp_path, [("", LINES[0] + LINES[1]), ("", LINES[2] + LINES[4])]),
        articles(tmp_path, [("", LINES[2] + LINES[4] + "毎日確かめます。"), ("", LINES[0] + LINES[1])]),
    )

    assert shown(diff) == [("changed", "第2条", "第1条"), ("moved", "第1条", "第2条")]
    assert diff.sections[0].changes == (SentenceChange((), ("毎日確かめます。",)),)


def test_a_section_written_anew_under_its_heading_has_changed(tmp_path: Path) -> None:
    diff = compare(articles(tmp_path, [("安全", LINES[2])]), articles(tmp_path, [("安全", LINES[3])]))

    assert shown(diff) == [("changed", "第1条", "第1条")]


def test_another_matter_under_the_same_number_is_no_change_of_it(tmp_path: Path) -> None:
    diff = compare(articles(tmp_path, [("安全", LINES[2])]), articles(tmp_path, [("苦情", LINES[3])]))

    assert sorted(shown(diff), key=str) == [("added", None, "第1条"), ("removed", "第1条", None)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(st.sampled_from(LINES), min_size=1, max_size=6),
    after=st.lists(st.sampled_from(LINES), min_size=1, max_size=6),
)
def test_every_section_is_accounted_for_once(tmp_path: Path, before: list[str], after: list[str]) -> None:
    old = articles(tmp_path, [("", line) for line in before])
    new = articles(tmp_path, [("", line) for line in after])
    diff = compare(old, new)

    gone = [change.old.label for change in diff.sections if change.old]
    come = [change.new.label for change in diff.sections if change.new]
    assert len(set(gone)) == len(gone) == len(before) - diff.unchanged
    assert len(set(come)) == len(come) == len(after) - diff.unchanged
    for change in diff.sections:
        assert all(line in old.text for part in change.changes for line in part.old)
        assert all(line in new.text for part in change.changes for line in part.new)


@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_added_one_way_is_removed_the_other(tmp_path: Path, reverse: bool) -> None:  # noqa: FBT001 - a parameter of the test
    one = articles(tmp_path, [("目的", LINES[1])])
    two = articles(tmp_path, [("目的", LINES[1]), ("苦情", LINES[3])])
    diff = compare(two, one) if reverse else compare(one, two)

    assert [change.kind for change in diff.sections] == ["removed" if reverse else "added"]
