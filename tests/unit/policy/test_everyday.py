from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.policy.everyday import open_everyday, read_everyday
from bot.policy.lexical import open_analyzer

MAP = Path(__file__).parents[3] / "bot" / "policy" / "data" / "everyday_words.yml"


def offered(text: str) -> list[str]:
    return [name for offer in open_everyday().offers(open_analyzer().forms(text)) for name in offer.alternatives]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("もう全部消しちゃって", "消去"),
        ("メルマガを止めたい", "配信停止"),
        ("写メを売ったりしない？", "第三者提供"),
        ("下請けはどこ", "委託先"),
        ("ウイルスにやられない？", "マルウェア"),
        ("死んだ祖父の分も頼めますか", "死亡"),
        ("お巡りさんじゃなくて警察に出す？", "法令に基づく場合"),
        ("アメリカのサーバーですか", "外国"),
        ("クレカの番号が心配", "クレジットカード"),
    ],
)
def test_members_words_are_offered_in_policies_words(text: str, name: str) -> None:
    assert name in offered(text)


def test_inflection_and_particles_do_not_matter() -> None:
    assert offered("消してほしい") == offered("消すのは") == offered("消したら")


def test_words_of_a_phrase_may_stand_a_little_apart_but_not_in_another_order() -> None:
    assert "利用目的" in offered("何のことにいったい使うの")
    assert "利用目的" not in offered("使うとは何")


def test_longer_phrases_come_first(tmp_path: Path) -> None:
    path = tmp_path / "map.yml"
    path.write_text("- {policy: [甲], members: [渡す]}\n- {policy: [乙, 丙], members: [誰に渡す]}\n", encoding="utf-8")
    analyzer = open_analyzer()
    offers = read_everyday(path, analyzer).offers(analyzer.forms("誰に渡すの"))
    assert [offer.policy for offer in offers] == ["乙", "甲"]


def test_the_map_is_text_throughout_and_no_phrase_is_empty() -> None:
    rows = yaml.safe_load(MAP.read_text(encoding="utf-8"))
    for row in rows:
        assert set(row) == {"policy", "members"}
        assert row["policy"]
        for text in (*row["policy"], *row["members"]):
            assert isinstance(text, str)
            assert open_analyzer().forms(text), text


def test_no_phrase_stands_twice_in_one_entry() -> None:
    for row in yaml.safe_load(MAP.read_text(encoding="utf-8")):
        assert len(set(row["members"])) == len(row["members"]), row["policy"]
