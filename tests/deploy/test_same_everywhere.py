"""Every deployment starts the same processes with the same secrets, addresses and surroundings as `make run`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from bot.controllers import OF_A_CONTROLLER
from bot.launch.model import CURRENT
from bot.launch.processes import MODULES, RASA_KEEPS, environment, rasa_arguments
from bot.secret_split import OURS, SPLIT, held_by
from bot.settings import PREFIX, Settings
from tests.support.deployments import (
    COMPANIES,
    DEPLOY,
    PROCESSES,
    Deployed,
    compose,
    everywhere,
    final_stage,
    of_kind,
    pod_templates,
    unit_values,
    units,
)

DEFAULTS = Settings(_env_file=None)
DEPLOYMENTS = everywhere()
SURROUNDINGS = ("OMP_NUM_THREADS", "MALLOC_ARENA_MAX", "PYTHONUNBUFFERED")
OF_RASA = ("RASA_TELEMETRY_ENABLED", "SQLALCHEMY_SILENCE_UBER_WARNING")

every_deployment = pytest.mark.parametrize("processes", DEPLOYMENTS.values(), ids=DEPLOYMENTS.keys())
every_process = pytest.mark.parametrize("name", PROCESSES)


@every_deployment
@every_process
def test_a_process_is_handed_its_own_secrets_and_no_other(processes: Mapping[str, Deployed], name: str) -> None:
    assert processes[name].secrets == {PREFIX + field.upper() for field in held_by(name)}


@every_deployment
@every_process
def test_no_secret_stands_among_the_plain_variables(processes: Mapping[str, Deployed], name: str) -> None:
    secrets = {PREFIX + field.upper() for field in SPLIT}

    assert secrets.isdisjoint(processes[name].variables)


@every_deployment
@every_process
def test_a_process_finds_the_companies_files_that_were_written_for_it(
    processes: Mapping[str, Deployed], name: str
) -> None:
    own = [re.split(r"controllers[/-]", place)[-1] for place in processes[name].companies]

    assert own == ([name] if name in OURS else [])


def test_the_owners_commands_know_the_companies_and_none_of_their_secrets() -> None:
    volumes = compose()["services"]["migrate"]["volumes"]

    assert volumes == [f"./secrets/controllers/actions:{COMPANIES}:ro"]
    assert held_by("actions").isdisjoint(OF_A_CONTROLLER)


@every_deployment
def test_rasa_finds_three_settings_and_no_other(processes: Mapping[str, Deployed]) -> None:
    rasa = processes["rasa"]

    assert set(rasa.settings) | rasa.secrets == {PREFIX + field.upper() for field in RASA_KEEPS}


@every_deployment
@pytest.mark.parametrize("name", sorted(OURS))
def test_ours_are_started_as_modules(processes: Mapping[str, Deployed], name: str) -> None:
    assert processes[name].command == ("python", "-m", MODULES[name])


@every_deployment
def test_rasa_is_told_what_make_run_tells_it(processes: Mapping[str, Deployed]) -> None:
    command = processes["rasa"].command
    host = command[command.index("-i") + 1]
    port = urlsplit(DEFAULTS.rasa_url).port

    assert port is not None
    assert host in {"0.0.0.0", "127.0.0.1"}  # noqa: S104 - inside a container, where only its networks reach it
    assert command == ("rasa", *rasa_arguments(str(CURRENT), host, port))


@every_deployment
@every_process
def test_a_process_has_the_surroundings_that_make_run_gives(processes: Mapping[str, Deployed], name: str) -> None:
    wanted = environment(DEFAULTS)
    names = (*SURROUNDINGS, *OF_RASA) if name == "rasa" else SURROUNDINGS

    assert {key: processes[name].variables.get(key) for key in names} == {key: wanted[key] for key in names}


@every_deployment
@every_process
def test_every_setting_that_is_named_exists_and_can_be_read(processes: Mapping[str, Deployed], name: str) -> None:
    values = {key.removeprefix(PREFIX).lower(): value for key, value in processes[name].settings.items()}

    assert values.keys() <= Settings.model_fields.keys()
    Settings(_env_file=None, **values)  # type: ignore[arg-type]


@every_deployment
def test_the_ports_are_those_of_the_settings(processes: Mapping[str, Deployed]) -> None:
    for process in processes.values():
        for field in ("rasa_url", "actions_url"):
            for given in process.settings.get(PREFIX + field.upper(), "").split():
                assert urlsplit(given).port == urlsplit(getattr(DEFAULTS, field)).port


@every_deployment
def test_whoever_asks_rasa_or_the_actions_knows_where(processes: Mapping[str, Deployed]) -> None:
    # On one machine the defaults are right; in containers each has a name.
    needed = {"web": {"RASA_URL", "ACTIONS_URL"}, "jobs": {"RASA_URL"}, "console": {"RASA_URL"}}
    for name, fields in needed.items():
        for field in fields:
            urls = processes[name].settings.get(PREFIX + field, getattr(DEFAULTS, field.lower()))
            for host in (str(urlsplit(url).hostname) for url in urls.split()):
                assert host == "127.0.0.1" if processes is DEPLOYMENTS["systemd"] else _is_named(host)


def _is_named(host: str) -> bool:
    return host.rpartition(".")[2] in of_kind("Service").keys() & compose()["services"].keys()


def test_the_ports_of_images_services_and_pods_are_those_of_the_settings() -> None:
    ports = {"web": DEFAULTS.web_port, "console": DEFAULTS.console_port}
    ports |= {"actions": urlsplit(DEFAULTS.actions_url).port or 0, "rasa": urlsplit(DEFAULTS.rasa_url).port or 0}
    exposed = {port for image in ("app", "rasa") for port in dict(final_stage(image))["EXPOSE"].split()}

    assert exposed == {str(port) for port in ports.values()}
    for name, port in ports.items():
        assert of_kind("Service")[name]["spec"]["ports"][0]["port"] == port
    for name in ("web", "console"):
        assert compose()["services"][name]["ports"] == [f"127.0.0.1:{ports[name]}:{ports[name]}"]


def test_every_process_of_the_product_is_deployed() -> None:
    assert set(PROCESSES) == OURS | {"rasa"}
    assert set(units()) == {*PROCESSES, "migrate"}
    assert set(compose()["services"]) == {*PROCESSES, "migrate", "postgres"}
    assert set(of_kind("Deployment", "StatefulSet", "Job")) == {*PROCESSES, "migrate", "postgres"}


def test_the_example_of_settings_can_be_read_and_holds_no_secret() -> None:
    lines = (DEPLOY / "settings.example.env").read_text("utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    given = {name.removeprefix(PREFIX).lower(): value for name, value in values.items()}

    assert Settings(_env_file=None, **given).mode == "trial"  # type: ignore[arg-type]
    assert given.keys() <= Settings.model_fields.keys() - SPLIT.keys()
    assert of_kind("ConfigMap")["settings"]["data"] == values


def test_the_owner_migrates() -> None:
    unit = " ".join(unit_values(units()["migrate"])["ExecStart"])
    job = pod_templates()["migrate"]["spec"]["containers"][0]["args"]

    for command in (" ".join(compose()["services"]["migrate"]["command"]), " ".join(job), unit):
        assert "python -m alembic upgrade head" in command
        assert "madoguchi storage grants --role madoguchi_app --apply" in command


def test_nobody_but_the_migration_gets_the_owners_way_into_the_database() -> None:
    owners = "owner-database-url"
    templates = {name: str(template["spec"]) for name, template in pod_templates().items()}
    services = {name: str(service) for name, service in compose()["services"].items()}
    files = {name: path.read_text("utf-8") for name, path in units().items()}

    for texts in (templates, services, files):
        assert [name for name, text in texts.items() if owners in text] == ["migrate"]
