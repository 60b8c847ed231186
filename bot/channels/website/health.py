"""Is this process alive, can the product answer now, and what has it counted."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import aiohttp
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.gateway import Gateway
from bot.storage import inbox
from bot.storage.engine import transaction

_TIMEOUT = aiohttp.ClientTimeout(total=3)


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """`/healthz`, `/readyz` and `/metrics`."""

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def ready(_request: web.Request) -> web.Response:
        rasa, register, actions = await asyncio.gather(
            gateway.rasa.readiness(), asyncio.to_thread(_register_answers, gateway), _actions_answer(gateway)
        )
        checks = {"model": rasa.model, "tracker": rasa.tracker, "register": register, "actions": actions}
        passed = all(checks.values())
        return web.json_response(
            {"status": "ready" if passed else "not ready", "checks": checks},
            status=HTTPStatus.OK if passed else HTTPStatus.SERVICE_UNAVAILABLE,
        )

    async def metrics(_request: web.Request) -> web.Response:
        await asyncio.to_thread(_count_waiting, gateway)
        body = generate_latest(gateway.metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]


def _register_answers(gateway: Gateway) -> bool:
    try:
        _count_waiting(gateway)
    except SQLAlchemyError:
        return False
    return True


def _count_waiting(gateway: Gateway) -> None:
    with transaction(gateway.engine) as session:
        gateway.metrics.waiting.set(inbox.count_waiting(session))


async def _actions_answer(gateway: Gateway) -> bool:
    url = gateway.settings.actions_url.rstrip("/") + "/ready"
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(url) as response:
            return response.status == HTTPStatus.OK
    except (aiohttp.ClientError, TimeoutError):
        return False
