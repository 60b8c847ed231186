"""LINE delivers twice, out of order and at once: on both databases every event counts once."""

import asyncio
import io

from bot.channels.line.webhook import PATH
from bot.storage import transcript
from bot.storage.engine import reading
from tests.support.fake_line import signed, text_event, unsend_event, webhook
from tests.support.fake_line_events import NOW_MS, duplicated_and_shuffled
from tests.support.line_phone import LinePhone

_MEMBERS, _EACH, _TIMES, _WORKERS = 3, 6, 3, 4


async def deliver(phone: LinePhone, bodies: list[bytes]) -> list[int]:
    """Several workers deliver what is in the list until nothing is left."""
    waiting = iter(bodies)

    async def work() -> list[int]:
        return [await _post(phone, body) for body in waiting]

    return [status for statuses in await asyncio.gather(*(work() for _ in range(_WORKERS))) for status in statuses]


async def _post(phone: LinePhone, body: bytes) -> int:
    async with phone.client.post(PATH, data=io.BytesIO(body), headers=signed(body)) as answer:
        return answer.status


async def test_every_event_is_one_turn_with_one_answer(either_phone: LinePhone) -> None:
    phone = either_phone
    events = [
        text_event(
            f"質問{member}-{place}",
            event_id=f"E{member}-{place}",
            timestamp=NOW_MS + place,
            source={"type": "user", "userId": f"U{member}"},
        )
        for place in range(_EACH)
        for member in range(_MEMBERS)
    ]
    statuses = await deliver(phone, duplicated_and_shuffled(events, times=_TIMES, seed=7))
    assert set(statuses) == {200}
    await phone.answered()
    assert len(phone.inbox()) == len(events)
    assert sorted(text for _, text in phone.rasa.heard) == sorted(one["message"]["text"] for one in events)
    read = [text for texts in phone.line.read() for text in texts]
    assert all(read.count(f"受け取りました: {one['message']['text']}") == 1 for one in events)
    tokens = [reply["replyToken"] for reply in phone.line.replies]
    assert len(set(tokens)) == len(tokens)
    assert phone.line.refusals == []


async def test_a_message_and_its_unsend_at_once_leave_no_word(either_phone: LinePhone) -> None:
    phone = either_phone
    bodies = [body for place in range(6) for body in _message_and_unsend(place)]
    assert set(await asyncio.gather(*(_post(phone, body) for body in bodies))) == {200}
    await phone.rest()
    turns = [row for row in phone.inbox() if row.conversation_id]
    assert [(row.state, row.sealed_event) for row in turns] == [("deleted", None)] * 6
    with reading(phone.gateway.engine) as session:
        texts = [
            line.message["text"]
            for row in turns
            for line in transcript.of_turn(session, row.id, "member", vault=phone.gateway.vault)
        ]
    assert texts == [""] * 6


def _message_and_unsend(place: int) -> list[bytes]:
    said, unsaid = f"E{place}", f"U{place}"
    pair = (text_event(f"取り消す{place}", event_id=said), unsend_event(said, event_id=unsaid))
    return [webhook(one | {"source": {"type": "user", "userId": f"M{place}"}}) for one in pair]
