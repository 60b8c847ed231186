"""What the reader thinks moves what was found, and loses nothing of it."""

from hypothesis import given
from hypothesis import strategies as st

from bot.policy.model import Passage, Sentence
from bot.policy.reader.ranking import PASSAGE_WEIGHT, reread
from bot.policy.search import Hit


def _hit(number: int, score: float) -> Hit:
    sentences = tuple(Sentence(f"文{number}-{i}。", i * 10, i * 10 + 5, f"{number}/1", "sentence") for i in range(3))
    passage = Passage(f"{number}/1", str(number), "見出し", "本文", 0, 30, sentences)
    return Hit(passage, score, {"cosine": 0.8}, sentences[0], tuple((each, 0.0) for each in sentences))


def test_a_passage_that_surely_states_it_comes_first_with_its_sentence() -> None:
    first, second = _hit(1, 0.9), _hit(2, 0.8)
    read = {sentence: -4.0 for hit in (first, second) for sentence, _ in hit.near}
    read[second.passage.sentences[2]] = 4.0
    best, other = reread([first, second], read)
    assert best.passage is second.passage
    assert best.sentence is second.passage.sentences[2]
    assert (best.parts["read"], other.parts["read"]) == (4.0, -4.0)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-9, 9)), min_size=1, max_size=8), st.integers(0, 8))
def test_every_hit_stays_and_the_best_come_first(found: list[tuple[float, float]], count: int) -> None:
    hits = [_hit(number, score) for number, (score, _) in enumerate(found)]
    read = {s: logit for hit, (_, logit) in zip(hits[:count], found, strict=False) for s, _ in hit.near}
    again = reread(hits, read)
    assert {hit.passage.id for hit in again} == {hit.passage.id for hit in hits}
    assert [hit.score for hit in again] == sorted((hit.score for hit in again), reverse=True)
    before = {hit.passage.id: hit.score for hit in hits}
    assert all(0 <= hit.score - before[hit.passage.id] <= PASSAGE_WEIGHT for hit in again)
