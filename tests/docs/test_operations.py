"""docs/operations.md says of each alarm what it means, by which figure, and what to do; and of nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine
from typer.testing import CliRunner

from bot.channels.metrics import Metrics
from bot.channels.standing import Standing
from bot.cli import app
from bot.clock import system_clock
from tests.support.promql import asked

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
SECTIONS = dict(re.findall(r"^### (Madoguchi\w+)\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))
FIGURE = re.compile(r"`(madoguchi_[a-z_]+)")


def exported() -> set[str]:
    """The names of all figures of ours, as one asks for them."""
    registry, metrics = CollectorRegistry(), Metrics()
    Standing(create_engine("sqlite://"), "eparkrelax", system_clock, registry)
    families = [*registry.collect(), *metrics.registry.collect()]
    return {f"{one.name}_total" if one.type == "counter" else one.name for one in families}


def test_it_has_a_section_for_each_alarm_in_their_order() -> None:
    assert list(SECTIONS) == [rule["alert"] for rule in ALERTS]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: str(rule["alert"]))
def test_a_section_says_what_it_means_which_figure_and_what_to_do(rule: dict[str, Any]) -> None:
    section = SECTIONS[rule["alert"]]
    parts = re.findall(r"^\*\*(Means|Figure|Do)\*\*: (\S.*?)(?=^\*\*|\Z)", section, re.MULTILINE | re.DOTALL)

    assert [name for name, _ in parts] == ["Means", "Figure", "Do"]
    shown = parts[1][1]
    for name in asked(rule["expr"]).figures:
        assert name.removesuffix("_bucket") in shown


def test_the_table_of_figures_names_all_of_them() -> None:
    table = PAGE[PAGE.index("| figure | says |") : PAGE.index("Look once a day")]

    assert set(FIGURE.findall(table)) == exported()


def test_it_names_no_figure_that_is_not_there() -> None:
    assert set(FIGURE.findall(PAGE)) <= exported()


def test_its_links_to_its_own_sections_lead_somewhere() -> None:
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)}

    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings


def test_its_commands_are_there() -> None:
    named = set(re.findall(r"madoguchi ((?:backup|keys|register|storage) [a-z-]+)", PAGE))

    assert len(named) > 10
    for command in named:
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0, command
