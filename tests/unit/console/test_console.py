"""The console from log-in to a tried question: the real assistant on the real policy, Rasa's parse from a stub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.console.app import build_app
from bot.errors import BadInputError
from bot.settings import Settings

TOKEN = "console-token"
QUESTION = "口座情報は何に使われますか"
Console = TestClient[web.Request, web.Application]

PARSE = {
    "text": "…",
    "intent": {"name": "ask_policy", "confidence": 0.913},
    "intent_ranking": [{"name": "ask_policy", "confidence": 0.913}, {"name": "open_request", "confidence": 0.041}],
    "entities": [],
    "off_topic": 0.07,
}


class StubRasa:
    """Answers the parse call; `heard` is what it was asked, `status` what it says instead when not 200."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status = 200

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/webhooks/inspect/parse", self._parse)
        return app

    async def _parse(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer internal":
            return web.Response(status=401)
        self.heard.append((await request.json())["text"])
        return web.json_response(PARSE, status=self.status)


@pytest.fixture
async def rasa() -> StubRasa:
    return StubRasa()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the module, so that the index is built once."""
    return tmp_path_factory.mktemp("console")


def settings(data_dir: Path, rasa_url: str = "http://127.0.0.1:9") -> Settings:
    return Settings(
        _env_file=None,
        data_dir=data_dir,
        console_token=SecretStr(TOKEN),
        internal_token=SecretStr("internal"),
        rasa_url=rasa_url,
    )


@pytest.fixture
async def console(rasa: StubRasa, data_dir: Path) -> AsyncIterator[Console]:
    async with TestServer(rasa.app()) as server:
        app = build_app(settings(data_dir, str(server.make_url("")).rstrip("/")))
        async with TestClient(TestServer(app)) as client:
            yield client


async def log_in(console: Console, token: str = TOKEN) -> int:
    async with console.post("/login", data={"token": token}, allow_redirects=False) as answer:
        return answer.status


async def ask(console: Console, question: str) -> tuple[int, str]:
    async with console.post("/", data={"question": question}) as answer:
        return answer.status, await answer.text()


def test_without_a_token_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="MADOGUCHI_CONSOLE_TOKEN"):
        build_app(Settings(_env_file=None, data_dir=tmp_path))


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_is_shown_before_the_log_in(console: Console, method: str) -> None:
    async with console.request(method, "/", data={"question": QUESTION}, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/login")


@pytest.mark.parametrize("token", ["", "wrong", "トークン"])
async def test_a_wrong_token_opens_nothing(console: Console, token: str) -> None:
    async with console.post("/login", data={"token": token}) as answer:
        assert answer.status == 401
        assert "トークンが正しくありません。" in await answer.text()
        assert not answer.cookies


async def test_guessing_is_slowed_down(console: Console) -> None:
    assert [await log_in(console, "wrong") for _ in range(11)] == [401] * 10 + [429]
    assert await log_in(console) == 429


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(console: Console) -> None:
    async with console.post("/login", data={"token": TOKEN}, allow_redirects=False) as answer:
        assert answer.status == 303
        assert TOKEN not in str(answer.headers)
        cookie = answer.cookies["console"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


async def test_a_log_out_ends_the_session_on_the_server(console: Console) -> None:
    await log_in(console)
    kept = {"Cookie": f"console={console.session.cookie_jar.filter_cookies(console.make_url('/'))['console'].value}"}
    await console.post("/logout", allow_redirects=False)
    async with console.get("/", headers=kept, allow_redirects=False) as answer:
        assert answer.status == 303


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_another_sites_post_is_refused(console: Console, headers: dict[str, str]) -> None:
    async with console.post("/login", data={"token": TOKEN}, headers=headers) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("path", ["/", "/login", "/static/console.css", "/nothing"])
async def test_every_answer_is_guarded(console: Console, path: str) -> None:
    async with console.get(path, allow_redirects=False) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_question_is_taken_through_every_stage(console: Console, rasa: StubRasa) -> None:
    await log_in(console)
    status, page = await ask(console, QUESTION)
    assert status == 200
    assert rasa.heard == [QUESTION]
    assert "ask_policy" in page
    assert "0.913" in page
    assert "キャッシュバックキャンペーン等における返金処理のため" in page
    assert "2-1-口座情報" in page
    assert "回答に引用" in page
    assert "方針の話題である見込み" in page


async def test_the_kinds_of_a_request_are_named(console: Console) -> None:
    await log_in(console)
    _, page = await ask(console, "私の個人情報を開示してください")
    assert "<code>disclosure</code>" in page


async def test_what_looks_like_markup_is_shown_as_it_is(console: Console) -> None:
    await log_in(console)
    _, page = await ask(console, '"><script>alert(1)</script>')
    assert "<script>" not in page


async def test_a_typed_slash_is_tried_as_a_member_would_have_it(console: Console, rasa: StubRasa) -> None:
    await log_in(console)
    await ask(console, "/restart")
    assert rasa.heard == ["／restart"]


@pytest.mark.parametrize("status", [401, 500])
async def test_without_rasa_the_rest_still_works(console: Console, rasa: StubRasa, status: int) -> None:
    rasa.status = status
    await log_in(console)
    answered, page = await ask(console, QUESTION)
    assert answered == 200
    assert f"HTTP {status}" in page
    assert "キャッシュバックキャンペーン等における返金処理のため" in page


async def test_rasa_that_is_away_is_told(data_dir: Path, unused_tcp_port: int) -> None:
    app = build_app(settings(data_dir, f"http://127.0.0.1:{unused_tcp_port}"))
    async with TestClient(TestServer(app)) as console:
        await log_in(console)
        _, page = await ask(console, QUESTION)
    assert "Rasa から意図を得られませんでした: 接続できません" in page


@pytest.mark.parametrize(("question", "told"), [("　", "質問を入力してください。"), ("あ" * 1001, "1,000 文字以内")])
async def test_an_unusable_question_is_told(console: Console, question: str, told: str) -> None:
    await log_in(console)
    status, page = await ask(console, question)
    assert status == 400
    assert told in page
