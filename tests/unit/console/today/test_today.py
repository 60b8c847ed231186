"""今日 as each role sees it: tasks with links, nothing of a member, alerts taken up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bot.clock import TOKYO
from bot.evaluation.runs.models import RegressionRun
from bot.policy.releases.history import Happened, record
from bot.policy.releases.models import Candidate
from bot.register.alerts.models import Alert
from bot.register.casework import assign, begin_review
from bot.register.decisions.deciding import propose
from bot.register.decisions.grounds import Regime
from bot.register.entry import Entry, EntryChannel, enter
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.thread.messages import member_writes
from bot.staff.roles import Role
from tests.support.console import Desk, console_settings, running_console
from tests.support.proposals import GRANTED

NOW = datetime(2026, 11, 26, 11, 0, tzinfo=TOKYO)


@dataclass
class Ledger:
    """Requests that came by telephone, and what was done with them."""

    desk: Desk
    numbers: dict[str, str] = field(default_factory=dict)

    async def enter(self, kind: Kind, days_ago: int, *, scope: str | None = None, by: str = "staff:sato") -> str:
        """The id of a request that arrived that many days ago."""
        console = self.desk.console
        entry = Entry(
            channel=EntryChannel.PHONE,
            kinds=(kind,),
            received_at=NOW - timedelta(days=days_ago),
            scope=scope,
            words="山田花子の件",
        )
        (filed,) = await console.write(
            lambda session: enter(session, entry, actor=by, now=NOW, vault=console.vault, controller=console.controller)
        )
        self.numbers[filed.request_id] = filed.number
        return filed.request_id


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with running_console(console_settings(database_url), lambda: NOW) as running:
        yield running


@pytest.fixture
def ledger(desk: Desk) -> Ledger:
    return Ledger(desk)


async def test_each_task_stands_in_its_section_with_a_way_to_it(desk: Desk, ledger: Ledger) -> None:
    overdue = await ledger.enter(Kind.DISCLOSURE, 15)
    today = await ledger.enter(Kind.ERASURE, 14)
    inquiry = await ledger.enter(Kind.INQUIRY, 1)
    replied = await ledger.enter(Kind.CORRECTION, 3)
    vault = desk.console.vault
    await desk.console.write(lambda session: member_writes(session, replied, "いつですか", now=NOW, vault=vault))

    staff = await desk.signed_in(Role.OFFICER, "sato")
    sections = cut(await staff.get("/"))

    assert f'href="/requests/{overdue}">{ledger.numbers[overdue]}' in sections["due"]
    assert "1日超過" in sections["due"]
    assert f'href="/requests/{today}"' in sections["due"]
    assert f'href="/inbox/{inquiry}"' in sections["inquiries"]
    assert f'href="/requests/{replied}"' in sections["replies"]
    assert overdue not in sections["replies"]
    assert f'href="/requests/{overdue}"' in sections["unreachable"]


async def test_what_one_began_oneself_is_for_others(desk: Desk, ledger: Ledger) -> None:
    id_ = await ledger.enter(Kind.DISCLOSURE, 2, by="staff:ito")
    vault = desk.console.vault

    def decide(session: Session) -> None:
        session.get_one(Request, id_).verified_at = NOW
        begin_review(session, id_, actor="staff:sato", now=NOW)
        propose(session, id_, GRANTED, actor="staff:sato", now=NOW, vault=vault, regime=Regime.APPI)

    await desk.console.write(decide)
    sato, ito = await desk.signed_in(Role.OFFICER, "sato"), await desk.signed_in(Role.OFFICER, "ito")
    counsellor = await desk.signed_in(Role.COUNSELLOR, "kato")

    def halves(text: str) -> tuple[str, str]:
        mine, _, others = cut(text)["second"].partition("ほかの人の確認を待つもの")
        return mine, others

    mine, others = halves(await sato.get("/"))
    assert ("決定の承認" in mine, "決定の承認" in others) == (False, True)
    assert ("受付日時の確認" in mine, "受付日時の確認" in others) == (True, False)
    mine, others = halves(await ito.get("/"))
    assert ("決定の承認" in mine, "受付日時の確認" in others) == (True, True)
    mine, others = halves(await counsellor.get("/"))
    assert ("決定の承認" in mine, "受付日時の確認" in mine, "決定の承認" in others) == (False, True, True)


async def test_nothing_of_a_member_stands_on_it(desk: Desk, ledger: Ledger) -> None:
    await ledger.enter(Kind.DISCLOSURE, 15)
    await ledger.enter(Kind.INQUIRY, 1)
    staff = await desk.signed_in(Role.OFFICER, "sato", sees_sensitive=True)
    assert "山田" not in await staff.get("/")


async def test_requests_about_health_are_there_for_those_who_may_read_them(desk: Desk, ledger: Ledger) -> None:
    id_ = await ledger.enter(Kind.DISCLOSURE, 15, scope="健康情報")
    assert id_ not in await (await desk.signed_in(Role.OFFICER, "sato")).get("/")
    assert id_ in await (await desk.signed_in(Role.OFFICER, "ito", sees_sensitive=True)).get("/")


async def test_who_sees_no_requests_is_told_so(desk: Desk, ledger: Ledger) -> None:
    await ledger.enter(Kind.DISCLOSURE, 15)
    text = await (await desk.signed_in(Role.ADMIN)).get("/")
    assert "あなたの役割では" in text
    # Whoever made the first account finds here how to go on.
    assert '<a href="/people">利用者</a>で招待できます' in text
    assert not re.search(r"K\d{6}-", text)


async def test_an_alert_is_taken_up_with_one_press(desk: Desk, ledger: Ledger) -> None:
    id_ = await ledger.enter(Kind.DISCLOSURE, 1)
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    assert "新しい受付" in cut(await staff.get("/"))["alerts"]
    alert_id = await desk.console.read(lambda session: session.query(Alert.id).scalar())

    where, _ = await staff.post(f"/today/alerts/{alert_id}/acknowledge")

    assert where == "/#alerts"
    assert ledger.numbers[id_] not in cut(await staff.get("/"))["alerts"]
    await staff.post(f"/today/alerts/{'0' * 32}/acknowledge", status=404)


async def test_an_alert_about_health_is_not_taken_up_by_everybody(desk: Desk, ledger: Ledger) -> None:
    await ledger.enter(Kind.DISCLOSURE, 1, scope="健康情報")
    alert_id = await desk.console.read(lambda session: session.query(Alert.id).scalar())
    staff = await desk.signed_in(Role.COUNSELLOR, "sato")
    await staff.post(f"/today/alerts/{alert_id}/acknowledge", status=403)
    open_still = await desk.console.read(lambda session: session.get_one(Alert, alert_id).acknowledged_at)
    assert open_still is None


async def test_ones_own_stand_first_by_name(desk: Desk, ledger: Ledger) -> None:
    colleagues = await ledger.enter(Kind.DISCLOSURE, 16)
    own = await ledger.enter(Kind.DISCLOSURE, 15)

    def give(session: Session) -> None:
        assign(session, colleagues, "staff:ito", actor="staff:sato", now=NOW)
        assign(session, own, "staff:sato", actor="staff:sato", now=NOW)

    await desk.console.write(give)
    await desk.signed_in(Role.OFFICER, "ito")
    due = cut(await (await desk.signed_in(Role.OFFICER, "sato")).get("/"))["due"]
    assert due.index(own) < due.index(colleagues)
    assert "<strong>あなた</strong>" in due
    assert "見本 ito" in due


def cut(text: str) -> dict[str, str]:
    """The page's sections by the ids of their headings."""
    return {found[1]: found[2] for found in re.finditer(r'aria-labelledby="(\w+)">(.*?)</section>', text, re.DOTALL)}


async def test_a_candidate_waits_for_somebody_who_did_not_change_it(desk: Desk) -> None:
    policy, now = desk.console.settings.default_policy, NOW

    def begin(session: Session) -> None:
        candidate = Candidate(
            id="c" * 32,
            controller=desk.console.controller,
            policy=policy,
            version=1,
            based_on=0,
            digest="0" * 64,
            packed_files=b"",
            opened_at=now,
            changed_at=now,
        )
        session.add(candidate)
        session.flush()
        record(session, policy, Happened.EDITED, actor="staff:sato", now=now, candidate_id=candidate.id, what="card:x")

    sato, ito = await desk.signed_in(Role.OFFICER, "sato"), await desk.signed_in(Role.OFFICER, "ito")
    assert 'id="answers"' not in await sato.get("/")
    await desk.console.write(begin)
    assert "公開は別の人が行います" in cut(await sato.get("/"))["answers"]
    assert 'href="/improving/publish"' in cut(await ito.get("/"))["answers"]
    assert "あなたが公開できます" not in cut(await (await desk.signed_in(Role.VIEWER)).get("/"))["answers"]


async def test_a_set_is_red_by_its_last_run_alone(desk: Desk) -> None:
    def ran(number: int, set_name: str, *, is_green: bool) -> RegressionRun:
        at = NOW + timedelta(minutes=number)
        return RegressionRun(
            id=f"{number:032}",
            batch="b" * 32,
            controller=desk.console.controller,
            policy=desk.console.settings.default_policy,
            set_name=set_name,
            set_title=f"見本の{set_name}",
            set_digest="0" * 64,
            passing=1.0,
            subject="live",
            subject_digest="0" * 64,
            version="1",
            model="m",
            index_release="0" * 64,
            code="0" * 64,
            state="done",
            fault="",
            started_by="staff:sato",
            holder="",
            queued_at=at,
            started_at=at,
            ended_at=at,
            cases=2,
            done=2,
            passed=2 if is_green else 1,
            is_green=is_green,
        )

    runs = (ran(1, "healed", is_green=False), ran(2, "healed", is_green=True), ran(3, "broken", is_green=False))
    await desk.console.write(lambda session: session.add_all(runs))

    told = cut(await (await desk.signed_in(Role.VIEWER)).get("/"))["answers"]

    assert f'href="/tests/runs/{3:032}">見本のbroken' in told
    assert "見本のhealed" not in told
