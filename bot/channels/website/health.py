"""Is this process alive, can the product answer now, and what has it counted."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import aiohttp
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.gateway import Gateway
from bot.channels.rasa_client import Readiness
from bot.errors import UnavailableError
from bot.storage import leases
from bot.storage.engine import transaction

_SECONDS = 3.0
_PROBE = "readyz"


def routes(gateway: Gateway) -> list[web.RouteDef]:
    """`/healthz`, `/readyz` and `/metrics`."""
    register = _Register(gateway)

    async def alive(_request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def ready(_request: web.Request) -> web.Response:
        rasa, is_written, actions = await asyncio.gather(_rasa(gateway), register.answers(), _actions_answer(gateway))
        checks = {"model": rasa.model, "tracker": rasa.tracker, "register": is_written, "actions": actions}
        passed = all(checks.values())
        return web.json_response(
            {"status": "ready" if passed else "not ready", "checks": checks, "release": _release(gateway)},
            status=HTTPStatus.OK if passed else HTTPStatus.SERVICE_UNAVAILABLE,
        )

    async def metrics(_request: web.Request) -> web.Response:
        await asyncio.to_thread(gateway.standing.look)
        body = generate_latest(gateway.metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]


class _Register:
    """Whether the register can be written, looked at by one thread at a time.

    A database that stands still keeps the thread that asks. Whoever asks meanwhile waits for the same look, so that a
    monitor which comes again and again does not take every thread that members need.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._look: asyncio.Task[bool] | None = None

    async def answers(self) -> bool:
        """Whether it can be written, as far as that shows within our time."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(asyncio.to_thread(_can_be_written, self._gateway))
        await asyncio.wait({self._look}, timeout=_SECONDS)
        return self._look.done() and self._look.result()


def _can_be_written(gateway: Gateway) -> bool:
    now, owner = gateway.clock(), gateway.controller
    name = leases.of_company(owner, _PROBE)
    try:
        # A full disk still lets one read. What is written here is gone again when it is committed.
        with transaction(gateway.engine, urgent=True, passing=True) as session:
            leases.acquire(session, name, controller=owner, holder=_PROBE, now=now, seconds=0)
            leases.release(session, name, holder=_PROBE)
    except (SQLAlchemyError, UnavailableError):
        return False
    return True


def _release(gateway: Gateway) -> dict[str, object]:
    """Which release is served, and what keeps another from coming into force: no reason to take the service away."""
    return {"number": gateway.houses.number, "fault": gateway.houses.fault}


async def _rasa(gateway: Gateway) -> Readiness:
    try:
        async with asyncio.timeout(_SECONDS):
            return await gateway.rasa.readiness()
    except TimeoutError:
        return Readiness(model=False, tracker=False)


async def _actions_answer(gateway: Gateway) -> bool:
    url = gateway.settings.actions_url.rstrip("/") + "/ready"
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            return response.status == HTTPStatus.OK
    except (aiohttp.ClientError, TimeoutError):
        return False
