"""What a member reads once something is filed: one receipt a request, and the page that completes it."""

from __future__ import annotations

from datetime import datetime

from actions import texts
from actions.composing import Composer
from actions.services import Services
from bot.clock import in_tokyo
from bot.message import Link, Message, Receipt, RequestRef
from bot.register.filing import Filed


def receipts(filed: list[Filed], draft: str, services: Services) -> tuple[Message, ...]:
    """One message for each request that the register has committed."""
    return tuple(_receipt(one, draft, services) for one in filed)


def details_link(draft: str) -> Link:
    """A placeholder: the gateway issues the page's token, so that no token passes through Rasa."""
    return Link(url=f"urn:madoguchi:request-page:{draft}", title=texts.LINK_DETAILS)


def tokyo_time(moment: datetime) -> str:
    """A moment as a member reads it."""
    return in_tokyo(moment).strftime("%Y年%m月%d日 %H時%M分")


def _receipt(filed: Filed, draft: str, services: Services) -> Message:
    composer = Composer(services).caution().say(texts.FILED)
    composer.value(texts.NUMBER_LABEL, filed.number).value(texts.KINDS_LABEL, filed.kind.title)
    composer.value(texts.RECEIVED_AT_LABEL, tokyo_time(filed.received_at)).say(texts.NO_CONTACT_YET)
    if filed.is_urgent:
        composer.owners_page()
    received_at = in_tokyo(filed.received_at).isoformat(timespec="seconds")
    return composer.message(
        "receipt",
        request=RequestRef(kinds=(filed.kind,), step="details"),
        receipt=Receipt(number=filed.number, received_at=received_at, kind=filed.kind),
        link=details_link(draft),
    )
