"""A member's browser on a site of ours, with an eye on everything that must never happen."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Route

from bot.channels.gateway import Gateway
from tests.support.talking_rasa import TalkingRasa

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_LOOPBACK = {"127.0.0.1", "localhost"}
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => console.error("CSP", event.violatedDirective, event.blockedURI));
"""


class Site:
    """The running gateway: its address, and what stands behind it."""

    def __init__(self, url: str, gateway: Gateway, rasa: TalkingRasa) -> None:
        self.url = url
        self.gateway = gateway
        self.rasa = rasa


class Visitor:
    """One member in one browser; `faults` are console errors, CSP violations and requests to other hosts."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context = context
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self.expected: tuple[str, ...] = ()
        self.sent: list[dict[str, Any]] = []
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("request", self._note_request)

    @property
    def text(self) -> Locator:
        return self.page.get_by_label("ご質問・ご請求の内容")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message")

    async def open_chat(self) -> None:
        """Opens the page and waits for the first message."""
        await self.page.goto(self.url)
        await self.messages.first.wait_for()

    async def ask(self, text: str) -> Locator:
        """Types and sends; gives the last message once the answer stands there."""
        await self.text.fill(text)
        await self.page.get_by_role("button", name="送信").click()
        return await self.answer()

    async def press(self, title: str) -> Locator:
        """Presses a choice; gives the last message once the answer stands there."""
        await self.page.locator(".choices").get_by_role("button", name=title).click()
        return await self.answer()

    async def answer(self) -> Locator:
        """The last message, once nothing is on its way any more."""
        await self.page.locator("form[data-chat='form']:not([aria-busy])").wait_for()
        return self.page.locator(".message").last

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in self.expected):
            self.faults.append(message.text)

    def _note_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in _LOOPBACK:
            self.faults.append(f"request to {address.hostname}")
        if request.method == "POST" and address.path == "/api/messages":
            self.sent.append(json.loads(request.post_data or "{}"))


@asynccontextmanager
async def visiting(browser: Browser, url: str, **options: Any) -> AsyncIterator[Visitor]:  # noqa: ANN401 - what Playwright takes
    """A member with a fresh browser profile.

    Raises:
        AssertionError: at the end, if anything happened that must never happen.
    """
    context = await browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo", **options)
    context.set_default_timeout(10_000)
    await context.add_init_script(_TELL_VIOLATIONS)
    visitor = Visitor(context, await context.new_page(), url)
    try:
        yield visitor
    finally:
        await context.close()
    assert not visitor.faults, visitor.faults


async def cut(route: Route) -> None:
    """A route's handler: the connection breaks."""
    await route.abort()
