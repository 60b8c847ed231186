"""The private channel of this project: is Rasa ready, what does it make of a text, show or delete a conversation.

It stands in for Rasa's own HTTP API, which stays off because its token is worth as much as running code here.
Every route wants `Authorization: Bearer <token>`; all of them lie below `/webhooks/inspect`.

| route | gives |
| --- | --- |
| `GET /ready` | 200 `{"ready": true, "model": id}`, or 503 `{"ready": false, "reason": …}` |
| `POST /parse` `{"text": …}` | what the pipeline makes of it; nothing is kept |
| `GET /conversations/<id>` | `{"events": […]}` of the whole conversation, or 404 |
| `DELETE /conversations/<id>` | `{"deleted": rows}`; waits for the turn in flight |
| `DELETE /conversations/<id>/turns/<turn>` | `{"blanked": rows}`: the words of one turn are gone, the rest stays |
"""

import asyncio
import hmac
from functools import wraps
from typing import Any, Awaitable, Callable, Coroutine, Dict, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.components import conversations, quiet, speedups

Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


class InspectChannel(InputChannel):
    """Serves the routes of this module; being the first code of ours that a server loads, it also prepares Rasa."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    @classmethod
    def name(cls) -> str:
        """The channel's place in the address."""
        return "inspect"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "InspectChannel":
        """Opens the channel with the token of credentials.yml, quietens the logs and installs the speed-ups.

        Raises:
            RasaException: there is no token; an open channel would show every conversation.
        """
        token = (credentials or {}).get("token")
        if not token:
            cls.raise_missing_credentials_exception()
        quiet.install()
        speedups.install()
        return cls(str(token))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes; none of them sends a message into the dialogue."""
        blueprint = Blueprint("inspect")
        blueprint.add_route(self._guarded(_ready), "/ready", methods=["GET"], name="ready")
        blueprint.add_route(self._guarded(_parse), "/parse", methods=["POST"], name="parse")
        place = "/conversations/<conversation_id:[0-9A-Za-z_-]{1,255}>"
        blueprint.add_route(self._guarded(_show), place, methods=["GET"], name="show")
        blueprint.add_route(self._guarded(_delete), place, methods=["DELETE"], name="delete")
        turn = place + "/turns/<turn_id:[0-9A-Za-z_-]{1,255}>"
        blueprint.add_route(self._guarded(_blank), turn, methods=["DELETE"], name="blank")
        return blueprint

    def _guarded(self, handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request, **place: str) -> HTTPResponse:
            given = request.headers.get("Authorization", "").encode()
            if not hmac.compare_digest(given, b"Bearer " + self._token):
                return response.json({"error": "unauthorized"}, status=401)
            return await handler(request, **place)

        return guarded


async def _ready(request: Request) -> HTTPResponse:
    agent: Optional[Agent] = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return _not_ready("no model is loaded")
    fault = await asyncio.to_thread(conversations.write_fault, agent)
    return _not_ready(fault) if fault else response.json({"ready": True, "model": agent.model_id})


def _not_ready(reason: str) -> HTTPResponse:
    return response.json({"ready": False, "reason": reason}, status=503)


async def _parse(request: Request) -> HTTPResponse:
    agent: Agent = request.app.ctx.agent
    text = (request.json or {}).get("text")
    if not isinstance(text, str) or not text.strip():
        return response.json({"error": "text is missing"}, status=400)
    if not agent.is_ready():
        return _not_ready("no model is loaded")
    return response.json(await agent.parse_message(text))


async def _show(request: Request, conversation_id: str) -> HTTPResponse:
    events = await conversations.events(request.app.ctx.agent, conversation_id)
    if not events:
        return response.json({"error": "unknown conversation"}, status=404)
    return response.json({"events": events})


async def _delete(request: Request, conversation_id: str) -> HTTPResponse:
    return response.json({"deleted": await conversations.delete(request.app.ctx.agent, conversation_id)})


async def _blank(request: Request, conversation_id: str, turn_id: str) -> HTTPResponse:
    blanked = await conversations.blank(request.app.ctx.agent, conversation_id, turn_id)
    return response.json({"blanked": blanked})
