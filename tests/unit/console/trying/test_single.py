from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.console.trying.trial import tried
from bot.policy.assistant import Assistant, open_assistant
from bot.settings import Settings
from bot.staff.roles import Role
from tests.support.console import Desk
from tests.support.regression import LIVE, QUOTE, StubSubjects
from tests.unit.console.trying.conftest import StubRasa

NOW = datetime(2026, 11, 26, tzinfo=UTC)


async def test_a_question_is_taken_through_every_stage(desk: Desk, subjects: StubSubjects, rasa: StubRasa) -> None:
    del subjects
    staff = await desk.signed_in(Role.COUNSELLOR)
    _, page = await staff.post("/try", {"question": "開示の期間は", "subject": "live"}, status=200)
    assert rasa.heard == ["開示の期間は"]
    for told in ("ask_policy", "0.913", "0.070", QUOTE, "2-5", "公開中", "チャネルごとの見え方", "ブロック"):
        assert told in page
    assert f"<mark>{QUOTE}</mark>" in page
    assert "回帰テストに追加" in page
    assert "公開候補" not in page


async def test_both_are_shown_beside_each_other(desk: Desk, subjects: StubSubjects) -> None:
    subjects.begin_candidate()
    staff = await desk.signed_in(Role.COUNSELLOR)
    _, page = await staff.post("/try", {"question": "開示の期間は", "subject": "both"}, status=200)
    assert page.count("チャネルごとの見え方") == 2
    assert page.count('id="reason-') == 4


async def test_without_a_candidate_there_is_none_to_ask(desk: Desk, subjects: StubSubjects) -> None:
    del subjects
    staff = await desk.signed_in(Role.VIEWER)
    _, page = await staff.post("/try", {"question": "甲", "subject": "candidate"}, status=400)
    assert "公開候補はまだありません" in page


async def test_the_kinds_of_a_request_are_named(desk: Desk, subjects: StubSubjects) -> None:
    del subjects
    staff = await desk.signed_in(Role.VIEWER)
    _, page = await staff.post("/try", {"question": "私の個人情報を開示してください"}, status=200)
    assert "<code>disclosure</code>" in page
    assert "回帰テストに追加" not in page


async def test_what_looks_like_markup_or_a_command_is_only_text(
    desk: Desk, subjects: StubSubjects, rasa: StubRasa
) -> None:
    del subjects
    staff = await desk.signed_in(Role.VIEWER)
    _, page = await staff.post("/try", {"question": '/restart"><script>alert(1)</script>'}, status=200)
    assert "<script>alert" not in page
    assert rasa.heard[0].startswith("／restart")


@pytest.mark.parametrize("status", [401, 500])
async def test_without_rasa_the_rest_still_works(
    desk: Desk, subjects: StubSubjects, rasa: StubRasa, status: int
) -> None:
    del subjects
    rasa.status = status
    staff = await desk.signed_in(Role.VIEWER)
    _, page = await staff.post("/try", {"question": "開示の期間は"}, status=200)
    assert f"HTTP {status}" in page
    assert QUOTE in page


@pytest.mark.parametrize(("question", "told"), [("　", "質問を入力してください"), ("あ" * 1001, "1,000文字以内")])
async def test_an_unusable_question_is_told(desk: Desk, subjects: StubSubjects, question: str, told: str) -> None:
    del subjects
    staff = await desk.signed_in(Role.VIEWER)
    _, page = await staff.post("/try", {"question": question}, status=400)
    assert told in page


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return open_assistant(Settings())


def test_every_candidate_says_what_became_of_it(assistant: Assistant) -> None:
    answer = assistant.answer("内部監査はありますか？通信は暗号化されますか？", None, NOW)
    shown = tried(LIVE, assistant.policy, answer)
    assert shown.trace is not None
    assert len(shown.trace.questions) == 2
    for question in shown.trace.questions:
        assert len(question.candidates) == 10
        assert all(each.why or each.use != "passed" for each in question.candidates)
        assert all(each.best and each.heading for each in question.candidates)
        assert [gate.state for gate in question.gates] == ["open", "open"]
    assert {"検索", "関門の判定", "組み立て"} <= {title for title, _ in shown.trace.stages}
    for place in shown.places:
        text = "".join(run.text for run in place.runs)
        section = assistant.policy.section(place.section)
        assert section is not None
        assert text == assistant.policy.text[section.start : section.end]
        assert any(run.is_quoted for run in place.runs)
