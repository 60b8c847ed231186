"""The Compose file: by its specification's schema, and by what every service of it has to be."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from tests.support.deployments import DEPLOY, compose

SERVICES: dict[str, dict[str, Any]] = compose()["services"]

every_service = pytest.mark.parametrize("name", SERVICES)


def test_the_specifications_schema_takes_it() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    told = subprocess.run([*command, DEPLOY / "compose.yml"], capture_output=True, text=True, check=False)

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
    assert all((DEPLOY / volume).exists() if volume[0] == "." else volume in compose()["volumes"] for volume in volumes)
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
