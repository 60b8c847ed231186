"""One turn's trace laid open for staff: how it was understood, what was found, what the gates said, how long it took.

A trace is what `transcript.sealed_trace` holds; templates draw it with `trying/trace.html`. Traces of earlier versions
of this project lack some of it, and then less is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.console.trying import words
from bot.policy import gates
from bot.policy.model import Policy

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Likelihood:
    """A name with how sure something was of it, 0 to 1."""

    name: str
    title: str
    value: float


@dataclass(frozen=True)
class Dialogue:
    """How the dialogue engine took the turn; a button is obeyed, not understood."""

    action: str
    action_title: str
    intents: tuple[Likelihood, ...]
    is_pressed: bool


@dataclass(frozen=True)
class Gate:
    """One of the two gates before an answer: its likelihood beside the one below which it closes."""

    title: str
    state: Literal["open", "shut", "unseen"]
    value: float
    threshold: float


@dataclass(frozen=True)
class Candidate:
    """A passage that was found; `before`, `best`, `after` are its words around its best sentence, when known."""

    passage: str
    heading: str
    score: float
    parts: tuple[float | None, ...]
    use: str
    use_title: str
    why: str
    before: str = ""
    best: str = ""
    after: str = ""


@dataclass(frozen=True)
class QuestionView:
    """One question of the message; `known` are the cards and gaps that came nearest, `missing` what is not stated."""

    verdict: str
    title: str
    gates: tuple[Gate, ...]
    reasons: tuple[str, ...]
    missing: tuple[str, ...]
    known: tuple[Json, ...]
    score_names: tuple[str, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class TraceView:
    """What `trying/trace.html` draws."""

    dialogue: Dialogue | None
    questions: tuple[QuestionView, ...]
    stages: tuple[tuple[str, float], ...]
    total: float | None
    facts: tuple[tuple[str, str], ...]


def trace_view(stored: Mapping[str, Any] | None, policy: Policy | None = None) -> TraceView | None:
    """A stored trace as it is shown; None when nothing was kept.

    Args:
        stored: what the transcript keeps beside a message: `{"context": …, "trace": …}`.
        policy: the version that was answered from, for the words of the passages; without it only their places show.
    """
    trace: Json = (stored or {}).get("trace") or {}
    if not trace:
        return None
    dialogue = trace.get("dialogue")
    return TraceView(
        dialogue=_dialogue(dialogue) if dialogue else None,
        questions=tuple(_question(each, policy) for each in trace.get("questions", ())),
        stages=tuple(_stages(trace)),
        total=trace.get("rasa_ms"),
        facts=tuple(_facts(trace, (stored or {}).get("context") or {})),
    )


def _dialogue(told: Json) -> Dialogue:
    ranking = told.get("ranking") or [{"name": told.get("intent", ""), "confidence": told.get("confidence", 0.0)}]
    action = str(told.get("action", ""))
    return Dialogue(
        action=action,
        action_title=words.ACTIONS.get(action, action),
        intents=tuple(intent(each["name"], each["confidence"]) for each in ranking),
        is_pressed=bool(told.get("pressed")),
    )


def intent(name: str | None, confidence: float) -> Likelihood:
    """An intent as staff read it."""
    return Likelihood(name or "", words.INTENTS.get(name or "", name or "なし"), confidence)


def _question(told: Json, policy: Policy | None) -> QuestionView:
    hits: Sequence[Json] = told.get("hits", ())
    verdict = str(told["verdict"])
    names = tuple(name for name in words.SCORES if any(name in hit for hit in hits))
    return QuestionView(
        verdict=verdict,
        title=words.VERDICTS.get(verdict, verdict),
        gates=tuple(_gates(told)),
        reasons=tuple(map(words.reason_title, told.get("gates", ()))),
        missing=tuple(told.get("missing", ())),
        known=tuple(told.get("known", ())),
        score_names=tuple(words.SCORES[name] for name in names),
        candidates=tuple(_candidate(hit, names, policy) for hit in hits),
    )


def _gates(told: Json) -> Iterator[Gate]:
    is_off = told["verdict"] == "out_of_scope"
    if "matter" in told:
        yield Gate("方針の話題か", "shut" if is_off else "open", told["matter"], gates.OFF_TOPIC)
    if "stated" in told:
        state: Literal["open", "shut", "unseen"] = "shut" if told["verdict"] == "not_in_policy" else "open"
        yield Gate("方針に書かれているか", "unseen" if is_off else state, told["stated"], gates.STATED)


def _candidate(hit: Json, names: Sequence[str], policy: Policy | None) -> Candidate:
    use, passage_id = hit.get("use", ""), hit["passage"]
    shown = Candidate(
        passage=passage_id,
        heading="",
        score=hit["score"],
        parts=tuple(hit.get(name) for name in names),
        use=use,
        use_title=words.USES.get(use, ""),
        why=words.WHYS.get(hit.get("why", ""), ""),
    )
    return shown if policy is None else _with_words(shown, hit.get("best"), policy)


def _with_words(shown: Candidate, best: Sequence[int] | None, policy: Policy) -> Candidate:
    try:
        passage = policy.passage(shown.passage)
    except KeyError:
        return shown
    start, end = best or (passage.start, passage.start)
    text = policy.text
    return replace(
        shown,
        heading=passage.heading,
        before=text[passage.start : start],
        best=text[start:end],
        after=text[end : passage.end],
    )


def _stages(trace: Json) -> Iterator[tuple[str, float]]:
    """Rasa's own share is what is left of its turn when the action's is taken away."""
    action = (trace.get("dialogue") or {}).get("ms")
    if "rasa_ms" in trace and action is not None:
        yield "意図の読み取りと対話（Rasa）", max(0.0, trace["rasa_ms"] - action)
    spent: Json = trace.get("ms") or {}
    yield from ((words.STAGES.get(name, name), value) for name, value in spent.items())
    if action is not None:
        yield "アクションのその他", max(0.0, action - sum(spent.values()))


def _facts(trace: Json, context: Json) -> Iterator[tuple[str, str]]:
    told = (
        ("公開番号", trace.get("release")),
        ("方針の版", context.get("version")),
        ("モデル", trace.get("model")),
        ("索引", trace.get("index")),
    )
    yield from ((title, str(value)) for title, value in told if value is not None)
