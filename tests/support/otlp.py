"""A collector on a loopback port that takes OTLP over HTTP, keeps the very bytes and reads the spans in them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot import spans


@dataclass(frozen=True)
class Span:
    """A span as it arrived."""

    process: str
    name: str
    trace: str
    id: str
    parent: str
    facts: dict[str, Any]
    is_failed: bool
    kind: int


@dataclass
class Collector:
    """What came in."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        return [span for body in self.bodies for span in _spans(body)]

    def named(self, name: str) -> Span:
        """The one span of this name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that runs while the block does."""
    collector = Collector()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that the library calls
            collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Nothing goes to standard error."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    collector.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _spans(body: bytes) -> Iterator[Span]:
    for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
        [process] = [one.value.string_value for one in sent.resource.attributes if one.key == "service.name"]
        for scope in sent.scope_spans:
            for span in scope.spans:
                facts = {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes}
                ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                yield Span(process, span.name, *ids, facts, span.status.code == 2, span.kind)


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that this process exports to; all has arrived when `spans.close()` returns."""
    with collecting() as found:
        spans.configure(found.url, "web")
        yield found
        spans.close()
