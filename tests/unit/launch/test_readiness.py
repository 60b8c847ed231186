import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.launch import readiness


class _Gateway(BaseHTTPRequestHandler):
    answers: list[dict[str, bool]]

    def do_GET(self) -> None:
        checks = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(200 if all(checks.values()) else 503)
        self.end_headers()
        self.wfile.write(json.dumps({"checks": checks}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gateway() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/readyz"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_waits_until_every_check_passes_and_says_what_is_missing(
    gateway: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "_REPORT_EVERY_SECONDS", 0.0)
    _Gateway.answers = [{"rasa": False, "register": True}, {"rasa": True, "register": True}]
    lines: list[str] = []

    assert readiness.wait_until_ready(gateway, seconds=10, alive=lambda: True, report=lines.append)
    assert "rasa" in lines[0]
    assert "register" not in lines[0]


def test_it_gives_up_when_what_it_waits_for_has_ended(gateway: str) -> None:
    _Gateway.answers = [{"rasa": False}]
    assert not readiness.wait_until_ready(gateway, seconds=60, alive=lambda: False, report=lambda _: None)
