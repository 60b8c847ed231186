from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.policy import search
from bot.policy.embedding import BUNDLED, Embedder, Vectors, open_embedder
from bot.policy.everyday import open_everyday
from bot.policy.index import index_of
from bot.policy.lexical import open_analyzer
from bot.policy.model import Policy
from bot.policy.search import Searcher

DIMENSION = 8


def vectors_of(count: int, seed: int) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    unit: Vectors = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


@pytest.fixture(scope="module")
def searcher(policy: Policy) -> Searcher:
    index = index_of(vectors_of(len(policy.sentences), 1), vectors_of(len(policy.passages), 2))
    return Searcher(policy, index, open_analyzer(), open_everyday())


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder(BUNDLED, "", "")


def test_the_first_text_to_embed_is_the_question_as_typed(searcher: Searcher) -> None:
    text = "すみません、データを消してほしいんですが💦"
    assert searcher.query(text).variants[0] == text
    assert searcher.query(text, "退会").variants[0] == text


def test_at_most_two_further_texts_are_embedded(searcher: Searcher) -> None:
    text = "ねえ、写真とか住所を勝手に売ったり警察に渡したりしてるのか心配なんだけど、いつ消してくれるの"
    assert len(searcher.query(text).variants) == 2
    assert len(searcher.query(text, "退会").variants) == 3


def test_only_names_that_one_passage_holds_together_are_offered(searcher: Searcher, policy: Policy) -> None:
    names = [
        name for offer, _ in searcher.query("警察に渡したりする？ 名簿屋には？").offers for name in offer.alternatives
    ]
    assert "国または地方公共団体" in names
    assert "捜査" not in names
    assert names
    assert "捜査" not in policy.text


def test_a_mended_word_is_searched_instead_of_the_slip(searcher: Searcher) -> None:
    assert {word.form for word in searcher.query("かいじの青球").words} == {"開示", "請求"}


def test_limit_cuts_the_same_order_short(searcher: Searcher) -> None:
    query = searcher.query("口座の情報は何に使う")
    vectors = vectors_of(len(query.variants), 3)
    whole = searcher.search(query, vectors)
    assert len(whole) == len(searcher.policy.passages)
    assert searcher.search(query, vectors, limit=3) == whole[:3]


def test_the_best_sentence_and_its_neighbours_belong_to_the_passage(searcher: Searcher) -> None:
    query = searcher.query("委託先の監督")
    for hit in searcher.search(query, vectors_of(len(query.variants), 4)):
        assert tuple(sentence for sentence, _ in hit.near) == hit.passage.sentences
        assert hit.sentence == max(hit.near, key=lambda pair: pair[1])[0]
        assert 0 <= hit.parts["coverage"] <= 1 + 1e-9


def test_among_many_passages_the_candidates_give_the_same_best(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = searcher.query("クッキーを断るには")
    vectors = vectors_of(len(searcher.policy.sentences), 1)[7:8].repeat(len(query.variants), axis=0)
    whole = searcher.search(query, vectors)
    monkeypatch.setattr(search, "WEIGHED_WHOLE", 0)
    monkeypatch.setattr(search, "NEAREST_SENTENCES", 40)
    monkeypatch.setattr(search, "NEAREST_BY_WORDS", 10)
    some = searcher.search(query, vectors)
    assert 0 < len(some) < len(whole)
    assert some[0].passage == whole[0].passage
    assert some[0].parts["dense"] == pytest.approx(whole[0].parts["dense"], abs=1e-5)


def test_hub_is_subtracted(policy: Policy) -> None:
    sentences, passages = vectors_of(len(policy.sentences), 1), vectors_of(len(policy.passages), 2)
    hub = np.full(len(sentences), 0.25, dtype=np.float32)
    plain, corrected = (
        Searcher(policy, index_of(sentences, passages, h), open_analyzer(), open_everyday()) for h in (None, hub)
    )
    query = plain.query("開示")
    vectors = vectors_of(len(query.variants), 6)
    before, after = plain.search(query, vectors)[0], corrected.search(query, vectors)[0]
    assert before.passage == after.passage
    assert before.parts["cosine"] == pytest.approx(after.parts["cosine"])
    assert before.parts["dense"] - after.parts["dense"] == pytest.approx(0.25 * search.SENTENCE_WEIGHT, abs=1e-5)


@pytest.mark.dear
def test_kana_finds_what_kanji_finds(policy: Policy, embedder: Embedder) -> None:
    index = index_of(
        embedder.documents([sentence.text for sentence in policy.sentences]),
        embedder.documents([passage.text for passage in policy.passages]),
    )
    searcher = Searcher(policy, index, open_analyzer(), open_everyday())
    found = []
    for text in ("共同利用の管理の責任者", "きょうどうりようのかんりのせきにんしゃ"):
        query = searcher.query(text)
        found.append(searcher.search(query, embedder.questions(query.variants))[0].passage.section)
    assert found[0] == found[1] == "2-2"


def test_a_passage_of_a_copy_is_found_where_it_stands(policy: Policy) -> None:
    """A policy of ready vectors needs nothing but texts and rows in one order."""
    section = replace(policy.sections[1], passages=policy.passages)
    copy = replace(policy, sections=(section,))
    rows = vectors_of(len(copy.sentences), 7)
    searcher = Searcher(copy, index_of(rows, vectors_of(len(copy.passages), 8)), open_analyzer(), open_everyday())
    query = replace(searcher.query("開示"), words=(), offers=(), bare="")
    assert searcher.search(query, rows[5:6])[0].sentence == copy.sentences[5]
