from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog
from rasa.utils.log_utils import configure_structlog

from bot.components import quiet

SECRET = "佐藤花子の持病について"


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    factory = logging.getLogRecordFactory()
    configure_structlog(logging.INFO)
    quiet.install()
    yield
    logging.setLogRecordFactory(factory)
    structlog.reset_defaults()


def _failing(text: str) -> None:
    secret_local = text
    raise ValueError(f"cannot handle {secret_local}")


def test_rasas_own_failure_event_names_the_place_only(caplog: pytest.LogCaptureFixture) -> None:
    try:
        _failing(SECRET)
    except ValueError:
        structlog.get_logger("rasa.core.channels.rest").exception("rest.message.received.failure", text=SECRET)
    assert SECRET not in caplog.text
    assert "rest.message.received.failure" in caplog.text
    assert "ValueError" in caplog.text
    assert "_failing" in caplog.text


def test_a_logger_used_before_is_quiet_too(caplog: pytest.LogCaptureFixture) -> None:
    configure_structlog(logging.INFO)
    early = structlog.get_logger("rasa.early")
    early.info("started")
    quiet.install()
    caplog.clear()
    early.error("message.parsing.failed", user_text=SECRET, event_info=SECRET)
    assert SECRET not in caplog.text
    assert "message.parsing.failed" in caplog.text


def test_messages_of_plain_errors_are_withheld(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("rasa.core.tracker_store")
    try:
        _failing(SECRET)
    except ValueError as error:
        log.exception(f"Error happened when trying to save: {error}")  # noqa: G004, TRY401 - as Rasa does it
        log.warning("parameters %s", SECRET)
    assert SECRET not in caplog.text
    assert "rasa.core.tracker_store" in caplog.text


def test_a_failed_statement_does_not_show_its_parameters(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=ValueError(SECRET))
    assert SECRET not in caplog.text
    assert "ValueError" in caplog.text


def test_our_own_events_and_plain_information_stay(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    logging.getLogger("bot.components.speedups").warning("speedups_left_out")
    logging.getLogger("rasa.core.run").info("Rasa server is up and running.")
    assert "speedups_left_out" in caplog.text
    assert "up and running" in caplog.text


def test_warnings_show_no_text(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        quiet.install()
        warnings.warn(f"Failed to parse arguments in line '{SECRET}'", stacklevel=1)
    shown = capsys.readouterr()
    assert SECRET not in shown.err + shown.out + caplog.text
    assert "UserWarning" in caplog.text
