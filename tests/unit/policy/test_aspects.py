import pytest

from bot.policy.aspects import asked_in
from bot.policy.assistant import Assistant
from bot.policy.embedding import BUNDLED, open_embedder


@pytest.mark.parametrize(
    ("question", "aspects"),
    [
        ("写真はどこかに渡りますか", ["provision"]),
        ("趣味の欄は何に使われますか", ["purpose"]),
        ("何の目的で第三者に提供するの", ["provision", "purpose"]),
        ("受付は何時までですか", []),
    ],
)
def test_a_question_names_what_it_wants_to_know_about_some_data(question: str, aspects: list[str]) -> None:
    assert [aspect.name for aspect in asked_in(question)] == aspects


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("健康情報は他社に渡りますか", "2-2"),
        ("健康情報は何に使われますか", "2-1-健康情報"),
        ("行動履歴はよその会社も見られる？", "2-2"),
        ("行動履歴の使い道は", "2-1-行動履歴情報"),
    ],
)
def test_the_aspect_decides_between_passages_that_name_the_same_data(
    assistant: Assistant, question: str, section: str
) -> None:
    searcher, embedder = assistant._searcher, open_embedder(BUNDLED, "", "")
    query = searcher.query(question)
    assert searcher.search(query, embedder.questions(query.variants))[0].passage.section == section
