"""Runs actions so that nothing leaves them but messages: no exception, no dumped tracker, no endless wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from rasa_sdk.executor import ActionExecutor, ActionExecutorRunResult, CollectingDispatcher
from rasa_sdk.interfaces import ActionNotFoundException

from actions import texts
from bot.logs import frames
from bot.message import Message, computed, fixed
from bot.references import of_turn, present, referring
from bot.spans import span

log = structlog.get_logger()


class SafeExecutor(ActionExecutor):
    """The SDK's executor with a deadline, whose failures become a polite message with a reference number.

    Left alone the SDK answers 500 with the whole tracker, which Rasa then writes into its log while the member
    gets nothing.
    """

    def __init__(self, deadline: float) -> None:
        super().__init__()
        self._deadline = deadline

    async def run(
        self,
        action_call: dict[str, Any],
        sink: asyncio.Queue[Any] | None = None,
        dispatcher: CollectingDispatcher | None = None,
    ) -> ActionExecutorRunResult | None:
        """Runs one action.

        Raises:
            ActionNotFoundException: no action has this name, which is a fault of the domain and not of a turn.
        """
        # Rasa may leave the domain out; the SDK would answer with a status that Rasa 3.6 does not know.
        call = {**action_call, "domain": action_call.get("domain") or {}}
        with referring(of_turn(_told_with(call).get("turn"))):
            return await self._run(call, sink, dispatcher)

    async def _run(
        self, call: dict[str, Any], sink: asyncio.Queue[Any] | None, dispatcher: CollectingDispatcher | None
    ) -> ActionExecutorRunResult | None:
        try:
            async with asyncio.timeout(self._deadline):
                with span("action.run", kind="server", parent=_told_with(call).get("traceparent"), action=_named(call)):
                    return await super().run(call, sink, dispatcher)
        except ActionNotFoundException:
            raise
        except TimeoutError:
            return _failure(call, "action_late", texts.TOO_LATE)
        except Exception as error:  # noqa: BLE001 - the edge: whatever failed, the member is told and nothing leaks
            return _failure(call, "action_failed", texts.FAILED, error)


def _told_with(call: Mapping[str, Any]) -> dict[str, Any]:
    """What the gateway sent along with the member's words; empty where Rasa acts by itself."""
    latest = (call.get("tracker") or {}).get("latest_message") or {}
    return latest.get("metadata") or {}


def _named(call: Mapping[str, Any]) -> str:
    return str(call.get("next_action"))


def _failure(call: dict[str, Any], event: str, text: str, error: Exception | None = None) -> ActionExecutorRunResult:
    reference = present()
    # What failed and where, never what it said: the text of an exception may quote the member.
    facts = {"error": type(error).__name__, "frames": frames(error)} if error else {}
    log.error(event, action=call.get("next_action"), reference=reference, **facts)
    message = Message(kind="error", parts=(fixed(text), fixed(texts.REFERENCE), computed(reference)))
    dispatcher = CollectingDispatcher()
    dispatcher.utter_message(json_message=message.to_wire())
    return ActionExecutorRunResult(events=[], responses=dispatcher.messages)
