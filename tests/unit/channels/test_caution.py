"""As long as nothing real is taken, every page, mail, paper and first message says so; in production none does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pypdfium2 as pdfium
import pytest
from pydantic import ValidationError

from bot.channels import notices
from bot.channels.mail.texts import Facts, alert_text, house_of, member_text
from bot.channels.papers.papers import Asked, Frame, form_pdf, receipt_pdf
from bot.desk import load_desk
from bot.register.alerts.models import AlertSort
from bot.register.filing import Filed
from bot.register.kinds import Kind
from bot.register.notices import MemberNotice
from bot.settings import Settings
from tests.support.channel_gateway import channel_settings, scripted_gateway
from tests.support.web_member import running_desk

CAUTION = "試用中：本物の請求は受け付けません"
_DESK = load_desk(Path("policy_corpus/eparkrelax/privacy"))
_MOMENT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
_FILED = [Filed("K261126-7F3K-9QXMC", Kind.DISCLOSURE, _MOMENT, "1" * 32)]
_PAGES = ("/", "/policy/eparkrelax/privacy/2026-11-23", "/request", "/request/some-token", "/nowhere")

Mode = Literal["trial", "production"]


def _settings(**changes: Any) -> Settings:  # noqa: ANN401 - any setting
    return Settings(_env_file=None, **changes)


def test_a_trial_says_so_and_a_demo_says_more_and_production_nothing() -> None:
    assert _settings().caution == CAUTION
    assert _settings(demo=True).caution == f"デモ：架空のデータです。{CAUTION}"
    assert _settings(mode="production").caution == ""


def test_production_is_no_demo() -> None:
    with pytest.raises(ValidationError, match="MADOGUCHI_DEMO and MADOGUCHI_MODE=production exclude each other"):
        _settings(mode="production", demo=True)


@pytest.mark.parametrize("mode", ["trial", "production"])
@pytest.mark.parametrize("path", _PAGES)
async def test_every_page_says_it_above_everything(
    mode: Mode, path: str, sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db", mode=mode) as desk:
        page = await (await desk.client.get(path, headers={"Accept": "text/html"})).text()
        assert (
            f'<body class="chat-page">\n  <aside class="caution" aria-label="ご注意">{CAUTION}</aside>' in page
        ) == (mode == "trial" and path == "/")
        assert page.count(CAUTION) == (mode == "trial")
        assert ("/static/caution" in page) == (mode == "trial")
        framed = await (await desk.client.get(path, headers=_IN_FRAME)).text()
        assert framed.count(CAUTION) == (mode == "trial")


_IN_FRAME = {"Accept": "text/html", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}


async def test_the_widget_leaves_it_to_the_first_message(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db") as desk:
        assert CAUTION not in await (await desk.client.get("/widget")).text()
        assert (await desk.member()).notice["parts"][0] == {"type": "fixed", "text": CAUTION}


@pytest.mark.parametrize("channel", ["web", "line", "slack"])
def test_the_first_message_begins_with_it(channel: str, tmp_path: Path) -> None:
    gateway, _ = scripted_gateway(channel_settings(tmp_path / "a.db"))
    assert notices.first_message(gateway, channel).parts[0].text == CAUTION
    assert notices.welcome(gateway, channel).parts[0].text == CAUTION
    gateway, _ = scripted_gateway(channel_settings(tmp_path / "a.db", mode="production"))
    assert CAUTION not in notices.first_message(gateway, channel).text


@pytest.mark.parametrize("notice", MemberNotice)
def test_every_mail_begins_with_it(notice: MemberNotice) -> None:
    facts = Facts("K261126-7F3K-9QXMC", Kind.DISCLOSURE, _MOMENT, "012345", _MOMENT)
    trial = member_text(notice, house_of(_DESK, _settings()), facts)
    assert trial.body.startswith(f"{CAUTION}\n\n")
    production = member_text(notice, house_of(_DESK, _settings(mode="production")), facts)
    assert trial.body == f"{CAUTION}\n\n{production.body}"
    assert trial.subject == production.subject


def test_so_do_alerts_to_staff() -> None:
    known = ("K261126-7F3K-9QXMC", Kind.DISCLOSURE, AlertSort.ARRIVAL, 3)
    assert alert_text(*known, caution=CAUTION).body.startswith(f"{CAUTION}\n")
    assert CAUTION not in alert_text(*known).body


@pytest.mark.parametrize(
    "draw", [lambda frame: receipt_pdf(_FILED, frame), lambda frame: form_pdf(_FILED, frame, Asked())]
)
def test_papers_have_it_in_their_first_line(draw: Callable[[Frame], bytes]) -> None:
    assert _words(draw(Frame(_DESK, "https://a.example/request", _MOMENT, CAUTION))).startswith(CAUTION)
    assert CAUTION not in _words(draw(Frame(_DESK, "https://a.example/request", _MOMENT)))


def _words(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    try:
        return "".join(str(document[0].get_textpage().get_text_range()).split())
    finally:
        document.close()
