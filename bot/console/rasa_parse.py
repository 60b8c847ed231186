"""What Rasa makes of a text, asked over its private inspect channel; no conversation is touched."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from bot.errors import UnavailableError
from bot.settings import Settings
from bot.typed_text import disarmed

_PATH = "/webhooks/inspect/parse"


class Intent(BaseModel):
    """One reading of a text."""

    name: str | None
    confidence: float


class Parse(BaseModel):
    """Rasa's reading: the chosen intent, all of them with their confidence, and how far off topic the text is."""

    intent: Intent
    intent_ranking: list[Intent] = Field(default_factory=list)
    off_topic: float | None = None


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
        try:
            async with asyncio.timeout(self._settings.rasa_timeout):
                return Parse.model_validate(await self._ask(disarmed(text)))
        except TimeoutError:
            raise UnavailableError(f"{self._settings.rasa_timeout:g} 秒以内に応答がありませんでした") from None
        except aiohttp.ClientResponseError as error:
            raise UnavailableError(f"HTTP {error.status} が返りました") from None
        except aiohttp.ClientError:
            raise UnavailableError("接続できません") from None
        except ValidationError:
            raise UnavailableError("応答の形が想定と異なります") from None

    async def _ask(self, text: str) -> Any:  # noqa: ANN401 - JSON of another process, validated by the caller
        token = self._settings.internal_token.get_secret_value()
        async with self._http.post(
            self._settings.rasa_url + _PATH,
            json={"text": text},
            headers={"Authorization": f"Bearer {token}"},
            raise_for_status=True,
        ) as response:
            return await response.json()
