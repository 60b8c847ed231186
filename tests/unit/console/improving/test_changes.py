from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.console.improving.changes import Line
from tests.support.console import Staff
from tests.unit.console.improving.test_improving import QUESTIONS, card, seen

LISTS = st.lists(st.sampled_from("あいうえ"), max_size=8).map(tuple)


@given(LISTS, LISTS)
def test_what_stays_and_what_is_edited_make_up_both_lists(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    line = Line("質問の言い方", before, after, is_list=True)
    gone = [edit.text for edit in line.edits if not edit.is_new]
    new = [edit.text for edit in line.edits if edit.is_new]

    assert sorted([*line.kept, *gone]) == sorted(before)
    assert sorted([*line.kept, *new]) == sorted(after)
    assert bool(line.edits) == line.differs


def test_of_a_long_list_one_line_that_was_reworded_is_shown() -> None:
    before = tuple(f"質問{number}" for number in range(300))
    after = (*before[:200], "言い換え", *before[201:])

    edits = Line("質問の言い方", before, after, is_list=True).edits
    assert [(edit.text, edit.is_new) for edit in edits] == [("質問200", False), ("言い換え", True)]


def folded(page: str) -> tuple[str, str]:
    """A page's changes: what is in sight, and what is folded away."""
    changes = page.partition('<article class="card change"')[2].partition("</article>")[0]
    return re.sub("(?s)<details>.*</details>", "", changes), "".join(re.findall("(?s)<details>.*</details>", changes))


async def test_of_a_changed_card_only_what_differs_is_in_sight(sato: Staff, suzuki: Staff) -> None:
    opened = await seen(sato, "/improving/cards/outsourcing")
    questions = QUESTIONS.replace("下請けはありますか", "下請けに出しますか")
    await sato.post("/improving/cards/save", opened | card(questions=QUESTIONS))
    await suzuki.post("/improving/publish", {"version": "1", "reason": "誤った案内を止めるため、先に公開します。"})
    opened = await seen(sato, "/improving/cards/outsourcing")
    await sato.post("/improving/cards/save", opened | card(questions=questions, text="変えた文。"))

    for path in ("/improving", "/improving/publish"):
        page = await suzuki.get(path)
        shown, away = folded(page)
        assert "style=" not in page
        assert re.search("(?s)公開中.*業務の一部を委託しています。.*公開候補.*変えた文。", shown)
        assert re.search("(?s)削除</span> <span>下請けはありますか.*追加</span> <span>下請けに出しますか", shown)
        for same in ("預けていますか", "ほかの会社"):
            assert same not in shown
            assert same in away
        assert "変わらない項目" in away
        assert "下請け" not in away


async def test_a_new_card_and_a_removed_one_are_shown_whole(sato: Staff) -> None:
    await sato.post("/improving/cards/remove", await seen(sato, "/improving/cards/outsourcing"))
    shown, away = folded(await sato.get("/improving"))
    assert "業務の一部を委託しています。" in shown
    assert not away

    await sato.post("/improving/cards/save", card(topic="新しい題名", text="新しい文。"))
    page = await sato.get("/improving")
    assert re.search("(?s)新しい題名.*追加.*下請けはありますか.*新しい文。", page)
    assert "変わらない項目" not in page
