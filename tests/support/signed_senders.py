"""What LINE and Slack send, signed, and how they send: again and again until it was taken."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.support import fake_line, fake_slack

Json = dict[str, Any]

FIRST_MOMENT = 1_795_426_200_000
"""Milliseconds since 1970, as LINE counts, of the first event."""

_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Event:
    """One event of a platform as it stands in the webhook's body; every delivery of it is the same but signed anew."""

    channel: str
    event_id: str
    text: str
    path: str
    body: bytes

    def headers(self) -> dict[str, str]:
        return fake_line.signed(self.body) if self.channel == "line" else fake_slack.signed(self.body.decode())


def line_text(text: str, *, event_id: str, user: str, place: int = 0) -> Event:
    """What a member of LINE typed, `place` milliseconds after the first event."""
    return line_event(fake_line.text_event(text, event_id=event_id), text, event_id=event_id, user=user, place=place)


def line_tap(data: str, *, event_id: str, user: str, place: int = 0) -> Event:
    """A button that was tapped on LINE."""
    return line_event(
        fake_line.postback_event(data, event_id=event_id), data, event_id=event_id, user=user, place=place
    )


def line_event(event: Json, text: str, *, event_id: str, user: str, place: int) -> Event:
    whole = event | {"source": {"type": "user", "userId": user}, "timestamp": FIRST_MOMENT + place}
    return Event("line", event_id, text, "/line/webhook", fake_line.webhook(whole))


def slack_text(text: str, *, event_id: str, user: str, place: int = 0) -> Event:
    """What a member of Slack wrote to the app, `place` milliseconds after the first event."""
    moment = FIRST_MOMENT + place
    ts = f"{moment // 1000}.{moment % 1000:03}000"
    message = fake_slack.direct_message(text, user=user, channel=f"D{user}", ts=ts, event_ts=ts)
    body = fake_slack.event_callback(message, event_id=event_id)
    return Event("slack", event_id, text, "/slack/events", body.encode())


def slack_tap(button: Json, *, event_id: str, user: str, place: int = 0) -> Event:
    """A button that was tapped on Slack; `button` is an element of a post that the fake recorded, with its `post`."""
    moment = FIRST_MOMENT + place
    body = fake_slack.block_action(
        button["value"],
        action_id=button["action_id"],
        user=user,
        post=button["post"],
        action_ts=f"{moment // 1000}.{moment % 1000:03}000",
    )
    return Event("slack", event_id, button["value"], "/slack/interactive", body.encode())


@dataclass
class Senders:
    """Deliver events to `url` over HTTP; each goes out until a 2xx comes back, as both platforms repeat it.

    `taken` counts the deliveries that were, `repeated` those that broke off or were refused and went out again.
    """

    url: str
    workers: int = 8
    taken: int = 0
    repeated: int = 0
    on_taken: Callable[[int], None] = field(default=lambda _taken: None)

    async def send_all(self, events: Iterable[Event], *, times: int, seed: int = 5) -> None:
        """Sends each event `times` times, shuffled over all of them."""
        deliveries = [event for event in events for _ in range(times)]
        random.Random(seed).shuffle(deliveries)  # noqa: S311 - the same order each time
        waiting = iter(deliveries)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            await asyncio.gather(*(self._work(session, waiting) for _ in range(self.workers)))

    async def send(self, event: Event) -> None:
        """Sends one event once."""
        await self.send_all([event], times=1)

    async def _work(self, session: aiohttp.ClientSession, waiting: Iterable[Event]) -> None:
        for event in waiting:
            while not await self._is_taken(session, event):
                self.repeated += 1
                await asyncio.sleep(_PAUSE_SECONDS)
            self.taken += 1
            self.on_taken(self.taken)

    async def _is_taken(self, session: aiohttp.ClientSession, event: Event) -> bool:
        try:
            async with session.post(self.url + event.path, data=event.body, headers=event.headers()) as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False
