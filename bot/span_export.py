"""The side of traces that needs OpenTelemetry's SDK: `bot.spans` imports it where a collector is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_SECONDS = 5.0
_HEADER = "traceparent"


class Exporting:
    """One tracer of ours and its way to the collector.

    It is not OpenTelemetry's global one: a library that instruments itself must not send what it likes along. A
    collector that is away costs a turn nothing: spans go in the background, and what cannot be sent is dropped.
    """

    def __init__(self, endpoint: str, process: str, share: float) -> None:
        # Resource.create() would look around this machine for more to tell of it.
        resource = Resource({"service.name": f"madoguchi-{process}", "service.version": version("madoguchi")})
        self._provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(share)))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=_SECONDS)))
        self._tracer = self._provider.get_tracer("madoguchi")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, kind: str, parent: str, facts: Mapping[str, str | float]) -> Iterator[None]:
        """One span around the block; an exception is told by its type, since its text may quote a member."""
        context = self._propagator.extract({_HEADER: parent}) if parent else None
        with self._tracer.start_as_current_span(
            name,
            context,
            SpanKind[kind.upper()],
            {f"madoguchi.{fact}": value for fact, value in facts.items()},
            record_exception=False,
            set_status_on_exception=False,
        ) as opened:
            try:
                yield
            except BaseException as error:
                opened.set_attribute("error.type", type(error).__name__)
                opened.set_status(Status(StatusCode.ERROR))
                raise

    def traceparent(self) -> str:
        """The header of the span that is open here; empty outside of one."""
        if not trace.get_current_span().get_span_context().is_valid:
            return ""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get(_HEADER, "")

    def close(self) -> None:
        """Sends what is left, as long as that takes a moment."""
        self._provider.shutdown()
