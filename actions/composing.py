"""Puts one message together from texts of ours, computed values and quotes looked up in the policy."""

from __future__ import annotations

from typing import Self

from actions import texts
from actions.services import Services
from bot.message import Choice, Citation, Link, Message, MessageKind, Part, Receipt, RequestRef, computed, fixed
from bot.policy.citations import find_quote


class Composer:
    """Collects parts in reading order; `message` ends it."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._parts: list[Part] = []
        self._citations: list[Citation] = []

    def say(self, *sentences: str) -> Self:
        """Texts of `actions.texts`."""
        self._parts += [fixed(sentence) for sentence in sentences]
        return self

    def caution(self) -> Self:
        """That nothing real is taken, as long as that is so."""
        caution = self.services.settings.caution
        return self.say(caution) if caution else self

    def value(self, label: str, *values: str) -> Self:
        """A label of ours and what was worked out for it."""
        self._parts += [fixed(label), *(computed(value) for value in values)]
        return self

    def owners_page(self) -> Self:
        """The owner's own page to stop mails, if there is one; it stands beside a request, never instead."""
        url = self.services.settings.stop_mail_url
        return self.value(texts.STOP_MAIL_PAGE, url) if url else self

    def quote(self, lead: str, *quotes: str) -> Self:
        """Verbatim words of the policy, after a text of ours that leads to them; without words, no lead either.

        Raises:
            QuoteIsMissingError: the policy does not say this (the desk file no longer fits it).
        """
        self.say(*((lead,) if quotes else ()))
        for text in quotes:
            citation = find_quote(self.services.policy, text, base_url=self.services.settings.public_url)
            self._parts.append(Part(type="quote", text=citation.quote, citation=len(self._citations)))
            self._citations.append(citation)
        return self

    def message(
        self,
        kind: MessageKind,
        *,
        choices: tuple[Choice, ...] = (),
        request: RequestRef | None = None,
        receipt: Receipt | None = None,
        link: Link | None = None,
    ) -> Message:
        """The message of everything collected."""
        return Message(
            kind=kind,
            parts=tuple(self._parts),
            citations=tuple(self._citations),
            choices=choices,
            request=request,
            receipt=receipt,
            link=link,
        )
