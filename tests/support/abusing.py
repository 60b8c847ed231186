"""What Schemathesis loads before it sends anything: each call carries the session or the signature that lets it in."""

from __future__ import annotations

import os

import schemathesis
from requests import PreparedRequest
from requests.auth import AuthBase

from tests.support import fake_line, fake_slack
from tests.support.abusing_names import COOKIE


class Admitted(AuthBase):
    """Signs what is about to be sent, whatever it is, so that it gets past the door."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Cookie"] = os.environ[COOKIE]
        body = request.body or b""
        assert isinstance(body, str | bytes)  # nothing is streamed
        sent = body.encode() if isinstance(body, str) else body
        if "/line/" in str(request.url):
            self._add(request, fake_line.signed(sent))
        elif "/slack/" in str(request.url):
            self._add(request, fake_slack.signed(sent.decode("utf-8", "replace")))
        return request

    @staticmethod
    def _add(request: PreparedRequest, signed: dict[str, str]) -> None:
        request.headers.update({name: value for name, value in signed.items() if name != "Content-Type"})


schemathesis.auth.set_from_requests(Admitted())  # type: ignore[attr-defined]  # untyped there
