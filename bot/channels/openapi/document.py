"""Prints `docs/openapi.json`: what `web` takes and answers (OpenAPI 3.1), made of the table of calls and the models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus
from importlib.metadata import version
from itertools import groupby
from typing import Any

from bot.channels.openapi.calls import CALLS, TEXT, Answer, Call
from bot.channels.openapi.schemas import REF, Schema, schemas
from bot.channels.website.problems import API

_PARAMETER = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})+))?\}")

_DESCRIPTION = (
    "What members' browsers, LINE and Slack reach. Errors of the chat API are RFC 9457 problems with a reference "
    "number and without personal data. JSON is refused that names a key twice or is nested more than 32 levels. "
    "Staff work in the console, which is a server of its own and has pages only. docs/security.md tells the limits."
)

_SECURITY: Schema = {
    "chat": {
        "type": "apiKey",
        "in": "cookie",
        "name": "chat",
        "description": "Set by POST /api/conversations; behind https its name is `__Host-chat`.",
    },
    "visit": {
        "type": "apiKey",
        "in": "cookie",
        "name": "request",
        "description": "Set at the door of a request's page; behind https its name is `__Secure-request`.",
    },
    "line": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Line-Signature",
        "description": "HMAC-SHA256 of the body by the channel's secret, in base64.",
    },
    "slack": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Slack-Signature",
        "description": "HMAC-SHA256 of `v0:<moment>:<body>` by the signing secret, at most five minutes old.",
    },
    "slack_moment": {"type": "apiKey", "in": "header", "name": "X-Slack-Request-Timestamp"},
}


@lru_cache(maxsize=1)
def document() -> Schema:
    """The whole document; whoever gets it changes nothing in it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Madoguchi",
            "version": version("madoguchi"),
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            path: {call.method.lower(): _operation(call) for call in calls}
            for path, calls in groupby(sorted(CALLS, key=canonical), key=canonical)
        },
        "components": {"schemas": schemas(), "securitySchemes": _SECURITY},
    }


def printed() -> str:
    """The document as it is published and served."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def canonical(call: Call) -> str:
    """The path with bare names in it."""
    return _PARAMETER.sub(r"{\1}", call.path)


def _operation(call: Call) -> Schema:
    operation: Schema = {
        "operationId": _name(call),
        "tags": [call.tag],
        "summary": call.summary,
        "responses": {
            str(status): _response(list(answers))
            for status, answers in groupby(_by_status(call), lambda one: one.status)
        },
    }
    if parameters := [_parameter(name, pattern) for name, pattern in _PARAMETER.findall(call.path)]:
        operation["parameters"] = parameters
    if call.body:
        content = {media_type: {"schema": _ref(shape)} for media_type, shape in call.body}
        operation["requestBody"] = {"required": any(shape != "Nothing" for _, shape in call.body), "content": content}
    if call.session:
        operation["security"] = [{name: [] for name in call.session}]
    return operation


def _name(call: Call) -> str:
    words = re.findall(r"[a-z]+", canonical(call).lower())
    return "_".join([call.method.lower(), *words])


def _by_status(call: Call) -> Iterator[Answer]:
    method_not_allowed = Answer(405, "This path takes other methods.", *_refusal(call))
    yield from sorted((*call.answers, method_not_allowed), key=lambda answer: answer.status)


def _refusal(call: Call) -> tuple[str, str]:
    return ("application/problem+json", "Problem") if call.path.startswith(API) else (TEXT, "")


def _response(answers: list[Answer]) -> Schema:
    content: Schema = {}
    for answer in answers:
        if answer.media_type:
            content[answer.media_type] = {"schema": _ref(answer.shape)} if answer.shape else {}
    means = " ".join(answer.means for answer in answers) or HTTPStatus(answers[0].status).phrase
    return {"description": means} | ({"content": content} if content else {})


def _parameter(name: str, pattern: str) -> Schema:
    schema: Schema = {"type": "string"} | ({"pattern": f"^{pattern}$"} if pattern else {"minLength": 1})
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _ref(shape: str) -> dict[str, Any]:
    return {"$ref": REF.format(model=shape)}


if __name__ == "__main__":
    print(printed(), end="")  # noqa: T201 - this module's work is to print
