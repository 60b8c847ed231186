"""LINE's Messaging API on loopback: checks what LINE would check, and records what a member would have got."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bot.channels import limits
from bot.channels.fitting import graphemes, utf16_units

SECRET = "channel_secret"
ACCESS_TOKEN = "line-access-token"

_SCHEMAS = "urn:line"


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers LINE sends a webhook with."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"X-Line-Signature": base64.b64encode(digest).decode(), "Content-Type": "application/json"}


def webhook(*events: dict[str, Any]) -> bytes:
    return json.dumps({"destination": "U0", "events": list(events)}, ensure_ascii=False).encode()


def event(kind: str, *, event_id: str, **fields: object) -> dict[str, Any]:
    """One webhook event of a one-to-one chat."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": 1_795_426_200_000,
        "source": {"type": "user", "userId": "U1"},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"token-{event_id}",
    } | fields


def text_event(text: str, *, event_id: str) -> dict[str, Any]:
    message = {"type": "text", "id": "1", "quoteToken": "q", "text": text}
    return event("message", event_id=event_id, message=message)


def postback_event(data: str, *, event_id: str) -> dict[str, Any]:
    return event("postback", event_id=event_id, postback={"data": data})


class Schemas:
    """LINE's published schemas; a schema that is chosen by a field's value is checked as the chosen one too."""

    def __init__(self, openapi: Path) -> None:
        document = yaml.safe_load(openapi.read_text(encoding="utf-8"))
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource(_SCHEMAS, resource)
        self._chosen = document["components"]["schemas"]

    def check(self, name: str, value: Any) -> None:  # noqa: ANN401 - any JSON
        Draft202012Validator({"$ref": f"{_SCHEMAS}#/components/schemas/{name}"}, registry=self._registry).validate(
            value
        )

    def check_reply(self, reply: dict[str, Any]) -> None:
        self.check("ReplyMessageRequest", reply)
        for message in reply["messages"]:
            self._check_chosen("Message", message)
            for item in message.get("quickReply", {}).get("items", []):
                self._check_chosen("Action", item["action"])

    def _check_chosen(self, family: str, value: dict[str, Any]) -> None:
        reference = self._chosen[family]["discriminator"]["mapping"][value["type"]]
        self.check(reference.rpartition("/")[2], value)


@dataclass
class FakeLine:
    """Records accepted replies; `refusals` says why others were refused, `failures` how many calls fail first."""

    schemas: Schemas | None = None
    replies: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    failures: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/v2/bot/message/reply", self._reply)
        return app

    async def _reply(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {ACCESS_TOKEN}":
            return self._refuse(401, "Authentication failed")
        if self.failures:
            self.failures -= 1
            return self._refuse(500, "The server is temporarily down")
        reply = await request.json()
        fault = self._fault(reply)
        if fault:
            return self._refuse(400, fault)
        self.replies.append(reply)
        return web.json_response({"sentMessages": [{"id": str(place)} for place, _ in enumerate(reply["messages"])]})

    def _refuse(self, status: int, reason: str) -> web.Response:
        self.refusals.append(reason)
        return web.json_response({"message": reason}, status=status)

    def _fault(self, reply: dict[str, Any]) -> str:
        if any(reply["replyToken"] == earlier["replyToken"] for earlier in self.replies):
            return "Invalid reply token"
        try:
            if self.schemas:
                self.schemas.check_reply(reply)
        except ValidationError as error:
            return error.message
        return next((fault for message in reply["messages"] if (fault := _prose_fault(message))), "")


def _prose_fault(message: dict[str, Any]) -> str:
    """The limits that stand in LINE's prose only."""
    if not 0 < utf16_units(message["text"]) <= limits.LINE_TEXT_UNITS:
        return "Length must be between 0 and 5000"
    labels = [item["action"]["label"] for item in message.get("quickReply", {}).get("items", [])]
    return "label too long" if any(len(graphemes(label)) > limits.LINE_LABEL_GRAPHEMES for label in labels) else ""
