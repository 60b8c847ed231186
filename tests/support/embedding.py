"""A member's browser on a site of another origin that shows the widget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import FrameLocator, Locator, expect

from bot.channels.website.embed import snippet
from tests.support.barriers import expect_no_barriers
from tests.support.browsing import Visitor

BUTTON = "プライバシー相談"
FRAME = "iframe[title='プライバシー相談チャット']"
PAGE = "iframe[title='ご請求のページ']"


class Guest:
    """What a member sees and does on the host's page."""

    def __init__(self, visitor: Visitor, url: str) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.url = url

    @property
    def button(self) -> Locator:
        return self.page.get_by_role("button", name=BUTTON)

    @property
    def widget(self) -> FrameLocator:
        return self.page.frame_locator(FRAME)

    @property
    def request(self) -> FrameLocator:
        return self.widget.frame_locator(PAGE)

    @property
    def text(self) -> Locator:
        return self.widget.get_by_label("ご質問・ご請求の内容")

    async def arrive(self) -> None:
        await self.page.goto(self.url)
        await self.button.wait_for()

    async def open(self) -> None:
        """Presses the button and waits for the first message."""
        await self.button.click()
        await self.widget.locator(".message").first.wait_for()

    async def ask(self, text: str) -> None:
        await self.text.fill(text)
        await self.widget.get_by_role("button", name="送信").click()
        await self.widget.locator("form[data-chat='form']:not([aria-busy])").wait_for()

    async def file(self) -> None:
        """Files a request in the chat; its receipt then holds the link to its page."""
        await self.ask("私の情報の開示を請求します")
        while await self.widget.locator(".choices").count():
            await self.widget.locator(".choices button").first.click()
            await self.widget.locator("form[data-chat='form']:not([aria-busy])").wait_for()
        await expect(self.link).to_be_visible()

    @property
    def link(self) -> Locator:
        return self.widget.locator(".message a[href*='/request/']").last

    async def open_request(self) -> None:
        await self.link.click()
        await self.request.get_by_role("heading", level=1).wait_for()

    async def expect_no_barriers(self) -> None:
        """Looks into the page and every frame in it that shows something."""
        for frame in self.page.frames:
            if frame.url != "about:blank":
                await expect_no_barriers(frame)

    async def fill_request(self) -> None:
        form = self.request
        await form.get_by_label("本人", exact=True).check()
        await form.get_by_label("お名前").first.fill("山田 花子")
        await form.locator("#email").fill("hanako@example.com")
        await form.locator("#email_again").fill("hanako@example.com")
        await form.get_by_role("button", name="同意して送信する").click()


def host_page(gateway: str) -> str:
    """A page as plain as can be, with the lines that the command prints."""
    return (
        f"<!doctype html><html lang='ja'><title>ほかのサイト</title><main><h1>方針</h1></main>{snippet(gateway)}</html>"
    )


@asynccontextmanager
async def serving(page: str) -> AsyncIterator[str]:
    """The address of a site that has this one page and allows nothing but the gateway, by the strictest policy."""

    async def show(_request: web.Request) -> web.Response:
        policy = (
            "default-src 'none'; script-src http://127.0.0.1:*; frame-src http://127.0.0.1:*; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def nothing(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    app = web.Application()
    app.add_routes([web.get("/", show), web.get("/favicon.ico", nothing)])
    async with TestServer(app) as server:
        yield str(server.make_url("/"))
