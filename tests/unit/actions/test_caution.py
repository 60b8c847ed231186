"""A receipt says that nothing real is taken, as long as that is so."""

from __future__ import annotations

import pytest

from actions.receipts import receipts
from actions.services import Services
from bot.clock import system_clock
from bot.register.filing import Filed
from bot.register.kinds import Kind
from tests.support.talk import Talk

CAUTION = "試用中：本物の請求は受け付けません"


def test_every_receipt_begins_with_the_caution(talk: Talk) -> None:
    talk.say("開示してほしい", "open_request")
    talk.press_first()
    while not any(message.receipt for message in talk.last):
        talk.press_first()
    for message in talk.last:
        assert message.parts[0].text == CAUTION


@pytest.mark.parametrize("kind", [Kind.DISCLOSURE, Kind.COMPLAINT])
def test_in_production_it_does_not(kind: Kind, services: Services) -> None:
    filed = [Filed("K261126-7F3K-9QXMC", kind, system_clock(), "1" * 32)]
    (trial,) = receipts(filed, "2" * 32, services)
    services.settings = services.settings.model_copy(update={"mode": "production"})
    (production,) = receipts(filed, "2" * 32, services)
    assert trial.parts[1:] == production.parts
    assert CAUTION not in production.text
