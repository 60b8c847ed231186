"""What follows from each of LINE's events, in the transaction that stores it."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from bot.channels import deletion, taps
from bot.channels.asides import Aside
from bot.channels.gateway import Gateway
from bot.channels.intake import Accepted, Also, InboundEvent
from bot.channels.inward import accept, pass_by, put_aside
from bot.channels.line import holds
from bot.channels.line.events import LineEvent
from bot.channels.line.holds import CHANNEL
from bot.channels.taps import Tap
from bot.storage import conversations, inbox, outbox, transcript
from bot.storage.conversations import Sender
from bot.storage.models import Conversation, Inbound, Member

LEAVE = "leave"
"""The kind of a row that takes us out of a group or room; its body holds the place, sealed."""

ERASE = "erase"
"""The kind of a row that deletes the member's conversations and says so."""

_log = structlog.get_logger(__name__)

_ASIDES = {
    "sticker": Aside.STICKER,
    "image": Aside.IMAGE,
    "video": Aside.VIDEO,
    "audio": Aside.AUDIO,
    "file": Aside.FILE,
    "location": Aside.LOCATION,
}
_TAPPED = {Tap.AGREE: Aside.AGREED, Tap.ERASE: Aside.ERASE, Tap.LEAVE_IT: Aside.LEFT_ALONE}


class Arrivals:
    """Stores events; what it gives back is a turn that has still to be started."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._alone: dict[str, Callable[[LineEvent], Awaitable[Accepted | None]]] = {
            "message": self._message,
            "postback": self._postback,
            "follow": self._follow,
            "unfollow": self._unfollow,
            "unsend": self._unsend,
        }

    async def store(self, event: LineEvent) -> Accepted | None:
        """Stores one event with what follows from it; may be called again with the same."""
        if event.source in ("group", "room"):
            await self._in_company(event)
            return None
        follow_up = self._alone.get(event.kind)
        # An unfollow is told to whichever module of the account has the chat, and so is what was taken back.
        speaks = event.is_active or event.kind in ("unfollow", "unsend")
        if follow_up is None or not event.user_id or not speaks:
            await self._pass(event)
            return None
        return await follow_up(event)

    async def _message(self, event: LineEvent) -> Accepted | None:
        if event.message == "text":
            return await self._turn(event, text=event.text)
        await self._answer_aside(event, _ASIDES.get(event.message, Aside.TEXT_ONLY))
        return None

    async def _postback(self, event: LineEvent) -> Accepted | None:
        tap = taps.read(self._gateway, CHANNEL, event.user_id, event.data)
        if tap is None:
            return await self._turn(event, choice=event.data)
        _log.info("line_tap", tap=tap)
        if tap is Tap.MORE:
            await self._pass(event, self._of_member(event, self._keep_tap))
        elif tap is Tap.ERASE_SURELY:
            await self._pass(event, self._of_member(event, self._enqueue_erasure))
        else:
            first = self._of_member(event, _agree) if tap is Tap.AGREE else None
            await self._answer_aside(event, _TAPPED[tap], first)
        self._gateway.outbox_filled.set()
        return None

    async def _follow(self, event: LineEvent) -> Accepted | None:
        await self._answer_aside(event, Aside.WELCOME, self._of_member(event, self._arrive))
        return None

    async def _unfollow(self, event: LineEvent) -> Accepted | None:
        await self._pass(event, partial(self._leave, event))
        return None

    async def _unsend(self, event: LineEvent) -> Accepted | None:
        await self._pass(event, self._of_member(event, self._take_back) if event.message_id else None)
        return None

    async def _in_company(self, event: LineEvent) -> None:
        """Groups and rooms: we say once that this is for two, and leave."""
        if event.kind == "join" and event.is_active:
            await self._pass(event, partial(self._enqueue_leaving, event))
            self._gateway.outbox_filled.set()
        elif event.is_active and event.mentions_us and event.reply_token:
            await put_aside(self._gateway, self._inbound(event, is_known=False), Aside.ONE_TO_ONE)
        else:
            await self._pass(event)

    async def _turn(self, event: LineEvent, *, text: str | None = None, choice: str | None = None) -> Accepted | None:
        along = partial(self._along, event)
        return await accept(self._gateway, self._inbound(event, text=text, choice=choice), along)

    def _along(self, event: LineEvent, session: Session, row: Inbound, now: datetime) -> None:
        conversation = session.get_one(Conversation, row.conversation_id)
        member = session.get_one(Member, conversation.member_id)
        member.left_at = None
        if event.text and member.consented_at is None and transcript.was_answered(session, member.id):
            # The first message says that writing on is to agree.
            member.consented_at = now
        if event.message_id and inbox.was_noted(session, CHANNEL, event.message_id):
            self._empty(session, row, now)
            return
        holds.keep_for_turn(session, self._gateway, event, member_id=member.id, turn_id=row.id, now=now)

    async def _answer_aside(self, event: LineEvent, aside: Aside, first: Also | None = None) -> None:
        await put_aside(self._gateway, self._inbound(event), aside, first)

    async def _pass(self, event: LineEvent, also: Also | None = None) -> None:
        await pass_by(self._gateway, self._inbound(event), also)

    def _inbound(
        self, event: LineEvent, *, text: str | None = None, choice: str | None = None, is_known: bool = True
    ) -> InboundEvent:
        return InboundEvent(
            channel=CHANNEL,
            event_id=event.id,
            user_key=(event.user_id or None) if is_known else None,
            text=text,
            choice=choice,
            reply=holds.reply_of(event, self._gateway.clock()),
            occurred_at=event.at,
            message_id=event.message_id if event.message_id and _can_be_taken_back(event) else None,
        )

    def _of_member(self, event: LineEvent, then: Callable[[Session, LineEvent, Member, datetime], None]) -> Also:
        """What follows for the member, who is noted if nothing came from them before, and is locked meanwhile."""

        def also(session: Session, now: datetime) -> None:
            sender = Sender(self._gateway.controller, CHANNEL, event.user_id)
            vault = self._gateway.vault
            member = conversations.find_member(session, sender, vault=vault)
            member = member or conversations.add_member(session, sender, vault=vault, now=now)
            then(session, event, member, now)

        return also

    def _leave(self, event: LineEvent, session: Session, now: datetime) -> None:
        sender = Sender(self._gateway.controller, CHANNEL, event.user_id)
        member = conversations.find_member(session, sender, vault=self._gateway.vault)
        if member is not None:
            member.left_at = event.at or now
            outbox.drop(session, CHANNEL, recipient=member.id)

    def _arrive(self, session: Session, _event: LineEvent, member: Member, now: datetime) -> None:
        member.left_at = None
        # The notice is kept where it was said, as everything that is said.
        if conversations.current(session, member) is None:
            conversations.start(session, member, now=now)

    def _keep_tap(self, session: Session, event: LineEvent, member: Member, now: datetime) -> None:
        holds.keep_for_tap(session, self._gateway, event, member.id, now=now)

    def _take_back(self, session: Session, event: LineEvent, member: Member, now: datetime) -> None:
        row = inbox.of_message(session, CHANNEL, event.message_id)
        if row is None:
            return
        conversation = session.get_one(Conversation, row.conversation_id)
        if conversation.member_id == member.id:
            self._empty(session, row, now)

    def _empty(self, session: Session, row: Inbound, now: datetime) -> None:
        deletion.take_back(session, self._gateway, row, now=now)

    def _enqueue_erasure(self, session: Session, event: LineEvent, member: Member, now: datetime) -> None:
        self._enqueue(session, ERASE, event, member.id, {}, now)

    def _enqueue_leaving(self, event: LineEvent, session: Session, now: datetime) -> None:
        sealed = self._gateway.vault.seal(event.place_id, table="outbox", row=event.id, column="place")
        place = {"source": event.source, "event": event.id, "place": base64.b64encode(sealed).decode()}
        self._enqueue(session, LEAVE, event, "", place, now)

    def _enqueue(
        self, session: Session, kind: str, event: LineEvent, recipient: str, body: dict[str, str], now: datetime
    ) -> None:
        outbox.enqueue(
            session,
            controller=self._gateway.controller,
            channel=CHANNEL,
            recipient=recipient,
            kind=kind,
            body={"reply": holds.reply_of(event, now), **body},
            dedupe_key=f"{kind}:{CHANNEL}:{event.id}",
            now=now,
        )


def _can_be_taken_back(event: LineEvent) -> bool:
    """Whether it brings words that are kept, or takes them back."""
    return event.source == "user" and (event.message == "text" or event.kind == "unsend")


def _agree(_session: Session, _event: LineEvent, member: Member, now: datetime) -> None:
    member.consented_at = member.consented_at or now
