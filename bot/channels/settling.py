"""Makes of what Rasa said what a member may see, inside the transaction that stores it.

Payloads become opaque choices, placeholders become pages with a fresh token, receipts are believed only when the
register holds them, and what is for staff is taken apart.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.channels.gateway import Gateway
from bot.channels.rasa_client import RasaFailedError
from bot.message import Choice, Link, Message, Receipt
from bot.register import pages, requests
from bot.storage.models import Conversation, IssuedChoice
from bot.storage.transcript import NewLine

_PAGE_PLACEHOLDER = "urn:madoguchi:request-page:"


class ReceiptIsNotHeldError(RasaFailedError):
    """Rasa's answer names a receipt that the register did not commit for this conversation."""


class AnswerIsUnusableError(RasaFailedError):
    """Rasa's answer holds a choice without payload, or a link to somewhere else."""


def settle(
    session: Session, gateway: Gateway, conversation: Conversation, messages: list[Message], *, turn_id: str
) -> list[NewLine]:
    """The lines to keep and show of what Rasa said in the turn `turn_id`.

    Raises:
        ReceiptIsNotHeldError: a receipt without a committed request.
        AnswerIsUnusableError: a choice or link the gateway cannot stand for.
    """
    return [_line(session, gateway, conversation, message, turn_id) for message in messages]


def _line(session: Session, gateway: Gateway, conversation: Conversation, message: Message, turn_id: str) -> NewLine:
    now = gateway.clock()
    if message.receipt is not None:
        _check_receipt(session, conversation, message.receipt)
    settled = message.model_copy(
        update={
            "choices": tuple(
                issue(session, conversation, choice, now=now, turn_id=turn_id) for choice in message.choices
            ),
            "link": None if message.link is None else _link(session, gateway, message.link, now),
        }
    )
    trace = {"context": message.context, "trace": message.trace}
    kept = {name: value for name, value in trace.items() if value} or None
    return NewLine("answer", settled.to_public(), kept, _lowest_stated(message.trace))


def _lowest_stated(trace: dict[str, Any] | None) -> float | None:
    """How sure it is that the policy states what was asked, where searching answered; a card is sure by itself."""
    questions = (trace or {}).get("questions", [])
    searched = [each for each in questions if each["verdict"] == "answer" and not _is_by_card(each)]
    return min((each["stated"] for each in searched), default=None)


def _is_by_card(question: dict[str, Any]) -> bool:
    return any(reason.startswith("card:") for reason in question["gates"])


def _check_receipt(session: Session, conversation: Conversation, receipt: Receipt) -> None:
    if not requests.holds_number(session, receipt.number, conversation.id):
        raise ReceiptIsNotHeldError("Rasa named a receipt that the register does not hold")


def issue(session: Session, conversation: Conversation, choice: Choice, *, now: datetime, turn_id: str) -> Choice:
    """Keeps the payload of a choice here and gives the choice as a client may see it.

    Raises:
        AnswerIsUnusableError: it has no payload.
    """
    if not choice.payload:
        raise AnswerIsUnusableError("Rasa offered a choice without a payload")
    row = IssuedChoice(
        id=secrets.token_hex(16),
        controller=conversation.controller,
        conversation_id=conversation.id,
        title=choice.title,
        payload=choice.payload,
        turn_id=turn_id,
        issued_at=now,
    )
    session.add(row)
    return Choice(id=row.id, title=choice.title)


def _link(session: Session, gateway: Gateway, link: Link, now: datetime) -> Link:
    base = gateway.settings.public_url.rstrip("/")
    if link.url.startswith(_PAGE_PLACEHOLDER):
        draft_id = link.url.removeprefix(_PAGE_PLACEHOLDER)
        token = pages.issue_page(session, draft_id, now=now, hours=gateway.settings.page_hours)
        return Link(url=f"{base}/request/{token}", title=link.title)
    if not link.url.startswith(base + "/"):
        raise AnswerIsUnusableError("Rasa linked to a page that is not ours")
    return link
