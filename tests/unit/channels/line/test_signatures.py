"""Whatever is not exactly what LINE signed is refused, and nothing of it is told.

`make prove-signatures` flips 10,000 bits.
"""

import os
import random
from unittest.mock import Mock

import pytest
from aiohttp import StreamReader, web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.gateway import Gateway
from bot.channels.line.webhook import PATH, LineWebhook
from tests.support.fake_line import SECRET, signed, text_event, webhook

_FLIPS = int(os.environ.get("MADOGUCHI_PROOF_FLIPS", "300"))
_WORDS = "ひみつの相談 090-1234-5678"
_BODY = webhook(text_event(_WORDS, event_id="E1"))
_SIGNATURE = signed(_BODY)["X-Line-Signature"]

# Neither is reached by what is not signed; a call of any of it would fail.
_door = LineWebhook(Mock(spec_set=Gateway), SECRET)


def request_of(body: bytes, signature: str) -> web.Request:
    payload = StreamReader(Mock(_reading_paused=False), limit=2**20)
    payload.feed_data(body)
    payload.feed_eof()
    return make_mocked_request("POST", PATH, headers={"X-Line-Signature": signature}, payload=payload)


async def refused_with(body: bytes, signature: str) -> int:
    with pytest.raises(web.HTTPException) as refusal:
        await _door.handle(request_of(body, signature))
    return refusal.value.status


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


async def test_every_flipped_bit_is_refused_and_nothing_is_told(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(6)  # noqa: S311 - bits to flip, no secret
    for _ in range(_FLIPS):
        bit = chance.randrange((len(_BODY) + len(_SIGNATURE)) * 8)
        in_body = bit < len(_BODY) * 8
        body = flipped(_BODY, bit) if in_body else _BODY
        raw = _SIGNATURE.encode() if in_body else flipped(_SIGNATURE.encode(), bit - len(_BODY) * 8)
        assert await refused_with(body, raw.decode("latin-1")) in (400, 401)
    told = caplog.text + "".join(capsys.readouterr())
    assert told.count("line_") >= _FLIPS
    assert not any(word in told for word in ("ひみつ", "090", "E1", "U1", _SIGNATURE[:12]))


async def test_the_very_body_is_let_in() -> None:
    # What stands for the gateway cannot store it.
    with pytest.raises(AttributeError, match="no attribute"):
        await _door.handle(request_of(_BODY, _SIGNATURE))


@given(st.binary(max_size=200), st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=60))
async def test_whatever_comes_unsigned_is_refused(body: bytes, signature: str) -> None:
    assert await refused_with(body, signature.strip()) in (400, 401)
