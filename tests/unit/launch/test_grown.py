from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.launch import grown
from bot.launch.grown import CONFIGURATION, PROXY, Plan, single
from bot.secret_split import SPLIT, held_by
from bot.settings import PREFIX, Settings

SHARED = {"database_url": "postgresql+psycopg://a@/register", "tracker_url": "postgresql://r@/tracker"}
KINDS = {"rasa-1", "rasa-2", "rasa-3", "actions-1", "actions-2", "web-1", "web-2", "jobs-1", "jobs-2"}


@pytest.fixture(autouse=True)
def _with_haproxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program: f"/usr/sbin/{program}")


def plan(**changes: object) -> Plan:
    return grown.grown(Settings(_env_file=None, **(SHARED | changes)))  # type: ignore[arg-type]


def given(command: list[str]) -> Mapping[str, str]:
    """What a command sets in its own environment."""
    return dict(word.split("=", 1) for word in command if re.match(r"[A-Z_]+=", word))


def taken(command: list[str]) -> set[str]:
    return {command[place + 1] for place, word in enumerate(command) if word == "-u"}


def test_several_of_each_behind_one_proxy() -> None:
    assert set(plan().commands) == KINDS | {"console", PROXY}


def test_no_two_listen_at_the_same_place() -> None:
    addresses = plan().addresses

    assert len(set(addresses.values())) == len(addresses)


def test_the_proxy_takes_the_addresses_that_the_settings_name() -> None:
    made = plan(web_port=9000, actions_url="http://127.0.0.1:9100")

    assert made.environment["PROXY_WEB"] == "127.0.0.1:9000"
    assert made.environment["PROXY_ACTIONS"] == "127.0.0.1:9100"


def test_each_finds_its_own_port_and_the_proxy_finds_each() -> None:
    made = plan()
    for number in (1, 2):
        web, actions = given(made.commands[f"web-{number}"]), given(made.commands[f"actions-{number}"])

        assert made.environment[f"PROXY_WEB_{number}"] == "127.0.0.1:" + web["MADOGUCHI_WEB_PORT"]
        assert "http://" + made.environment[f"PROXY_ACTIONS_{number}"] == actions["MADOGUCHI_ACTIONS_URL"]
        assert made.gateways[number - 1] == "http://127.0.0.1:" + web["MADOGUCHI_WEB_PORT"]


def test_every_address_of_the_proxys_configuration_is_given() -> None:
    asked = set(re.findall(r'"\$\{(\w+)\}"', CONFIGURATION.read_text("utf-8")))

    assert asked == {name for name in plan().environment if name.startswith("PROXY_")}


def test_everybody_is_told_of_the_same_rasas_and_each_of_them_runs() -> None:
    made = plan()
    urls = made.environment["MADOGUCHI_RASA_URL"].split()

    assert urls == [f"http://127.0.0.1:{port}" for port in (5005, 5006, 5007)]
    for number, url in enumerate(urls, 1):
        assert url.rpartition(":")[2] in made.commands[f"rasa-{number}"]


def test_who_names_several_rasas_gets_those() -> None:
    made = plan(rasa_url="http://127.0.0.1:7001 http://127.0.0.1:7005")

    assert {name for name in made.commands if name.startswith("rasa")} == {"rasa-1", "rasa-2"}
    assert made.addresses["rasa-2"] == ("127.0.0.1", 7005)


@pytest.mark.parametrize("name", sorted(KINDS | {"console"}))
def test_no_process_finds_a_secret_that_is_not_its_own(name: str) -> None:
    secrets = {PREFIX + field.upper() for field in SPLIT}

    left = secrets - taken(plan().commands[name])
    assert left == {PREFIX + field.upper() for field in held_by(name.partition("-")[0])}


def test_the_proxy_finds_no_setting_at_all() -> None:
    assert taken(plan().commands[PROXY]) == {PREFIX + field.upper() for field in Settings.model_fields}


@pytest.mark.parametrize("field", ["database_url", "tracker_url"])
def test_a_file_cannot_be_shared(field: str) -> None:
    with pytest.raises(BadInputError, match=PREFIX + field.upper()):
        plan(**{field: "sqlite:///var/one.db"})


def test_a_machine_without_the_proxy_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _program: None)

    with pytest.raises(BadInputError, match="apt-get install haproxy"):
        plan()


def test_two_jobs_show_their_figures_at_two_ports() -> None:
    made = plan(jobs_metrics_port=9200)
    shown = [given(made.commands[f"jobs-{number}"])["MADOGUCHI_JOBS_METRICS_PORT"] for number in (1, 2)]

    assert shown == ["9200", "9201"]


def test_alone_there_is_one_of_each_and_as_many_rasas_as_are_named() -> None:
    one = single(Settings(_env_file=None))
    two = single(Settings(_env_file=None, rasa_url="http://127.0.0.1:5005 http://127.0.0.1:5006"))

    assert set(one.commands) == {"rasa", "actions", "web", "jobs", "console"}
    assert set(two.commands) == {"rasa-1", "rasa-2", "actions", "web", "jobs", "console"}
    assert one.gateways == ("http://127.0.0.1:8080",)


def test_the_configuration_is_where_a_checkout_has_it() -> None:
    assert (Path(__file__).parents[3] / CONFIGURATION).is_file()
