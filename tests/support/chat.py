"""A member's client of the chat API, as plain as one could be."""

from __future__ import annotations

import json
import urllib.request
import uuid
from http.cookiejar import CookieJar
from typing import Any

Json = dict[str, Any]


class Member:
    """One member with one session; keeps the cookie and remembers the last messages."""

    def __init__(self, base_url: str, *, host: str = "") -> None:
        """Takes where the gateway listens, and the host whose pages are meant where that is another name."""
        self._base_url = base_url
        self._host = {"Host": host} if host else {}
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.notice: list[Json] = self._call("POST", "/api/conversations", {})["messages"]
        self.last: list[Json] = self.notice

    def say(self, text: str) -> list[Json]:
        """Types a text."""
        return self._send({"text": text})

    def press(self, title: str) -> list[Json]:
        """Presses the button with this title under the last messages."""
        for message in self.last:
            for choice in message.get("choices", ()):
                if choice["title"] == title:
                    return self._send({"choice": choice["id"]})
        raise AssertionError(f"no button {title!r} in {self.last}")

    def press_first(self) -> list[Json]:
        """Presses the button that goes on: the first one of the last message that has any."""
        message = [shown for shown in self.last if shown.get("choices")][-1]
        return self._send({"choice": message["choices"][0]["id"]})

    def history(self) -> list[Json]:
        """The whole conversation as the server tells it."""
        messages: list[Json] = self._call("GET", "/api/messages")["messages"]
        return messages

    def _send(self, body: Json) -> list[Json]:
        self.last = self._call("POST", "/api/messages", {"id": str(uuid.uuid4()), **body})["messages"]
        return self.last

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        request = urllib.request.Request(
            self._base_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **self._host},
        )
        with self._opener.open(request, timeout=60) as answer:
            result: Json = json.load(answer)
            return result
