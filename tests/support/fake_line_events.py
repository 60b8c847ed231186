"""LINE's webhooks as LINE sends them: signed, with one or more events."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]

SECRET = "channel_secret"
NOW_MS = 1_795_426_200_000


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers LINE sends a webhook with."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"X-Line-Signature": base64.b64encode(digest).decode(), "Content-Type": "application/json"}


def webhook(*events: object) -> bytes:
    return json.dumps({"destination": "U0", "events": list(events)}, ensure_ascii=False).encode()


def event(kind: str, *, event_id: str, **fields: object) -> Json:
    """One webhook event of a one-to-one chat."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": NOW_MS,
        "source": {"type": "user", "userId": "U1"},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"token-{event_id}",
    } | fields


def text_event(text: str, *, event_id: str, **fields: object) -> Json:
    message = {"type": "text", "id": f"M{event_id}", "quoteToken": "q", "text": text}
    return event("message", event_id=event_id, **{"message": message, **fields})


def sticker_event(*, event_id: str) -> Json:
    sticker = {"type": "sticker", "id": "1", "quoteToken": "q", "packageId": "1", "stickerId": "1"}
    return event("message", event_id=event_id, message=sticker | {"stickerResourceType": "STATIC"})


def postback_event(data: str, *, event_id: str, **fields: object) -> Json:
    return event("postback", event_id=event_id, **{"postback": {"data": data}, **fields})


def unsend_event(text_event_id: str, *, event_id: str) -> Json:
    """The member takes back the message of an earlier `text_event`; such an event cannot be replied to."""
    unsent = event("unsend", event_id=event_id, unsend={"messageId": f"M{text_event_id}"})
    del unsent["replyToken"]
    return unsent


def in_group(incoming: Json) -> Json:
    return incoming | {"source": {"type": "group", "groupId": "G1", "userId": "U1"}}


def redelivered(incoming: Json) -> Json:
    """The same event again: everything is equal but the mark."""
    return incoming | {"deliveryContext": {"isRedelivery": True}}


def duplicated_and_shuffled(events: Sequence[Json], *, times: int, seed: int) -> list[bytes]:
    """Each event `times` times, one webhook each, in an order of chance."""
    deliveries = [one if first else redelivered(one) for first in (True, *(False,) * (times - 1)) for one in events]
    random.Random(seed).shuffle(deliveries)  # noqa: S311 - an order, not a secret
    return [webhook(one) for one in deliveries]
