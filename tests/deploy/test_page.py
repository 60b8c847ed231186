"""docs/deploying.md tells the truth where it can be compared."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from bot.secret_split import SPLIT
from bot.settings import PREFIX
from tests.support.deployments import COMPANIES, COMPONENTS, DEPLOY, PROCESSES, ROOT, compose, final_stage

KEPT = ("deploy/secrets", "deploy/controllers")
"""Folders that an operator makes, and that git does not keep."""

PAGE = (ROOT / "docs" / "deploying.md").read_text("utf-8")


def test_the_table_of_secrets_is_the_codes() -> None:
    rows = re.findall(rf"^\| `{PREFIX}(\w+)` \|((?:[ ○]*\|)+)$", PAGE, re.MULTILINE)
    told = {
        name.lower(): {
            process for process, cell in zip(PROCESSES, cells.split("|")[:-1], strict=True) if cell.strip() == "○"
        }
        for name, cells in rows
    }

    assert told == {name: set(holders) for name, holders in SPLIT.items()}


def test_the_releases_that_it_names_are_those_of_the_files() -> None:
    bases = {dict(final_stage(image))["FROM"] for image in ("app", "rasa")}
    named = set(re.findall(r"python:\d+\.\d+\.\d+-slim-bookworm", PAGE))
    pinned = set(re.findall(r"python:\S+", "".join(path.read_text("utf-8") for path in files())))

    assert bases == {"${PYTHON}"}
    assert named == pinned
    assert all(f"{name} {version}" in PAGE for name, version in tools())


def files() -> list[Path]:
    return sorted((ROOT / "deploy" / "images").glob("*.Dockerfile"))


def tools() -> list[tuple[str, str]]:
    lines = (ROOT / "requirements" / "dev.in").read_text("utf-8")
    found = re.findall(r"^(hadolint|check-jsonschema|kubernetes-validate)(?:-bin)?==(\S+)$", lines, re.MULTILINE)
    return [(name, version) for name, version in found]


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"\b(?:deploy|tests|bot)/[\w./-]+\w", PAGE))
    there = {name for name in named if (ROOT / name).exists()}

    assert {name for name in named - there if not name.startswith(KEPT)} == {"deploy/settings.env"}


def test_what_is_off_by_default_is_named_as_it_is_chosen() -> None:
    over = {path.name for path in DEPLOY.glob("compose.*.yml")}
    components = {path.parent.name for path in COMPONENTS.glob("*/kustomization.yml")}

    assert {f"compose.{name}.yml" for name in components} == over
    assert all(f"`-f deploy/{name}`" in PAGE for name in over)
    assert all(f"`components: [components/{name}]`" in PAGE for name in components)
    assert f"MADOGUCHI_CONTROLLERS_DIR={COMPANIES}" in PAGE


def test_the_collector_is_where_the_files_look_for_it() -> None:
    [rule] = yaml.safe_load((COMPONENTS / "traces" / "policy.yml").read_text("utf-8"))["spec"]["egress"]
    names = [
        compose("traces")["networks"]["traces"]["name"],
        *rule["to"][0]["namespaceSelector"]["matchLabels"].values(),
        *(f"{key}: {value}" for key, value in rule["to"][0]["podSelector"]["matchLabels"].items()),
    ]

    assert len(names) == 3
    assert all(f"`{name}`" in PAGE for name in names)
    assert f"at {rule['ports'][0]['port']}." in PAGE


def test_volumes_of_the_owners_commands_are_those_of_the_processes() -> None:
    whole = compose()
    volumes = [one for service in whole["services"].values() for one in service.get("volumes", ())]
    places = {tuple(volume.split(":")[:2]) for volume in volumes}
    named = set(re.findall(rf"-v {whole['name']}_(\w+):(/[\w/]+)", PAGE))

    assert len(named) == 3
    assert named <= places
