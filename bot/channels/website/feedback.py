"""役に立った / 立たなかった: a member's verdict on one answer, for staff to read."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.intake import SenderIsUnknownError
from bot.channels.website import sessions
from bot.channels.website.bodies import VERDICT, Verdict, read_json
from bot.storage import conversations, feedback
from bot.storage.conversations import Sender
from bot.storage.engine import transaction

_WANTED = "helpfulにtrueかfalseを入れたJSONを送ってください。"


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The call that takes a verdict; a later one replaces an earlier one."""

    async def judge(request: web.Request) -> web.Response:
        sender = sessions.sender_of(gateway, request)
        verdict = await read_json(request, VERDICT, wanted=_WANTED)
        await asyncio.to_thread(_record, gateway, sender, request.match_info["message"], verdict)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    return [web.post("/api/messages/{message:[A-Za-z0-9_-]{1,64}}/feedback", judge)]


def _record(gateway: Gateway, sender: Sender, message_id: str, verdict: Verdict) -> None:
    with transaction(gateway.engine) as session:
        member = conversations.find_member(session, sender, vault=gateway.vault)
        if member is None:
            raise SenderIsUnknownError("there is no such session")
        now = gateway.clock()
        feedback.record(session, member, message_id, helpful=verdict.helpful, vault=gateway.vault, now=now)
