from __future__ import annotations

import pytest

from tests.unit.policy.importing.conftest import ImportText


def roles(import_text: ImportText, body: str) -> list[str]:
    policy = import_text(f"プライバシーポリシー\n\n{body}\n").policy
    return ["item" if block.kind == "item" else "text" for block in policy.blocks if block.kind != "title"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("目的は次のとおりです。\n商品の発送\n代金の請求", ["text", "item", "item"]),
        ("目的は次のとおりです。\n\n商品の発送\n\n代金の計算\n\n以上を守ります。", ["text", "item", "item", "text"]),
        (
            "窓口は次のとおりです。\nさくら商店\n電話：000-555-0100\n\nさくら商店\n代表",
            ["text", "item", "item", "text", "text"],
        ),
        ("当社は守ります。\n商品の発送\n代金の請求", ["text", "text", "text"]),
        ("当社は守ります。\n商品の発送のため\n代金の請求のため。", ["text", "item", "item"]),
        ("当社は守ります。\n法令に基づく場合\n同意がある場合（口頭を含む）", ["text", "item", "item"]),
        ("電話：000-555-0100\n受付：10時から", ["item", "item"]),
        ("電話：000-555-0100", ["text"]),
        ("・商品の発送\n- 代金の請求", ["item", "item"]),
        ("-5度より低い場所に保管します。", ["text"]),
    ],
)
def test_lines_that_are_items_without_any_markup(import_text: ImportText, body: str, found: list[str]) -> None:
    assert roles(import_text, body) == found


def test_a_guessed_list_is_reported_with_its_length(import_text: ImportText) -> None:
    imported = import_text("プライバシーポリシー\n当社は、次の目的で使います。\n発送\n請求\n")

    assert [doubt.reason for doubt in imported.doubts] == ["2 list items guessed: 発送"]
