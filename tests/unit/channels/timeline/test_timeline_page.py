from __future__ import annotations

import dataclasses
import io
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, CookieJar, FormData, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Engine, event, select
from structlog.testing import capture_logs

from bot.app import build_app
from bot.channels.gateway import open_gateway
from bot.channels.timeline.texts import OUTCOMES, STAGES, WAITING
from bot.channels.website.access_log import AccessLog
from bot.register.alerts.models import Alert
from bot.register.decisions.deciding import Proposal, propose
from bot.register.decisions.grounds import Regime
from bot.register.decisions.models import Outcome
from bot.register.filing import Filed
from bot.register.identity import codes
from bot.register.identity.models import Visit
from bot.register.kinds import Kind
from bot.register.life import TERMINAL
from bot.register.models import Request, State
from bot.register.numbers import new_number
from bot.register.pages import issue_resume_code
from bot.register.thread.messages import messages_of, write_note, write_to_member
from bot.register.thread.models import StoredFile
from bot.register.timeline import STAGE_OF, Stage
from bot.storage.engine import transaction
from tests.support.channel_gateway import ScriptedRasa, channel_settings
from tests.support.timeline_cases import ANSWER, EXPLANATION, QUESTION, SATO, Desk

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0 licence"
_HANDLE = re.compile(r'name="handle" value="([^"]+)"')
_ONCE = re.compile(r'name="once" value="([^"]+)"')
_OF_THE_REGISTER = re.compile(r"\b(audit|code|code_day|contact|draft|proof|request|request_page|visit)\b")
_RELEASE = re.compile(r'name="release" value="([^"]+)"')


class SetClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@dataclasses.dataclass
class Visitor:
    """A browser without a script, at the request's page."""

    client: TestClient[web.Request, web.Application]
    desk: Desk
    clock: SetClock

    async def get(self, path: str) -> ClientResponse:
        return await self.client.get(path, allow_redirects=False)

    async def post(self, path: str, **fields: str) -> ClientResponse:
        return await self.client.post(path, data=fields, allow_redirects=False)

    async def page(self) -> str:
        return await (await self.client.get("/request/case")).text()

    async def ask_for_code(self, number: str) -> str:
        """Sends the number; gives the handle of the form that takes the code."""
        return found(_HANDLE, await (await self.post("/request", step="send", number=number)).text())

    async def enter(self, number: str) -> None:
        """Opens the page with a number and a fresh code, a moment later than whatever was before."""
        self.clock.now += timedelta(seconds=1)
        handle = await self.ask_for_code(number)
        response = await self.post("/request", step="code", handle=handle, code=self.desk.newest_code())
        assert (response.status, response.headers["Location"]) == (303, "/request/case")

    async def upload(self, request_id: str, content: bytes, **changes: str) -> ClientResponse:
        form = FormData(quote_fields=False)  # as browsers send it, RFC 7578
        fields = {"request": request_id, "purpose": "evidence"} | changes
        for name, value in fields.items():
            form.add_field(name, value)
        form.add_field("file", io.BytesIO(content), filename="免許証.jpg", content_type="image/jpeg")
        return await self.client.post("/request/case/file", data=form, allow_redirects=False)


def found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    assert match is not None, text
    return match.group(1)


@pytest.fixture
async def visitor(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Visitor]:
    database = tmp_path / "madoguchi.db"
    shutil.copy(sqlite_template, database)
    async with visiting(f"sqlite:///{database}") as opened:
        yield opened


class visiting:  # noqa: N801 - used like a function
    """A gateway on a database, with a browser at it."""

    def __init__(self, url: str, **changes: Any) -> None:  # noqa: ANN401 - any setting
        self._settings = channel_settings(Path("unused"), **{"database_url": url} | changes)

    async def __aenter__(self) -> Visitor:
        clock = SetClock()
        gateway = dataclasses.replace(open_gateway(self._settings, clock=clock), rasa=ScriptedRasa(self._settings))
        jar = CookieJar(unsafe=True)
        server = TestServer(build_app(gateway))
        await server.start_server(access_log_class=AccessLog)
        self._client = TestClient(server, cookie_jar=jar)
        return Visitor(self._client, Desk(gateway), clock)

    async def __aexit__(self, *_error: object) -> None:
        await self._client.close()


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that runs while the block does, without that of what runs beside the requests."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if _OF_THE_REGISTER.search(statement):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_every_state_and_outcome_has_its_words() -> None:
    assert set(WAITING) == set(State) == set(STAGE_OF)
    assert set(OUTCOMES) == set(Outcome)
    assert set(STAGES) == set(Stage)
    for waiting in WAITING.values():
        assert waiting.sentence.endswith("。")


async def test_the_door_asks_for_the_number_and_changes_nothing(visitor: Visitor) -> None:
    with statements(visitor.desk.gateway.engine) as seen:
        response = await visitor.get("/request")

    text = await response.text()
    assert response.status == 200
    assert "受付番号" in text
    assert "メールにコードを送る" in text
    assert response.headers["Cache-Control"] == "no-store"
    assert not seen


async def test_a_number_and_a_fresh_code_open_the_page(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()

    await visitor.enter(receipt.number)

    text = await visitor.page()
    assert receipt.number in text
    assert "開示" in text
    assert "2026年11月24日（火）12時00分" in text
    assert "page:visited" in visitor.desk.trail(receipt.request_id)


async def test_full_width_digits_with_spaces_are_the_code(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    handle = await visitor.ask_for_code(receipt.number.replace("-", "").lower())
    code = visitor.desk.newest_code().translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    response = await visitor.post("/request", step="code", handle=handle, code=f" {code[:3]}　{code[3:]} ")

    assert response.status == 303


async def test_the_cookie_is_for_this_page_alone(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    handle = await visitor.ask_for_code(receipt.number)

    response = await visitor.post("/request", step="code", handle=handle, code=visitor.desk.newest_code())

    cookie = response.cookies["request"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/request", True, "Strict")
    with transaction(visitor.desk.gateway.engine) as session:
        assert session.scalars(select(Visit)).one().token_hash != cookie.value


async def test_behind_https_the_cookie_is_secure(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "madoguchi.db")
    async with visiting(f"sqlite:///{tmp_path / 'madoguchi.db'}", public_url="https://desk.example.test") as visitor:
        (receipt,) = visitor.desk.filed_with_details()
        handle = await visitor.ask_for_code(receipt.number)
        response = await visitor.post("/request", step="code", handle=handle, code=visitor.desk.newest_code())
        assert response.cookies["__Secure-request"]["secure"]


async def test_a_wrong_code_opens_nothing_and_three_are_enough(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    handle = await visitor.ask_for_code(receipt.number)
    code = visitor.desk.newest_code()
    wrong = "000000" if code != "000000" else "000001"
    pages = set()
    for _ in range(3):
        response = await visitor.post("/request", step="code", handle=handle, code=wrong)
        assert (response.status, response.cookies) == (422, {})
        pages.add(await response.text())

    response = await visitor.post("/request", step="code", handle=handle, code=code)

    assert response.status == 422
    assert pages == {await response.text()}


async def test_a_code_for_a_download_does_not_open_the_page(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.NOTIFIED)
    await visitor.enter(receipt.number)
    release = found(_RELEASE, await visitor.page())
    asked = await visitor.post("/request/case/answer", step="ask", request=receipt.request_id, release=release)
    handle = found(_HANDLE, await asked.text())

    response = await visitor.post("/request", step="code", handle=handle, code=visitor.desk.newest_code())

    assert response.status == 422


@pytest.mark.parametrize("other", ["unknown", "not a number", "K261124"])
async def test_nobody_learns_which_numbers_there_are(database_url: str, other: str) -> None:
    async with visiting(database_url) as visitor:
        (receipt,) = visitor.desk.filed_with_details()
        engine = visitor.desk.gateway.engine
        texts, work = [], []
        for number in (receipt.number, new_number(START) if other == "unknown" else other):
            with statements(engine) as seen:
                response = await visitor.post("/request", step="send", number=number)
            text = await response.text()
            handle = found(_HANDLE, text)
            _make_wanted(visitor)
            with statements(engine) as seen_trying:
                wrong = await visitor.post("/request", step="code", handle=handle, code="12345x")
            texts.append([page.replace(handle, "") for page in (text, await wrong.text())])
            work.append([*seen, *seen_trying])

        assert texts[0] == texts[1]
        assert work[0] == work[1]
        assert "番号が正しく、メールアドレスをお預かりしていれば、コードをお送りしました" in texts[0][0]


def _make_wanted(visitor: Visitor) -> None:
    gateway = visitor.desk.gateway
    with transaction(gateway.engine) as session:
        codes.make_wanted(session, controller=gateway.controller, now=gateway.clock(), vault=gateway.vault)


async def test_no_number_is_told_so(visitor: Visitor) -> None:
    response = await visitor.post("/request", step="send", number="　")

    assert response.status == 422
    assert "受付番号を入力してください。" in await response.text()


async def test_the_printed_code_opens_the_page_without_any_mail(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.file()
    code = _resume_code(visitor, receipt)

    # Enter in the field of the code presses the button that stands first.
    response = await visitor.post("/request", step="send", number=receipt.number, resume=code)

    assert response.status == 303
    text = await visitor.page()
    assert "ご連絡先を入力する" in text
    details = await visitor.post("/request/case", step="details")
    assert re.fullmatch(r"/request/[\w-]{43}", details.headers["Location"])


async def test_a_printed_code_opens_its_own_number_only(visitor: Visitor) -> None:
    (receipt,), (other,) = visitor.desk.file(), visitor.desk.file()
    code = _resume_code(visitor, receipt)
    pages = set()
    for number, typed in ((other.number, code), (receipt.number, "AAAA"), (new_number(START), code)):
        response = await visitor.post("/request", step="resume", number=number, resume=typed)
        assert (response.status, response.cookies) == (422, {})
        pages.add((await response.text()).replace(number, ""))

    assert len(pages) == 1


async def test_printed_codes_are_tried_ten_times_a_day(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.file()
    code = _resume_code(visitor, receipt)
    for _ in range(10):
        await visitor.post("/request", step="resume", number=receipt.number, resume="AAAA")

    assert (await visitor.post("/request", step="resume", number=receipt.number, resume=code)).status == 422
    visitor.clock.now += timedelta(days=1)
    assert (await visitor.post("/request", step="resume", number=receipt.number, resume=code)).status == 303


def _resume_code(visitor: Visitor, receipt: Filed) -> str:
    with transaction(visitor.desk.gateway.engine) as session:
        draft_id = session.get_one(Request, receipt.request_id).draft_id
        return issue_resume_code(session, draft_id, now=visitor.clock.now)


@pytest.mark.parametrize("state", [state for state in State if state is not State.RECEIVED])
async def test_every_state_says_what_is_waited_for(visitor: Visitor, state: State) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, state)
    await visitor.enter(receipt.number)

    text = await visitor.page()

    assert (FETCH if state is State.NOTIFIED else WAITING[state].sentence) in text
    assert text.count('aria-current="step"') == (0 if state in TERMINAL else 1)
    assert ("取下げに進む" in text) == (state in _UNDECIDED)
    assert (EXPLANATION in text) == (state in {State.DECIDED, State.NOTIFIED, State.CLOSED})


FETCH = "回答のファイルをお受け取りください。"
_UNDECIDED = {
    State.IDENTITY_PENDING,
    State.IDENTITY_EXPIRED,
    State.VERIFIED,
    State.SCOPE_PENDING,
    State.IN_REVIEW,
}


@pytest.mark.parametrize(
    ("told_due", "words"),
    [
        ("quote", "2週間以内にご本人様ご希望の方法により回答します。"),
        ("arrival", "2026年12月8日（火）までに回答します。"),
    ],
)
async def test_the_time_to_answer_is_told_as_the_owner_chose(
    sqlite_template: Path, tmp_path: Path, told_due: str, words: str
) -> None:
    shutil.copy(sqlite_template, tmp_path / "madoguchi.db")
    async with visiting(f"sqlite:///{tmp_path / 'madoguchi.db'}", told_due=told_due) as visitor:
        (receipt,) = visitor.desk.filed_with_details()
        await visitor.enter(receipt.number)
        assert words in await visitor.page()


async def test_a_proposal_is_not_shown_before_a_second_person_agreed(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.IN_REVIEW)
    with transaction(visitor.desk.gateway.engine) as session:
        propose(
            session,
            receipt.request_id,
            Proposal(Outcome.GRANTED, explanation="まだ秘密です"),
            actor=SATO,
            now=visitor.clock.now,
            vault=visitor.desk.vault,
            regime=Regime.APPI,
        )
    await visitor.enter(receipt.number)

    assert "まだ秘密です" not in await visitor.page()


async def test_an_inquiry_has_no_station_of_identity(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details(Kind.INQUIRY)
    await visitor.enter(receipt.number)

    text = await visitor.page()

    assert "本人確認" not in text
    assert "担当者が内容を確認しています。" in text
    assert text.count('aria-current="step"') == 1


async def test_a_question_is_answered_once_however_often_it_is_pressed(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.SCOPE_PENDING)
    await visitor.enter(receipt.number)
    page = await visitor.page()
    assert QUESTION in page
    form = {"step": "write", "request": receipt.request_id, "once": found(_ONCE, page), "text": "新宿です <b>"}

    for _ in range(2):
        response = await visitor.post("/request/case", **form)
        assert response.headers["Location"] == f"/request/case?done=written#request-{receipt.request_id}"

    page = await visitor.page()
    assert page.count("新宿です &lt;b&gt;") == 1
    assert visitor.desk.state(receipt.request_id) is State.IN_REVIEW
    with transaction(visitor.desk.gateway.engine) as session:
        assert [alert.sort for alert in session.scalars(select(Alert)) if alert.sort == "reply"] == ["reply"]


async def test_messages_of_staff_are_shown_and_notes_are_not(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    with transaction(visitor.desk.gateway.engine) as session:
        facts: dict[str, Any] = {"actor": SATO, "now": visitor.clock.now, "vault": visitor.desk.vault}
        write_to_member(session, receipt.request_id, "書類が届きました。", **facts)
        write_note(session, receipt.request_id, "電話は夕方がよい", **facts)
    await visitor.enter(receipt.number)

    page = await visitor.page()

    assert "書類が届きました。" in page
    assert "電話は夕方がよい" not in page
    assert "sato" not in page


async def test_an_unusable_message_keeps_what_was_typed(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    response = await visitor.post("/request/case", step="write", request=receipt.request_id, text="長" * 2001)

    text = await response.text()
    assert response.status == 422
    assert "メッセージは2,000文字以内で入力してください。" in text
    assert "長" * 2001 in text


async def test_a_member_hands_in_a_file(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    response = await visitor.upload(receipt.request_id, JPEG)

    assert response.status == 303
    assert "ご請求に関する資料（JPEG画像、1KB）" in await visitor.page()
    with transaction(visitor.desk.gateway.engine) as session:
        row = session.scalars(select(StoredFile)).one()
        name = visitor.desk.vault.open(row.sealed_name, table="stored_file", row=row.id, column="sealed_name")
        assert (name, row.by, row.request_id) == ("免許証.jpg", "member", receipt.request_id)
        assert session.scalars(select(Alert).where(Alert.sort == "reply")).one().occasion == row.id


async def test_documents_resume_what_was_set_aside_and_have_a_place_only_where_needed(visitor: Visitor) -> None:
    sensitive = visitor.desk.file(Kind.DISCLOSURE, scope="健康情報")
    visitor.desk.give_details(sensitive)
    visitor.desk.bring(sensitive[0].request_id, State.IDENTITY_EXPIRED)
    await visitor.enter(sensitive[0].number)
    assert "ご本人を確認できる書類" in await visitor.page()

    await visitor.upload(sensitive[0].request_id, JPEG, purpose="identity")

    assert visitor.desk.state(sensitive[0].request_id) is State.IDENTITY_PENDING
    (ordinary,) = visitor.desk.filed_with_details()
    await visitor.enter(ordinary.number)
    assert "ご本人を確認できる書類" not in await visitor.page()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "ファイルを選んでください。"),
        (b"MZ\x90", "PDF、JPEG、PNG、HEICのファイルを選んでください。"),
        (JPEG + bytes(11 * 1024 * 1024), "ファイルは1つ10MBまでです。"),
    ],
    ids=["nothing", "program", "large"],
)
async def test_an_unusable_file_is_told_so(visitor: Visitor, content: bytes, words: str) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    response = await visitor.upload(receipt.request_id, content)

    assert response.status == 422
    assert words in await response.text()


async def test_a_file_for_staff_purposes_is_refused(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    assert (await visitor.upload(receipt.request_id, JPEG, purpose="answer")).status == 400


async def test_nobody_uploads_without_a_visit(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()

    assert (await visitor.upload(receipt.request_id, JPEG)).status == 403


async def test_withdrawing_takes_a_confirmation(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    asked = await visitor.post("/request/case", step="withdraw", request=receipt.request_id)
    assert "取下げの確認" in await asked.text()
    assert visitor.desk.state(receipt.request_id) is State.IDENTITY_PENDING

    for _ in range(2):
        done = await visitor.post("/request/case", step="withdraw_confirmed", request=receipt.request_id)
        assert done.status == 303
    assert visitor.desk.state(receipt.request_id) is State.WITHDRAWN


@pytest.mark.parametrize("step", ["withdraw", "withdraw_confirmed"])
async def test_what_is_decided_cannot_be_withdrawn(visitor: Visitor, step: str) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.DECIDED)
    await visitor.enter(receipt.number)

    response = await visitor.post("/request/case", step=step, request=receipt.request_id)

    assert response.status == 409
    assert "その操作はできませんでした" in await response.text()
    assert visitor.desk.state(receipt.request_id) is State.DECIDED


async def test_the_answer_takes_a_fresh_code_and_comes_as_a_file(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.NOTIFIED)
    await visitor.enter(receipt.number)
    shown = await visitor.page()
    assert "いまは、お客様の番です。" in shown
    assert FETCH in shown
    form = {"request": receipt.request_id, "release": found(_RELEASE, shown)}
    visitor.clock.now += timedelta(seconds=1)
    asked = await visitor.post("/request/case/answer", step="ask", **form)
    form["handle"] = found(_HANDLE, await asked.text())
    code = visitor.desk.newest_code()

    wrong = await visitor.post("/request/case/answer", step="download", code="12345x", **form)
    assert (wrong.status, "answer:downloaded" in visitor.desk.trail(receipt.request_id)) == (422, False)

    response = await visitor.post("/request/case/answer", step="download", code=code, **form)
    assert (response.status, await response.read()) == (200, ANSWER)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert "%E4%BA%88%E7%B4%84" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.desk.trail(receipt.request_id)[-2:] == ["answer:downloaded", "file:read"]

    again = await visitor.post("/request/case/answer", step="download", code=code, **form)
    assert again.status == 422
    fetched = await visitor.page()
    assert "いまは、窓口の番です。" in fetched
    assert FETCH not in fetched


async def test_the_code_of_one_request_does_not_open_the_answer_of_another(visitor: Visitor) -> None:
    receipts = visitor.desk.filed_with_details(Kind.DISCLOSURE, Kind.THIRD_PARTY_RECORD)
    for receipt in receipts:
        visitor.desk.bring(receipt.request_id, State.NOTIFIED)
    await visitor.enter(receipts[0].number)
    releases = _RELEASE.findall(await visitor.page())
    asked = await visitor.post("/request/case/answer", step="ask", request=receipts[0].request_id, release=releases[0])
    form = {"handle": found(_HANDLE, await asked.text()), "code": visitor.desk.newest_code()}

    response = await visitor.post(
        "/request/case/answer", step="download", request=receipts[1].request_id, release=releases[1], **form
    )

    assert response.status == 422


async def test_after_thirty_days_there_is_no_answer_any_more(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    visitor.desk.bring(receipt.request_id, State.NOTIFIED)
    await visitor.enter(receipt.number)
    release = found(_RELEASE, await visitor.page())
    visitor.clock.now += timedelta(days=30)
    await visitor.enter(receipt.number)

    assert "回答のファイル" not in await visitor.page()
    asked = await visitor.post("/request/case/answer", step="ask", request=receipt.request_id, release=release)
    assert asked.status == 404


@pytest.mark.parametrize("path", ["/request/case", "/request/case/receipt"])
async def test_without_a_visit_nothing_is_shown(visitor: Visitor, path: str) -> None:
    visitor.desk.filed_with_details()

    response = await visitor.get(path)

    assert response.status == 403
    assert "ページを開いている時間が終わりました" in await response.text()


async def test_a_visit_that_is_over_says_so_and_gives_the_words_back(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)
    visitor.clock.now += timedelta(minutes=30)

    response = await visitor.post("/request/case", step="write", request=receipt.request_id, text="長く書いた手紙")

    text = await response.text()
    assert response.status == 403
    assert "長く書いた手紙" in text
    assert receipt.number not in text
    with transaction(visitor.desk.gateway.engine) as session:
        assert messages_of(session, receipt.request_id, vault=visitor.desk.vault) == []


async def test_closing_ends_the_visit_everywhere(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)
    kept = visitor.client.session.cookie_jar.filter_cookies(visitor.client.make_url("/request"))
    cookie = {"Cookie": f"request={kept['request'].value}"}

    response = await visitor.post("/request/case", step="close")

    assert "ページを閉じました" in await response.text()
    assert (await visitor.get("/request/case")).status == 403
    assert (await visitor.client.get("/request/case", headers=cookie)).status == 403


async def test_a_visit_sees_its_own_draft_only(visitor: Visitor) -> None:
    (mine,), (other,) = visitor.desk.filed_with_details(), visitor.desk.filed_with_details()
    await visitor.enter(mine.number)

    assert other.number not in await visitor.page()
    for step in ("write", "withdraw", "withdraw_confirmed"):
        response = await visitor.post("/request/case", step=step, request=other.request_id, text="こんにちは")
        assert response.status == 404
    assert (await visitor.upload(other.request_id, JPEG)).status == 404
    assert visitor.desk.state(other.request_id) is State.IDENTITY_PENDING


@pytest.mark.parametrize("path", ["/request", "/request/case", "/request/case/answer", "/request/case/file"])
async def test_another_site_cannot_press_a_button(visitor: Visitor, path: str) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        response = await visitor.client.post(path, data={"step": "close"}, headers=headers)
        assert response.status == 403
    assert receipt.number in await visitor.page()


async def test_the_receipt_is_a_file(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    await visitor.enter(receipt.number)

    response = await visitor.get("/request/case/receipt")

    assert (response.status, (await response.read())[:5]) == (200, b"%PDF-")
    assert response.headers["Content-Disposition"].startswith("attachment")


async def test_no_number_code_or_token_stands_in_a_log(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details()
    with capture_logs() as lines:
        handle = await visitor.ask_for_code(receipt.number)
        code = visitor.desk.newest_code()
        await visitor.post("/request", step="code", handle=handle, code=code)
        await visitor.post("/request/case", step="write", request=receipt.request_id, text="秘密の話")
        await visitor.upload(receipt.request_id, JPEG)
        await visitor.page()

    told = str(lines)
    assert "/request/case" in told
    for secret in (receipt.number, handle, code, "秘密の話", "免許証", receipt.request_id):
        assert secret not in told


async def test_the_first_code_shows_whose_mailbox_it_is(visitor: Visitor) -> None:
    (receipt,) = visitor.desk.filed_with_details(Kind.PURPOSE_NOTICE)
    await visitor.enter(receipt.number)
    await visitor.enter(receipt.number)

    trail = visitor.desk.trail(receipt.request_id)
    assert trail.count("proof:tried") == 1
    assert visitor.desk.state(receipt.request_id) is State.VERIFIED
