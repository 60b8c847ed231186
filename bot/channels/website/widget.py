"""The widget: the chat in a frame of ours on another site's page, and the same page when it is opened on its own."""

from __future__ import annotations

import minify
from aiohttp import web

from bot.channels.gateway import Gateway
from bot.channels.website.assets import compressed
from bot.channels.website.chat_page import around_chat, session_of
from bot.channels.website.page_rendering import page
from bot.channels.website.security_headers import widget_policy

PATH = "/widget"


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """The page at `/widget`."""
    settings = gateway.settings
    policy = widget_policy(settings)

    async def show_widget(request: web.Request) -> web.Response:
        shown = {**around_chat(gateway), "hosts": settings.embed_origins, "session": session_of(request, settings)}
        response = page(request, "widget.html", shown, content_policy=policy)
        response.text = minify.string("text/html", response.text)
        # Nothing in it is secret or chosen by whoever asks, so its length tells nothing.
        return compressed(request, response)

    return [web.get(PATH, show_widget)]
