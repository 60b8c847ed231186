"""The Compose file: by its specification's schema, and by what every service of it has to be."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from bot.secret_split import OURS
from bot.settings import PREFIX, Settings
from tests.support.deployments import DEPLOY, compose, of_compose

SERVICES: dict[str, dict[str, Any]] = compose()["services"]

every_service = pytest.mark.parametrize("name", SERVICES)


@pytest.mark.parametrize("file", sorted(path.name for path in DEPLOY.glob("compose*.yml")))
def test_the_specifications_schema_takes_it(file: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    told = subprocess.run([*command, DEPLOY / file], capture_output=True, text=True, check=False)

    assert (told.returncode, told.stdout.strip()) == (0, "ok -- validation done")


@every_service
def test_a_service_may_do_little(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "extra_hosts"}
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


@every_service
def test_what_a_service_names_is_defined(name: str) -> None:
    service = SERVICES[name]
    secrets = {one if isinstance(one, str) else one["source"] for one in service["secrets"]}
    volumes = {one.split(":")[0] for one in service.get("volumes", ())}

    assert secrets <= compose()["secrets"].keys()
    assert set(service["networks"]) <= compose()["networks"].keys()
    # What lies below secrets/ is made by new-secrets.sh, whose test asks for it.
    files = {volume for volume in volumes if volume[0] == "."}
    assert all((DEPLOY / file).exists() for file in files if not file.startswith("./secrets/"))
    assert volumes - files <= compose()["volumes"].keys()
    assert "build" not in service or (DEPLOY.parent / service["build"]["dockerfile"]).exists()


@every_service
def test_whom_a_service_waits_for_can_be_waited_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_completed_successfully":
            assert SERVICES[other]["restart"] == "no"
        else:
            assert how["condition"] == "service_healthy"
            assert not SERVICES[other].get("healthcheck", {}).get("disable")


def test_nothing_of_ours_starts_before_the_schema_is_there() -> None:
    for name in ("actions", "web", "jobs", "console"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_only_web_and_console_are_published_and_only_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert published == {"web": ["127.0.0.1:8080:8080"], "console": ["127.0.0.1:8081:8081"]}


def test_only_jobs_may_write_digests_and_nobody_else_has_anothers_folder() -> None:
    volumes = {name: service.get("volumes", []) for name, service in SERVICES.items()}
    writers = [name for name, some in volumes.items() if "digests:/var/lib/madoguchi/digests" in some]
    holders = {
        volume: [name for name, some in volumes.items() if any(one.split(":")[0] == volume for one in some)]
        for volume in compose()["volumes"]
    }

    assert writers == ["jobs"]
    assert holders["keys"] == ["actions", "web", "jobs", "console"]
    assert holders["digests"] == ["jobs", "console"]
    assert holders["deletions"] == ["web", "jobs", "console"]
    assert {volume: some for volume, some in holders.items() if len(some) == 1} == {
        "database": ["postgres"],
        "regression": ["console"],
        **{name: [name] for name in ("actions", "web", "jobs", "console")},
    }


def test_every_image_is_an_exact_release() -> None:
    images = {service["image"] for service in SERVICES.values()}
    release = re.compile(r"(?P<name>[a-z-]+):\d+(\.\d+)+(-bookworm)?(@sha256:[0-9a-f]{64})?")
    found = {match["name"] for image in images if (match := release.fullmatch(image))}

    assert found == {"madoguchi-app", "madoguchi-rasa", "postgres"}
    assert len(images) == len(found)


def test_with_pgvector_over_it_the_database_alone_is_another_image_and_all_of_ours_search_there() -> None:
    with_vectors = compose("pgvector")["services"]
    changed = {name for name, service in with_vectors.items() if service["image"] != SERVICES[name]["image"]}
    variables = {name: service.get("environment", {}) for name, service in with_vectors.items()}

    assert changed == {"postgres"}
    assert with_vectors["postgres"]["image"] == "madoguchi-postgres:0.1.0"
    assert (DEPLOY.parent / with_vectors["postgres"]["build"]["dockerfile"]).exists()
    assert {name for name, some in variables.items() if "MADOGUCHI_VECTOR_ENGINE" in some} == OURS


@pytest.mark.parametrize("over", ["pgvector", "traces"])
def test_what_is_put_over_it_changes_nothing_else(over: str) -> None:
    may = {"environment", "networks", "image", "build"}
    for name, service in compose(over)["services"].items():
        assert {**service, **dict.fromkeys(may)} == {**SERVICES[name], **dict.fromkeys(may)}
    for name, process in of_compose(over).items():
        before = of_compose()[name].variables
        assert before.items() <= process.variables.items()
        Settings(
            _env_file=None,
            database_url="postgresql+psycopg://madoguchi_app@postgres/madoguchi",
            **{key.removeprefix(PREFIX).lower(): value for key, value in process.settings.items()},  # type: ignore[arg-type]
        )
