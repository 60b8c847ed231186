"""The one way to Rasa: two doors for what members do, and the private channel for what we do.

Rasa runs any text that begins with "/" as an intent at full confidence. So what a person typed goes through `say`,
which takes that power away as its very last step, and only what we issued ourselves goes through `press`.
"""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from pydantic import ValidationError

from bot.channels.shares import Shares
from bot.errors import MadoguchiError, UnavailableError
from bot.message import Message
from bot.settings import Settings
from bot.spans import traceparent
from bot.typed_text import disarmed

_READY_STATUSES = (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)
_NO_MODEL = "no model"
# A machine that is away refuses nothing; two seconds are long for the next room.
_CONNECT_SECONDS = 2.0


class RasaIsAwayError(UnavailableError):
    """Rasa cannot be reached, or did not answer in time."""


class RasaWasNotReachedError(RasaIsAwayError):
    """No connection came about: Rasa has not begun with what it was to be asked."""


class RasaBrokeOffError(RasaIsAwayError):
    """Rasa closed the connection before its answer was whole: its process died, or gave the turn up."""


class RasaFailedError(MadoguchiError):
    """Rasa answered, but not with an answer: the turn failed inside."""


class RasaSaidNothingError(RasaFailedError):
    """Rasa answered 200 with an empty list, which is how its REST channel reports a crash."""


class RasaSpokeUntypedError(RasaFailedError):
    """Rasa sent something else than Messages of ours."""


class ActionFailedError(RasaFailedError):
    """An action apologised instead of answering: the turn failed behind Rasa."""


@dataclass(frozen=True)
class Readiness:
    """What Rasa has of what a turn needs."""

    model: bool
    tracker: bool


class RasaClient:
    """Speaks to the Rasa servers of this installation, on private addresses, for one controller.

    `shares` says which of them has which conversation. It is the first one that is asked, or the one that `at` gives.
    The actions hear whose turn it is.
    `corpus` names another corpus than the published one for the actions to answer from: only tests have one.
    """

    def __init__(self, settings: Settings, *, corpus: str = "") -> None:
        self.shares = Shares(settings.rasa_urls)
        self._place = self.shares.places[0]
        self._connections = _Connections(settings.rasa_timeout)
        self._token = settings.internal_token.get_secret_value()
        self._controller = settings.controller
        self._corpus = corpus

    def at(self, place: str) -> RasaClient:
        """The same client, which asks the Rasa at this address; its connections are closed with those of its origin."""
        if place == self._place:
            return self
        other = copy(self)
        other._place = place  # noqa: SLF001 - of our own class
        return other

    async def say(self, conversation_id: str, text: str, *, channel: str, turn_id: str = "") -> list[Message]:
        """Passes on what a person typed; it never acts as a command, whatever it begins with.

        `turn_id` is kept beside the words in Rasa's tracker, so that they can be found and blanked (`forget_words`).

        Raises:
            RasaIsAwayError: no answer in time.
            RasaFailedError: an answer that is none.
        """
        return await self._turn(conversation_id, disarmed(text), channel, turn_id)

    async def press(self, conversation_id: str, payload: str, *, channel: str, turn_id: str = "") -> list[Message]:
        """Passes on a payload that this project issued; never call it with anything a client sent.

        Raises:
            RasaIsAwayError: no answer in time.
            RasaFailedError: an answer that is none.
        """
        return await self._turn(conversation_id, payload, channel, turn_id)

    async def readiness(self) -> Readiness:
        """Whether a model is loaded and the tracker's own database can be written; False when Rasa is away."""
        try:
            answer = await self._inspect("GET", "/ready", allowed=_READY_STATUSES)
        except (RasaIsAwayError, RasaFailedError):
            return Readiness(model=False, tracker=False)
        if answer.get("ready"):
            return Readiness(model=True, tracker=True)
        return Readiness(model=_NO_MODEL not in str(answer.get("reason")), tracker=False)

    async def forget(self, conversation_id: str) -> None:
        """Deletes a conversation from Rasa's tracker; one that is not there is fine.

        Raises:
            RasaIsAwayError: no answer in time.
            RasaFailedError: it could not be deleted.
        """
        await self._inspect("DELETE", f"/conversations/{conversation_id}")

    async def forget_words(self, conversation_id: str, turn_id: str) -> None:
        """Blanks in Rasa's tracker what was said in one turn; a turn that is not there is fine.

        Raises:
            RasaIsAwayError: no answer in time.
            RasaFailedError: it could not be blanked.
        """
        await self._inspect("DELETE", f"/conversations/{conversation_id}/turns/{turn_id}")

    async def close(self) -> None:
        """Closes the connections."""
        await self._connections.close()

    async def _turn(self, conversation_id: str, message: str, channel: str, turn_id: str) -> list[Message]:
        body: dict[str, Any] = {"sender": conversation_id, "message": message, "input_channel": channel}
        told = {"turn": turn_id, "controller": self._controller, "corpus": self._corpus, "traceparent": traceparent()}
        body["metadata"] = {name: value for name, value in told.items() if value}
        answer = await self._call("POST", "/webhooks/rest/webhook", json=body)
        return _messages(answer)

    async def _inspect(self, method: str, path: str, *, allowed: Collection[int] = (HTTPStatus.OK,)) -> Any:  # noqa: ANN401 - JSON of any shape
        headers = {"Authorization": f"Bearer {self._token}"}
        return await self._call(method, "/webhooks/inspect" + path, allowed=allowed, headers=headers)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        allowed: Collection[int] = (HTTPStatus.OK,),
        **options: Any,  # noqa: ANN401 - what aiohttp takes
    ) -> Any:  # noqa: ANN401 - JSON of any shape
        try:
            async with self._connections.session().request(method, self._place + path, **options) as response:
                self.shares.note(self._place, is_away=False)
                if response.status not in allowed:
                    raise RasaFailedError(f"Rasa answered {path} with status {response.status}")
                return await response.json()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            self.shares.note(self._place, is_away=True)
            raise RasaWasNotReachedError(f"Rasa cannot be reached: {type(error).__name__}") from None
        except TimeoutError:
            self.shares.note(self._place, is_away=True)
            raise RasaIsAwayError(f"Rasa did not answer {path} in time") from None
        except (aiohttp.ContentTypeError, ValueError):
            raise RasaSpokeUntypedError(f"Rasa answered {path} with something that is not JSON") from None
        except aiohttp.ClientError as error:
            self.shares.note(self._place, is_away=True)
            raise RasaBrokeOffError(f"Rasa did not finish its answer: {type(error).__name__}") from None


class _Connections:
    """What all calls of a client go through, opened with the first of them, in its loop."""

    def __init__(self, seconds: float) -> None:
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS)
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    def session(self) -> aiohttp.ClientSession:
        if self._is_closed:
            # A turn may still be on its way while the process ends: what it opened now, nobody would close.
            raise RasaWasNotReachedError("this process asks Rasa nothing more")
        if self._session is None:
            # A connection for each call: one that was kept, and that Rasa closes as it ends, looks like a dead turn.
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(timeout=self._timeout, connector=connector)
        return self._session

    async def close(self) -> None:
        self._is_closed = True
        if self._session is not None:
            await self._session.close()


def _messages(answer: Any) -> list[Message]:  # noqa: ANN401 - what came over the wire, not looked at yet
    if not isinstance(answer, list):
        raise RasaSpokeUntypedError("Rasa's answer is no list")
    if not answer:
        raise RasaSaidNothingError("Rasa's answer is empty")
    messages = [_message(item) for item in answer]
    # An action's apology is no answer: a turn that failed is tried again, and the gateway says so to the member.
    if any(message.kind == "error" for message in messages):
        raise ActionFailedError("an action failed; its log tells why")
    return messages


def _message(item: Any) -> Message:  # noqa: ANN401 - as above
    custom = item.get("custom") if isinstance(item, dict) else None
    if custom is None or "text" in item:
        raise RasaSpokeUntypedError("Rasa's answer holds something else than one typed Message")
    try:
        return Message.model_validate(custom)
    except ValidationError as error:
        fields = sorted({".".join(str(step) for step in fault["loc"]) for fault in error.errors()})
        raise RasaSpokeUntypedError(f"Rasa's answer is no valid Message: {', '.join(fields)}") from None
