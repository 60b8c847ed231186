from __future__ import annotations

import pytest

from bot.policy.importing.page import read_page


def lines(html: str) -> list[tuple[str, str, int]]:
    page = read_page(html)
    return [(page.text[line.start : line.end], line.hint, line.level) for line in page.lines]


def test_blocks_are_lines_and_white_space_is_folded() -> None:
    assert lines("<div>あ\n い<p>う<b>え</b>&nbsp;お</p>か</div>") == [
        ("あ い", "paragraph", 0),
        ("うえ\u00a0お", "paragraph", 0),
        ("か", "paragraph", 0),
    ]


def test_what_is_not_seen_is_no_text() -> None:
    html = "<p>あ<script>x</script><!-- y --></p><p hidden>z</p><p style='display: none'>z</p><button>閉じる</button>"

    assert lines(html) == [("あ", "paragraph", 0)]


def test_headings_and_nested_lists_have_levels() -> None:
    assert lines("<h2>あ</h2><ul><li>い<ol><li>う</li></ol></li></ul>") == [
        ("あ", "heading", 2),
        ("い", "item", 1),
        ("う", "item", 2),
    ]


def test_an_item_with_a_printed_number_is_read_like_a_line_of_text() -> None:
    assert [hint for _, hint, _ in lines("<ul><li>(1) 発送</li><li>連絡</li></ul>")] == ["paragraph", "item"]


def test_bold_lines_are_headings_below_those_of_the_page() -> None:
    assert lines("<p><strong>お断りの方法</strong></p><p><b>1. 目的</b></p><p><b>守り</b>ます。</p>") == [
        ("お断りの方法", "heading", 7),
        ("1. 目的", "paragraph", 0),
        ("守ります。", "paragraph", 0),
    ]


def test_an_item_with_a_bold_first_line_is_a_section() -> None:
    html = "<ol><li><strong>提供先</strong><br>配送会社です。</li><li><b>太字</b></li></ol>"

    assert lines(html) == [("提供先", "heading", 7), ("配送会社です。", "item", 1), ("太字", "item", 1)]


def test_a_key_over_several_rows_makes_them_one() -> None:
    page = read_page(
        "<table><tr><td rowspan=2>あ</td><td>い</td></tr><tr><td>う</td></tr><tr><td>え</td><td>お</td></tr></table>"
    )

    rows = {line.row for line in page.lines}
    assert len(rows) == 2
    assert [line.column for line in page.lines] == [0, 1, 1, 0, 1]


def test_a_table_that_lays_out_the_page_is_its_text() -> None:
    assert {hint for _, hint, _ in lines("<table><tr><td><h2>あ</h2></td><td>い</td></tr></table>")} == {
        "heading",
        "paragraph",
    }


def test_a_long_definition_is_a_heading_with_its_text() -> None:
    assert lines(f"<dl><dt>あ</dt><dd>{'長い文です。' * 90}</dd></dl>")[0] == ("あ", "heading", 7)
    assert [hint for _, hint, _ in lines("<dl><dt>あ</dt><dd>い<br>う</dd></dl>")] == ["term", "detail", "detail"]


@pytest.mark.parametrize(
    ("html", "is_frame"),
    [
        ("<nav>あ</nav>", True),
        ("<footer>あ</footer>", True),
        ("<div class='global-nav'>あ</div>", True),
        ("<div id='footer'><p>あ</p></div>", True),
        ("<div role='navigation'>あ</div>", True),
        ("<p>あ</p><main>い</main>", True),
        ("<header><h1>あ</h1></header>", False),
        ("<div class='navigator'>あ</div>", False),
        ("<main>あ</main>", False),
        ("<article><p>あ</p></article>", False),
    ],
)
def test_the_frame_of_a_page_is_known_by_its_markup(html: str, *, is_frame: bool) -> None:
    assert read_page(html).lines[0].is_frame is is_frame
