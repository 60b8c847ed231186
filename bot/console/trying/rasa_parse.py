"""What Rasa makes of a text, asked over its private inspect channel; no conversation is touched."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, TypeVar

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from bot.errors import UnavailableError
from bot.settings import Settings
from bot.typed_text import disarmed

_PLACE = "/webhooks/inspect"
_NO_CONVERSATION = 404


Shape = TypeVar("Shape", bound=BaseModel)


class Intent(BaseModel):
    """One reading of a text."""

    name: str | None
    confidence: float


class Parse(BaseModel):
    """Rasa's reading: the chosen intent, all of them with their confidence, and how far off topic the text is."""

    intent: Intent
    intent_ranking: list[Intent] = Field(default_factory=list)
    off_topic: float | None = None


class TrackerEvent(BaseModel):
    """One event of a conversation as the dialogue engine keeps it."""

    event: str
    name: str | None = None
    value: Any = None


class Tracker(BaseModel):
    """A conversation as the dialogue engine keeps it."""

    events: list[TrackerEvent] = Field(default_factory=list)

    @property
    def slots(self) -> dict[str, Any]:
        """What the slots hold now; those that were never set are left out."""
        return {event.name: event.value for event in self.events if event.event == "slot" and event.name}

    @property
    def actions(self) -> list[str]:
        """The actions that ran, in their order, without those of the engine itself."""
        names = (event.name for event in self.events if event.event == "action")
        return [name for name in names if name and name not in ("action_listen", "action_session_start")]


class RasaParser:
    """Asks Rasa to parse; one HTTP session, opened by the console and closed with it."""

    def __init__(self, settings: Settings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._http = http

    async def parse(self, text: str) -> Parse:
        """Rasa's reading of what a member might type.

        Raises:
            UnavailableError: Rasa does not answer, or not with a reading; the message says which.
        """
        return _read(Parse, await self._asked("POST", "/parse", json={"text": disarmed(text)}))

    async def tracker(self, conversation_id: str) -> Tracker:
        """A conversation as Rasa keeps it; empty when it keeps none of this id.

        Raises:
            UnavailableError: Rasa does not answer, or not with a conversation.
        """
        return _read(Tracker, await self._asked("GET", f"/conversations/{conversation_id}"))

    async def _asked(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - what aiohttp takes and gives
        try:
            async with asyncio.timeout(self._settings.rasa_timeout):
                return await self._ask(method, path, **options)
        except TimeoutError:
            raise UnavailableError(f"{self._settings.rasa_timeout:g} 秒以内に応答がありませんでした") from None
        except aiohttp.ClientResponseError as error:
            raise UnavailableError(f"HTTP {error.status} が返りました") from None
        except aiohttp.ClientError:
            raise UnavailableError("接続できません") from None
        except ValueError:
            raise UnavailableError("応答の形が想定と異なります") from None

    async def _ask(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - as above
        token = self._settings.internal_token.get_secret_value()
        options["headers"] = {"Authorization": f"Bearer {token}"}
        # Each has the model, and all share one tracker: whoever is there is asked.
        *firsts, last = (url + _PLACE + path for url in self._settings.rasa_urls)
        for url in firsts:
            with suppress(aiohttp.ClientConnectorError):
                return await self._ask_at(method, url, **options)
        return await self._ask_at(method, last, **options)

    async def _ask_at(self, method: str, url: str, **options: Any) -> Any:  # noqa: ANN401 - as above
        async with self._http.request(method, url, **options) as response:
            if response.status == _NO_CONVERSATION and method == "GET":
                return {}
            response.raise_for_status()
            return await response.json()


def _read(shape: type[Shape], told: object) -> Shape:
    try:
        return shape.model_validate(told)
    except ValidationError:
        raise UnavailableError("応答の形が想定と異なります") from None
