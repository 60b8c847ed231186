from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from sqlalchemy import func, select, update

from bot.channels.rates.backlog import TooManyTurnsWaitError, expect_room
from bot.storage.engine import transaction
from bot.storage.models import Inbound
from tests.support.web_member import Desk

Open = Callable[..., AbstractAsyncContextManager[Desk]]


def leave_waiting(desk: Desk) -> None:
    """As if nobody had come to answer yet."""
    with transaction(desk.gateway.engine) as session:
        # Far ahead, so that what works off overdue turns beside the requests leaves them alone.
        session.execute(update(Inbound).values(state="waiting", due_at=desk.clock.now.replace(year=2030)))


async def test_beyond_the_bound_a_message_is_refused_before_it_is_stored(open_desk: Open) -> None:
    async with open_desk(most_turns_waiting=2) as desk:
        member = await desk.member()
        for _ in range(2):
            await member.send(text="共同利用とは何ですか")
        leave_waiting(desk)

        refused = await member.post(text="もうひとつ")

        assert refused.status == 503
        assert int(refused.headers["Retry-After"]) > 0
        with transaction(desk.gateway.engine) as session:
            assert session.scalar(select(func.count()).select_from(Inbound)) == 2
            session.execute(update(Inbound).values(state="done"))
        assert await member.send(text="もうひとつ")


@pytest.mark.parametrize("most", [0, 2])
async def test_no_bound_and_room_below_it(open_desk: Open, most: int) -> None:
    async with open_desk(most_turns_waiting=most) as desk:
        member = await desk.member()
        await member.send(text="共同利用とは何ですか")
        leave_waiting(desk)
        await expect_room(desk.gateway)


async def test_the_bound_itself_is_no_room(open_desk: Open) -> None:
    async with open_desk(most_turns_waiting=1) as desk:
        await (await desk.member()).send(text="共同利用とは何ですか")
        leave_waiting(desk)
        with pytest.raises(TooManyTurnsWaitError):
            await expect_room(desk.gateway)
