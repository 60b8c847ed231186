from __future__ import annotations

import pytest

from bot.errors import BadInputError
from bot.notation import read_networks, read_rates
from bot.settings import Settings, load


def test_limits_are_read_in_the_notation_of_the_library() -> None:
    assert [(rate.amount, rate.get_expiry()) for rate in read_rates(" 20/minute; 200 per 2 hours ")] == [
        (20, 60),
        (200, 7200),
    ]


@pytest.mark.parametrize("text", ["", "  "])
def test_nothing_is_no_limit(text: str) -> None:
    assert read_rates(text) == ()


@pytest.mark.parametrize("text", ["many", "20/minut", "20", "-1/minute", "20/minute;", "0/day", "5/hour; 0/day"])
def test_what_cannot_be_a_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="limit"):
        read_rates(text)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "proxy", "10.0.0.1/8"])
def test_what_cannot_be_a_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="networks"):
        read_networks(text)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("RATE_SESSION_MESSAGES", "as many as you like", "cannot be read as limits"),
        ("RATE_CONVERSATION_FILINGS", "0/day", "lets nobody through"),
        ("TRUSTED_PROXIES", "the one in front", "cannot be read as networks"),
    ],
)
def test_a_process_does_not_start_with_what_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(f"MADOGUCHI_{name}", value)
    load.cache_clear()

    with pytest.raises(BadInputError) as refusal:
        load()

    load.cache_clear()
    assert f"MADOGUCHI_{name}: " in str(refusal.value)
    assert reason in str(refusal.value)
    assert value not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_every_default_can_be_read() -> None:
    for name, field in Settings.model_fields.items():
        if name.startswith("rate_") and isinstance(field.default, str):
            assert read_rates(field.default), name
    assert len(read_networks(Settings.model_fields["trusted_proxies"].default)) == 2
