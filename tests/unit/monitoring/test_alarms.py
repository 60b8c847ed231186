"""Alarms and dashboard ask for nothing that a real scrape does not have, and an alarm fires when it should."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.channels.beating import note_beats
from tests.support.promql import asked
from tests.support.web_member import Desk, running_desk

ROOT = Path(__file__).resolve().parents[3]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
# Prometheus itself adds these to every figure of a target.
OF_PROMETHEUS = {"job", "instance"}

RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]
]
PANELS: list[dict[str, Any]] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [each["expr"] for panel in PANELS for each in panel["targets"]]


def labels_by_name(scrape: str) -> dict[str, set[str]]:
    """Every figure of a scrape by the name that one asks for it, with its labels as far as it has samples."""
    found: dict[str, set[str]] = {"up": set()}
    for family in text_string_to_metric_families(scrape):
        for name in _names(family):
            found[name] = {label for sample in family.samples if sample.name == name for label in sample.labels}
    return found


def _names(family: Metric) -> Iterator[str]:
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    for ending in endings.get(family.type, ("",)):
        yield family.name + ending


@pytest.fixture
async def desk(sqlite_template: Path, tmp_path: Path) -> Any:  # noqa: ANN401 - a fixture that yields
    shutil.copy(sqlite_template, tmp_path / "web.db")
    async with running_desk(tmp_path / "web.db", rate_session_messages="1/hour") as running:
        yield running


async def test_every_figure_they_ask_for_is_in_a_real_scrape_with_these_labels(desk: Desk) -> None:
    member = await desk.member()
    assert (await member.post(text="料金は")).status == 200
    assert (await member.post(text="もう一度")).status == 429
    desk.gateway.metrics.sent.labels("line", "sent").inc()
    desk.gateway.metrics.rate_errors.labels("session_messages").inc()
    note_beats(desk.gateway, "purge", "digest", "backup", "turns")
    there = labels_by_name(await (await desk.client.get("/metrics")).text())

    for expression in EXPRESSIONS:
        wanted = asked(expression)
        assert wanted.figures
        for name, narrowed in wanted.figures.items():
            assert name in there, expression
            assert narrowed - OF_PROMETHEUS <= there[name], expression
            assert wanted.grouped <= there[name], expression


def test_every_alarm_says_how_bad_it_is_and_where_to_read_on() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names)) > 10
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        told = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        wanted = asked(rule["expr"])
        # What a figure is narrowed by is left on it; what is summed away is not.
        assert told <= OF_PROMETHEUS | {"channel", "clock", "task", "limit"}
        assert not (told and wanted.grouped)


def test_the_panels_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {(place["x"] + across, place["y"] + down) for across in range(place["w"]) for down in range(place["h"])}
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_every_alarm_has_a_case_in_which_it_fires() -> None:
    cases = yaml.safe_load((Path(__file__).parent / "alarm_cases.yml").read_text("utf-8"))
    tried = {one["alertname"] for case in cases["tests"] for one in case["alert_rule_test"] if one.get("exp_alerts")}

    assert tried == {rule["alert"] for rule in RULES}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not here (Debian: the package prometheus)")
def test_promtool_finds_the_rules_valid_and_each_fires_when_it_should(tmp_path: Path) -> None:
    shutil.copy(ALERTS, tmp_path / "alerts.yml")
    shutil.copy(Path(__file__).parent / "alarm_cases.yml", tmp_path / "cases.yml")
    example = ALERTS.with_name("prometheus.example.yml")
    for command in (("check", "config", str(example)), ("test", "rules", "cases.yml")):
        done = subprocess.run(["promtool", *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
