"""役に立った / 立たなかった: a member's verdict on one answer, for staff to read."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.channels.gateway import Gateway
from bot.channels.intake import SenderIsUnknownError
from bot.channels.website import sessions
from bot.errors import BadInputError
from bot.storage import conversations, feedback
from bot.storage.conversations import Sender
from bot.storage.engine import transaction


class VerdictIsUnusableError(BadInputError):
    """The body is not what this call takes; the message says what it takes."""


class _Verdict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    helpful: bool


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The call that takes a verdict; a later one replaces an earlier one."""

    async def judge(request: web.Request) -> web.Response:
        sender = sessions.sender_of(gateway, request)
        verdict = await _verdict(request)
        await asyncio.to_thread(_record, gateway, sender, request.match_info["message"], verdict)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    return [web.post("/api/messages/{message}/feedback", judge)]


async def _verdict(request: web.Request) -> _Verdict:
    try:
        return _Verdict.model_validate(json.loads(await request.read()))
    except (ValueError, ValidationError, RecursionError):
        raise VerdictIsUnusableError("helpfulにtrueかfalseを入れたJSONを送ってください。") from None


def _record(gateway: Gateway, sender: Sender, message_id: str, verdict: _Verdict) -> None:
    with transaction(gateway.engine) as session:
        member = conversations.find_member(session, sender, vault=gateway.vault)
        if member is None:
            raise SenderIsUnknownError("there is no such session")
        now = gateway.clock()
        feedback.record(session, member, message_id, helpful=verdict.helpful, vault=gateway.vault, now=now)
