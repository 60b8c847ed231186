"""Traces: off they are nothing; on they say what was done and how long it took, and nothing that a member said."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import structlog

from bot import logs, spans
from bot.launch.processes import MODULES
from bot.settings import Settings
from tests.support.otlp import Collector

WORDS = "わたしの秘密の文"
SAMPLED = 1
COLLECTOR = "http://127.0.0.1:4318/v1/traces"


def test_off_by_default_and_nothing_of_opentelemetry_is_loaded() -> None:
    assert Settings().traces_url == ""
    code = (
        "import sys, bot.app, bot.jobs, bot.console.__main__, actions.__main__\n"
        "from bot import spans\n"
        "spans.configure('', 'web')\n"
        "with spans.span('web.message', kind='server', channel='web'): assert spans.traceparent() == ''\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'google.protobuf'))])\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


class StartedError(BaseException):
    """Carries what a process configured its traces with out of its start."""


@pytest.mark.parametrize(("process", "module"), MODULES.items())
def test_every_process_tells_the_collector_which_it_is(
    monkeypatch: pytest.MonkeyPatch, process: str, module: str
) -> None:
    def configure(endpoint: str, process: str, *, share: float) -> None:
        raise StartedError(endpoint, process, share)

    def go_on(*_: object) -> None:
        raise StartedError("nothing")

    spec = find_spec(module)
    main = import_module(f"{module}.__main__" if spec and spec.submodule_search_locations else module)
    settings = Settings(_env_file=None, traces_url=COLLECTOR, traces_share=0.25)
    monkeypatch.setattr(main, "load_controllers", lambda: (settings,))
    monkeypatch.setattr(main, "require_cleared", go_on)
    monkeypatch.setattr(logs, "configure", lambda _level: None)
    monkeypatch.setattr(spans, "configure", configure)
    with pytest.raises(StartedError) as started:
        main.main()

    assert started.value.args == (COLLECTOR, process, 0.25)


def test_a_span_carries_plain_words_under_known_names_alone() -> None:
    kept: dict[str, spans.Fact] = {"channel": "web", "reference": "7f3a9c21", "attempt": 2}
    dropped: dict[str, spans.Fact] = {"door": WORDS, "email": "a", "action": "a@b.jp", "notice": "あ"}
    assert spans.permitted(kept | dropped) == kept


def test_spans_lie_in_each_other_also_across_threads_and_processes(collector: Collector) -> None:
    async def work() -> None:
        with spans.span("web.message", kind="server", channel="web"):
            await asyncio.to_thread(in_thread)

    def in_thread() -> None:
        with spans.span("rasa.call", kind="client"):
            told.append(spans.traceparent())

    told: list[str] = []
    asyncio.run(work())
    # As the other process does, which has nothing open.
    with spans.span("action.run", kind="server", parent=told[0]):
        pass
    spans.close()

    top, middle, last = map(collector.named, ("web.message", "rasa.call", "action.run"))
    assert [top.parent, middle.parent, last.parent] == ["", top.id, middle.id]
    assert {top.trace, middle.trace, last.trace} == {top.trace}
    assert told[0].startswith(f"00-{top.trace}-{middle.id}-")
    assert (top.process, top.facts) == ("madoguchi-web", {"madoguchi.channel": "web"})


def test_of_an_exception_the_type_alone_is_told(collector: Collector) -> None:
    with pytest.raises(RuntimeError), spans.span("turn.answer"):
        raise RuntimeError(WORDS)
    spans.close()

    failed = collector.named("turn.answer")
    assert failed.is_failed
    assert failed.facts == {"error.type": "RuntimeError"}
    assert WORDS.encode() not in b"".join(collector.bodies)


def test_a_share_of_none_sends_nothing(collector: Collector) -> None:
    spans.configure(collector.url, "web", share=0.0)
    with spans.span("web.message"):
        assert not int(spans.traceparent().rpartition("-")[2], 16) & SAMPLED
    spans.close()
    assert collector.spans == []


def test_the_trace_stands_in_the_log(collector: Collector, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    try:
        with spans.span("turn.answer"):
            structlog.get_logger().info("inside")
        structlog.get_logger().info("outside")
    finally:
        structlog.reset_defaults()
    spans.close()
    inside, outside = map(json.loads, capsys.readouterr().out.splitlines())
    assert inside["trace"] == collector.named("turn.answer").trace
    assert "trace" not in outside
