"""A member with LINE on their phone: writes, taps, takes back, adds and blocks; reads what the fake server was sent."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient
from sqlalchemy import select

from bot.channels.gateway import Gateway
from bot.channels.line.webhook import PATH
from bot.storage.engine import reading
from bot.storage.models import Inbound, Member, Outbound
from tests.support.channel_gateway import ScriptedRasa
from tests.support.fake_line import FakeLine, event, postback_event, shown, signed, text_event, unsend_event, webhook
from tests.support.waiting import until
from tests.support.web_member import TickingClock

Json = dict[str, Any]


@dataclass
class LinePhone:
    """One member `U1`, the gateway they write to, and everything a test looks at; time passes when it is told to."""

    client: TestClient[web.Request, web.Application]
    gateway: Gateway
    rasa: ScriptedRasa
    line: FakeLine
    clock: TickingClock
    _count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def write(self, text: str) -> str:
        """Writes a message; gives the id of its event."""
        return await self._happen(text_event(text, event_id=self._id()))

    async def tap(self, label: str) -> str:
        """Taps a button of the newest reply: a quick reply, or one that stays in a bubble."""
        return await self._happen(postback_event(self.buttons()[label], event_id=self._id()))

    async def take_back(self, event_id: str) -> None:
        """Takes back the message of an earlier event."""
        await self._happen(unsend_event(event_id, event_id=self._id()))

    async def follow(self) -> None:
        await self._happen(event("follow", event_id=self._id(), follow={"isUnblocked": False}))

    async def block(self) -> None:
        unfollow = event("unfollow", event_id=self._id())
        del unfollow["replyToken"]
        await self._happen(unfollow)

    async def post(self, *events: object) -> int:
        """Delivers one webhook; gives the status it was answered with."""
        for one in events:
            if isinstance(one, dict) and one.get("replyToken"):
                self.line.hand_out(one["replyToken"])
        body = webhook(*events)
        async with self.client.post(PATH, data=io.BytesIO(body), headers=signed(body)) as answer:
            return answer.status

    def buttons(self) -> dict[str, str]:
        """What the buttons of the newest reply carry, by their labels."""
        last = self.line.replies[-1]["messages"]
        staying = (action for one in last if one["type"] == "flex" for action in _actions(one["contents"]["body"]))
        found = {action["label"]: action["data"] for action in staying if action["type"] == "postback"}
        return found | self.line.buttons()

    def reads(self) -> list[str]:
        """What the newest reply says, message by message."""
        return [shown(message) for message in self.line.replies[-1]["messages"]] if self.line.replies else []

    async def reply(self, count: int) -> list[str]:
        """Waits until there are so many replies, and reads the newest."""
        await until(lambda: len(self.line.replies) >= count)
        await self.rest()
        assert len(self.line.replies) == count
        return self.reads()

    async def rest(self) -> None:
        """Waits until nothing more happens before time passes."""
        await until(self._is_at_rest)

    async def wait(self, seconds: float) -> None:
        """Lets time pass, and what is due happen."""
        self.clock.pass_time(seconds=seconds)
        self.gateway.outbox_filled.set()
        await self.rest()

    async def answered(self) -> None:
        """Waits until every turn has its answer, or was given up, and what can go out has gone out."""
        await until(lambda: all(row.state != "waiting" for row in self.inbox()))
        await self.rest()

    async def loading(self, expected: list[str]) -> None:
        """Waits until the indicator was shown to exactly these."""
        await until(lambda: self.line.loading == expected)

    async def counted(self, outcome: str, count: int) -> None:
        """Waits until so many sends of LINE had this outcome."""
        metric = self.gateway.metrics.sent.labels("line", outcome)
        await until(lambda: metric._value.get() == count)

    def text(self, text: str, event_id: str) -> Json:
        return text_event(text, event_id=event_id)

    def postback(self, data: str) -> Json:
        return postback_event(data, event_id=self._id())

    def inbox(self) -> list[Inbound]:
        with reading(self.gateway.engine) as session:
            return list(session.scalars(select(Inbound).order_by(Inbound.received_at)))

    def outbox(self, kind: str) -> list[Outbound]:
        with reading(self.gateway.engine) as session:
            return list(session.scalars(select(Outbound).where(Outbound.kind == kind).order_by(Outbound.created_at)))

    def member_id(self) -> str:
        return self.member().id

    def member(self) -> Member:
        with reading(self.gateway.engine) as session:
            return session.scalars(select(Member)).one()

    async def _happen(self, incoming: Json) -> str:
        now = incoming | {"timestamp": int(self.clock().timestamp() * 1000)}
        assert await self.post(now) == 200
        await self.rest()
        return str(incoming["webhookEventId"])

    def _is_at_rest(self) -> bool:
        now = self.clock.now
        with reading(self.gateway.engine) as session:
            turns = session.scalars(select(Inbound).where(Inbound.state == "waiting", Inbound.attempts == 0)).all()
            due = session.scalars(select(Outbound).where(Outbound.state == "waiting", Outbound.due_at <= now)).all()
        return not turns and not [row for row in due if row.channel == "line"]

    def _id(self) -> str:
        return f"E{next(self._count)}"


def _actions(component: Json) -> list[Json]:
    own = [component["action"]] if "action" in component else []
    return own + [action for part in component.get("contents", ()) for action in _actions(part)]
