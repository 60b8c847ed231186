"""Inputs that nobody would send by hand: pieces of real ones, torn, doubled, mixed and strewn with hostile characters.

A seed gives the same inputs each time. Guided by nothing but chance, it makes an input in some ten microseconds, so
that a million of them are a matter of minutes; Hypothesis finds the small ones beside it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

HOSTILE = (
    "\0", "\x1b[2J", "\r\n", "\n", "\t", "\u2028", "\ufeff", "\ufffd", "\uffff", "\ud800", "\udfff",
    "\ud83d", "\udc68", "\u202e", "\u202a", "\u2066", "\u2069", "\u200b", "\u200d", "\u200f", "\u00ad",
    "\u0301", "\u3099", "\u309a", "\U000e0001", "\U000e0041", "\U000e007f", "👨‍👩‍👧‍👦", "🏳️‍🌈",
    "が".encode().decode(), "か\u3099", "ｶﾞ", "ﾊﾟ", "㍿", "①", "ﷺ", "ǆ", "İ", "ß", "ſ", "\U0001d7d8", "٣",
    "零", "〇", "三百六十五", "/", "／", "//", "../", "%00", "%ED%A0%80", "<", ">", "</script>", "&amp;lt;",
    "<@U1>", "<!channel>", "<https://a|b>", "{{7*7}}", "{%", "${", "'", '"', "\\", "`", "|", "#", "*" * 40,
    "(" * 40, "[" * 40, "「" * 40, "a@", "@b.jp", "@" * 20, "090-", "1" * 400, "9" * 5000, "-1", "1e999",
    "NaN", "令和8年2月30日", "2月29日", "25:99", "99/99", "0月0日", "第１条", "（１）", "1-(1)", "---\n",
    "```", "| a |", "> ", "- ", "=====",
)  # fmt: skip

PLAIN = (
    "開示請求をしたいです", "利用目的を教えてください", "私の電話番号は090-1234-5678です",
    "taro@example.co.jp", "山田太郎です", "ﾔﾏﾀﾞ ﾀﾛｳ", "東京都千代田区丸の内1-2-3",
    "来週の火曜日の15時に電話してもいいですか", "12月28日から1月3日は開いていますか", "〒100-0005",
    "配信停止とアカウント削除をお願いします", "What do you do with my data?", "我想删除我的数据",
    "Tôi muốn xóa dữ liệu", "K7QM-2P4X-9ZTD", "P-20261124-7QK2M", "4111 1111 1111 1111", "1234-5678-9012",
    "https://example.jp/?a=b#c", "そして、次のとおりです。", "個人情報保護方針", "第1条（利用目的）",
    "1．はじめに", "(2) 第三者提供", "・会員情報", "附則 2026年4月1日施行", "20/minute; 200/hour",
    "10.0.0.0/8 ::1",
)  # fmt: skip


class Mutator:
    """Makes inputs of every sort from one seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a test repeats itself by its seed

    def text(self, seeds: Sequence[str] = PLAIN, *, most: int = 8) -> str:
        """A text of some pieces, now and then a very long one."""
        pieces = [self._piece(seeds) for _ in range(self.chance.randint(0, most))]
        if self.chance.random() < 0.002:
            pieces *= 400
        return "".join(pieces)[:20_000]

    def content(self, seeds: Sequence[bytes]) -> bytes:
        """A file: one of the real ones, torn."""
        content = bytearray(self.chance.choice(seeds))
        for _ in range(self.chance.randint(0, 6)):
            self._tear(content)
        return bytes(content)

    def value(self, depth: int = 4) -> Any:  # noqa: ANN401 - any JSON value
        """Any JSON value."""
        sort = self.chance.randrange(8 if depth else 6)
        if sort == 6:
            return [self.value(depth - 1) for _ in range(self.chance.randint(0, 3))]
        if sort == 7:
            return {self.text(most=1): self.value(depth - 1) for _ in range(self.chance.randint(0, 3))}
        plain: tuple[Callable[[], Any], ...] = (
            lambda: None,
            lambda: bool(self.chance.getrandbits(1)),
            lambda: self.chance.choice((0, -1, 2**63, 10**30, 1_795_426_200_000)),
            lambda: self.chance.choice((0.5, 1e300, -0.0)),
            lambda: self.text(most=2),
            lambda: "",
        )
        return plain[sort]()

    def like(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """The value with something in it exchanged, left out or added."""
        if self.chance.random() < 0.12:
            return self.value(2)
        if isinstance(value, dict):
            kept = {name: self.like(inner) for name, inner in value.items() if self.chance.random() > 0.06}
            return kept | ({self.text(most=1): self.value(2)} if self.chance.random() < 0.05 else {})
        if isinstance(value, list):
            return [self.like(inner) for inner in value for _ in range(self.chance.choice((1, 1, 1, 0, 2)))]
        if isinstance(value, str) and self.chance.random() < 0.3:
            return self.chance.choice((value, "")) + self.text(most=2)
        return value

    def body(self, value: Any) -> str:  # noqa: ANN401 - any JSON value
        """JSON of something like the value; sometimes torn, so that it is none."""
        text = json.dumps(self.like(value), ensure_ascii=self.chance.random() < 0.5)
        if self.chance.random() < 0.2:
            place = self.chance.randint(0, len(text))
            text = text[:place] + self._piece(PLAIN) + text[place + self.chance.randint(0, 3) :]
        return text

    def form(self, names: Sequence[str], values: Sequence[str] = PLAIN) -> dict[str, str]:
        """Some of these fields, and one of another name."""
        chosen = [name for name in names if self.chance.random() < 0.8]
        return {name: self.text(values, most=2) for name in (*chosen, self.text(most=1))}

    def _piece(self, seeds: Sequence[str]) -> str:
        draw = self.chance.random()
        if draw < 0.45:
            return self.chance.choice(seeds)
        if draw < 0.8:
            return self.chance.choice(HOSTILE)
        if draw < 0.9:
            piece = self.chance.choice(seeds)
            return piece[: self.chance.randint(0, len(piece))]
        return chr(self.chance.choice((self.chance.randrange(0x110000), self.chance.randrange(0x3000, 0x9FFF))))

    def _tear(self, content: bytearray) -> None:
        place, draw = self.chance.randint(0, len(content)), self.chance.randrange(5)
        if draw == 0:
            del content[place : place + self.chance.randint(1, 40)]
        elif draw == 1 and content:
            content[place % len(content)] ^= 1 << self.chance.randrange(8)
        elif draw == 2:
            content[place:place] = self._piece(PLAIN).encode("utf-8", "surrogatepass")
        elif draw == 3:
            content[place:place] = content[: self.chance.randint(0, 200)]
        else:
            content[place:place] = self.chance.randbytes(self.chance.randint(1, 8))
