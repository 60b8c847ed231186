"""The action server's HTTP side: one private route for Rasa, and two that tell whether it lives and is warm.

The SDK's own server is not used: it speaks to everybody, answers failures with the request's body, and starts a
manager with workers where one small process is enough.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from aiohttp import web
from rasa_sdk.interfaces import ActionNotFoundException

from actions.executor import SafeExecutor
from actions.registry import register_actions
from actions.served import Served

TOKEN_HEADER = "X-Action-Token"  # noqa: S105 - the name of a header
# A tracker of 40 turns and the domain are some 300 kB.
_LARGEST_CALL = 16 * 1024 * 1024
_RETRY_SECONDS = 10.0
_EXECUTOR = web.AppKey("executor", SafeExecutor)
_SERVED = web.AppKey("served", Served)

log = structlog.get_logger()


def build_app(served: Served) -> web.Application:
    """The application of one action server; policies and indexes load in the background once it runs.

    From then on, what is damaged of the indexes on the disk is mended.
    """
    executor = SafeExecutor(served.settings.action_deadline)
    register_actions(executor, served)
    token = served.settings.internal_token.get_secret_value()
    app = web.Application(middlewares=[_only_with(token)], client_max_size=_LARGEST_CALL)
    app[_EXECUTOR] = executor
    app[_SERVED] = served
    app.add_routes([web.post("/webhook", _webhook), web.get("/health", _health), web.get("/ready", _ready)])
    app.cleanup_ctx.append(_warming)
    return app


def _only_with(token: str) -> Callable[..., Awaitable[web.StreamResponse]]:
    expected = token.encode()

    @web.middleware
    async def check(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        given = request.headers.get(TOKEN_HEADER, "").encode()
        # An empty secret opens nothing: it is a missing setting, not a wish.
        if request.path == "/webhook" and not (expected and hmac.compare_digest(given, expected)):
            log.warning("action_call_refused")
            return web.json_response({"error": "unauthorised"}, status=401)
        return await handler(request)

    return check


async def _webhook(request: web.Request) -> web.Response:
    try:
        call = await request.json()
    except ValueError:
        call = None
    if not isinstance(call, dict):
        return web.json_response({"error": "not a call of an action"}, status=400)
    try:
        result = await request.app[_EXECUTOR].run(call)
    except ActionNotFoundException as error:
        log.error("action_unknown", action=error.action_name)  # noqa: TRY400 - a traceback adds nothing here
        return web.json_response({"error": "unknown action", "action_name": error.action_name}, status=404)
    return web.json_response(result.model_dump() if result else None)


async def _health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _ready(request: web.Request) -> web.Response:
    served = request.app[_SERVED]
    if not served.is_warm:
        return web.json_response({"status": "warming"}, status=503)
    # A release that cannot be opened is told, and is no reason to take the service away: the one before answers.
    releases = served.releases
    return web.json_response({"status": "ready", **releases[served.settings.controller], "controllers": releases})


async def _warming(app: web.Application) -> AsyncIterator[None]:
    # A thread of its own: the port opens at once, and a turn that comes early waits for the same loading.
    is_over = threading.Event()
    threading.Thread(target=_warm, args=(app[_SERVED], is_over), daemon=True).start()
    yield
    is_over.set()


def _warm(served: Served, is_over: threading.Event) -> None:
    # What was damaged or away is mended one day, and nobody restarts a process for it.
    while not _is_warmed(served):
        if is_over.wait(_RETRY_SECONDS):
            return
    while not is_over.wait(_RETRY_SECONDS):
        served.mend_index()


def _is_warmed(served: Served) -> bool:
    try:
        served.warm()
    except Exception as error:  # noqa: BLE001 - a thread must say why it died; /ready stays red until it works
        log.error("warming_failed", error=type(error).__name__)  # noqa: TRY400 - a message may name a secret's value
        return False
    log.info("warm")
    return True
