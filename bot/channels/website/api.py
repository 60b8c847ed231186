"""The chat API: JSON over HTTP, for our own page and for whoever writes another."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bot.channels import dispatcher, notices
from bot.channels.deletion import delete_conversations
from bot.channels.gateway import Gateway
from bot.channels.intake import Accepted, InboundEvent, SenderIsUnknownError, receive
from bot.channels.website import feedback, sessions
from bot.channels.website.bodies import POSTED, Pressed, Said, read_json
from bot.channels.website.problems import ConversationIsDeletedError
from bot.clock import in_tokyo
from bot.errors import UnavailableError
from bot.message import Message
from bot.references import of_turn, refer
from bot.spans import span
from bot.storage import conversations, inbox, transcript
from bot.storage.conversations import Sender
from bot.storage.engine import reading, transaction
from bot.storage.feedback import of_entries
from bot.storage.models import Member
from bot.storage.transcript import Line, NewLine

_WANTED = "idに新しいUUIDを、textかchoiceのどちらか一方に文字列を入れたJSONを送ってください。"

# https://www.w3.org/TR/clear-site-data/: policy pages in the cache, addressed by the quotes they mark, tell what was
# asked. "cookies" would clear the whole registrable domain, where the member may be logged in, and "storage" holds
# nothing of ours. The session stays, so that the next words begin a conversation; the page begins a new one anyway.
_WHAT_A_BROWSER_KEPT = '"cache"'


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The calls of the chat API."""

    async def begin(_request: web.Request) -> web.Response:
        token = sessions.new_token()
        conversation_id, message = await asyncio.to_thread(_begin, gateway, token)
        body = {"conversation": conversation_id, "messages": [message]}
        response = _json(body, status=HTTPStatus.CREATED)
        sessions.set_cookie(response, gateway.settings, token)
        return response

    async def post(request: web.Request) -> web.Response:
        sender = sessions.sender_of(gateway, request)
        posted = await read_json(request, POSTED, wanted=_WANTED)
        with span("web.message", kind="server", channel=sessions.WEB):
            accepted = await receive(gateway, _event(gateway, sender, posted))
            refer(of_turn(accepted.turn_id))
            return _json({"messages": await _answered(gateway, accepted)})

    async def show(request: web.Request) -> web.Response:
        sender = sessions.sender_of(gateway, request)
        return _json({"messages": await asyncio.to_thread(_transcript, gateway, sender)})

    async def delete(request: web.Request) -> web.Response:
        is_held = await delete_conversations(gateway, sessions.sender_of(gateway, request))
        response = _json({"messages": [notices.deleted(is_held=is_held).to_public()]})
        response.headers["Clear-Site-Data"] = _WHAT_A_BROWSER_KEPT
        return response

    return [
        web.post("/api/conversations", begin),
        web.post("/api/messages", post),
        web.get("/api/messages", show),
        web.delete("/api/conversations/current", delete),
        *feedback.routes(gateway),
    ]


def _event(gateway: Gateway, sender: Sender, posted: Said | Pressed) -> InboundEvent:
    # Clients choose their ids, so that each session has a space of its own.
    space = gateway.vault.keyed_hash(sender.user_key, purpose="web-event")[:32]
    return InboundEvent(
        channel=sessions.WEB,
        event_id=f"{space}.{posted.id.lower()}",
        user_key=sender.user_key,
        text=posted.text,
        choice=posted.choice,
    )


def _begin(gateway: Gateway, token: str) -> tuple[str, dict[str, Any]]:
    now = gateway.clock()
    notice: Message = notices.first_message(gateway, sessions.WEB)
    sender = Sender(gateway.controller, sessions.WEB, token)
    with transaction(gateway.engine) as session:
        member = conversations.add_member(session, sender, vault=gateway.vault, now=now)
        conversation = conversations.start(session, member, now=now)
        line = NewLine("notice", notice.to_public())
        transcript.append(session, conversation, [line], vault=gateway.vault, now=now)
        return conversation.id, _shown(transcript.of_member(session, member.id, vault=gateway.vault)[0])


async def _answered(gateway: Gateway, accepted: Accepted) -> list[dict[str, Any]]:
    """The turn's answer, or its apology: whatever fails from here on, the turn itself is stored."""
    try:
        await dispatcher.answer_soon(gateway, accepted.turn_id, accepted.conversation_id)
        return await asyncio.to_thread(_answer, gateway, accepted.turn_id)
    except UnavailableError:
        return [notices.apology(gateway, accepted.turn_id).to_public()]


def _answer(gateway: Gateway, turn_id: str) -> list[dict[str, Any]]:
    """The turn's answer, or its apology while there is none."""
    with reading(gateway.engine) as session:
        state = inbox.state(session, turn_id)
        if state == "deleted":
            raise ConversationIsDeletedError(f"the conversation of turn {turn_id} was deleted")
        role: transcript.Role = "provisional" if state == "waiting" else "answer"
        lines = transcript.of_turn(session, turn_id, role, vault=gateway.vault)
    return [_shown(line) for line in lines] or [notices.apology(gateway, turn_id).to_public()]


def _transcript(gateway: Gateway, sender: Sender) -> list[dict[str, Any]]:
    with reading(gateway.engine) as session:
        member: Member | None = conversations.find_member(session, sender, vault=gateway.vault, is_locked=False)
        if member is None:
            raise SenderIsUnknownError("there is no such session")
        lines = transcript.of_member(session, member.id, vault=gateway.vault)
        judged = of_entries(session, [line.id for line in lines])
    return [_shown(line) | _feedback(judged.get(line.id)) for line in lines]


def _shown(line: Line) -> dict[str, Any]:
    return line.message | {"id": line.id, "at": in_tokyo(line.at).isoformat(timespec="milliseconds")}


def _feedback(helpful: bool | None) -> dict[str, Any]:  # noqa: FBT001 - what was given, if anything
    return {} if helpful is None else {"feedback": {"helpful": helpful}}


def _json(body: dict[str, Any], *, status: int = HTTPStatus.OK) -> web.Response:
    return web.json_response(body, status=status, dumps=lambda value: json.dumps(value, ensure_ascii=False))
