from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bot.app import build_app
from bot.channels.openapi.calls import CALLS, Call
from bot.channels.openapi.document import canonical, document, printed
from tests.support.channel_gateway import channel_settings, scripted_gateway


def test_the_published_document_is_what_the_code_says() -> None:
    assert Path("docs/openapi.json").read_text("utf-8") == printed()


async def test_every_route_is_described_and_nothing_else(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "web.db")
    gateway, _ = scripted_gateway(channel_settings(tmp_path / "web.db"))
    routes = {
        (route.method, route.resource.canonical)
        for route in build_app(gateway).router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert routes == {(call.method, canonical(call)) for call in CALLS}
    await gateway.close()


def test_every_shape_is_a_schema_and_every_name_leads_to_one() -> None:
    shapes = document()["components"]["schemas"]
    for shape in shapes.values():
        Draft202012Validator.check_schema(shape)
    text = printed()
    named = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(shapes)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.method} {call.path}")
def test_whoever_needs_a_session_is_told_what_happens_without(call: Call) -> None:
    assert not call.session or {401, 403} & {answer.status for answer in call.answers}
