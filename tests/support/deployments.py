"""Reads what deploy/ says of each process, by Compose, by Kubernetes and by systemd, into one shape to compare."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.settings import PREFIX

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PROCESSES = ("rasa", "actions", "web", "jobs", "console")
COMPANIES = "/run/madoguchi/controllers"
IMAGES = {"rasa": "rasa", "actions": "app", "web": "app", "jobs": "app", "console": "app", "migrate": "app"}


@dataclass(frozen=True)
class Deployed:
    """A process as one deployment starts it.

    Attributes:
        command: what is run, without the entry point that reads secrets.
        variables: plain variables of its environment.
        secrets: variables that come from a secret.
        companies: what lies, read-only, where the files of further companies are looked for.
    """

    command: tuple[str, ...]
    variables: Mapping[str, str]
    secrets: frozenset[str]
    companies: tuple[str, ...]

    @property
    def settings(self) -> dict[str, str]:
        """The plain variables that are settings of ours."""
        return {name: value for name, value in self.variables.items() if name.startswith(PREFIX)}


def everywhere() -> dict[str, Mapping[str, Deployed]]:
    """Every process of every deployment, by the deployment's name."""
    return {"compose": of_compose(), "kubernetes": of_kubernetes(), "systemd": of_systemd()}


# Images.


@cache
def instructions(image: str) -> list[tuple[str, str]]:
    """The instructions of an image's Dockerfile with what follows them, continued lines joined."""
    text = (DEPLOY / "images" / f"{image}.Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    parts = [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in parts]


def final_stage(image: str) -> list[tuple[str, str]]:
    """The instructions of the stage that becomes the image."""
    whole = instructions(image)
    last = max(place for place, (name, _) in enumerate(whole) if name == "FROM")
    return whole[last:]


def image_variables(image: str) -> dict[str, str]:
    """The environment that an image gives every process."""
    pairs = [pair for name, rest in final_stage(image) if name == "ENV" for pair in shlex.split(rest)]
    return dict(pair.split("=", 1) for pair in pairs)


def copies(image: str) -> Iterator[tuple[list[str], str]]:
    """What is copied from the tree: sources and where they go."""
    for name, rest in instructions(image):
        words = [word for word in rest.split() if not word.startswith(("--chmod", "--chown"))]
        if name == "COPY" and not words[0].startswith("--from"):
            yield words[:-1], words[-1]


# Compose.


@cache
def compose(*over: str) -> dict[str, Any]:
    """The file as it is, anchors resolved; with others of this folder over it as Compose puts them there.

    Of what Compose knows how to merge this does what our files use: lists of networks and mappings of variables grow,
    everything else is replaced.
    """
    whole = _mapping((DEPLOY / "compose.yml").read_text("utf-8"))
    for name in over:
        added = _mapping((DEPLOY / f"compose.{name}.yml").read_text("utf-8"))
        assert added.keys() <= {"services", "networks"}
        whole["networks"] |= added.get("networks", {})
        for service, changes in added["services"].items():
            whole["services"][service] = _merged(whole["services"][service], changes)
    return whole


def _merged(service: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    assert changes.keys() <= {"environment", "networks", "image", "build"}
    grown: dict[str, Any] = {
        "environment": {**service.get("environment", {}), **changes.get("environment", {})},
        "networks": [*service["networks"], *changes.get("networks", ())],
    }
    return {**service, **changes, **grown}


def of_compose(*over: str) -> dict[str, Deployed]:
    """The processes of the Compose file, and of those that are put over it."""
    return {name: _compose_process(name, compose(*over)["services"][name]) for name in PROCESSES}


def _compose_process(name: str, service: Mapping[str, Any]) -> Deployed:
    command = service.get("command") or yaml.safe_load(dict(final_stage(IMAGES[name]))["CMD"])
    return Deployed(
        tuple(command),
        image_variables(IMAGES[name]) | {key: str(value) for key, value in service["environment"].items()},
        frozenset(secret if isinstance(secret, str) else secret["target"] for secret in service["secrets"]),
        tuple(
            volume.removesuffix(f":{COMPANIES}:ro")
            for volume in service.get("volumes", ())
            if volume.endswith(f":{COMPANIES}:ro")
        ),
    )


# Kubernetes.

COMPONENTS = DEPLOY / "kubernetes" / "components"


@cache
def manifests() -> tuple[dict[str, Any], ...]:
    """Every object of every manifest but the example of secrets, kustomize's own files and what is off by default."""
    files = [*(DEPLOY / "kubernetes").rglob("*.yml"), *(DEPLOY / "postgres").glob("*.yml")]
    own = [file for file in sorted(files) if COMPONENTS not in file.parents]
    chosen = [file for file in own if file.name not in {"kustomization.yml", "secrets.example.yml"}]
    return tuple(one for file in chosen for one in yaml.safe_load_all(file.read_text("utf-8")))


def of_kind(*kinds: str) -> dict[str, dict[str, Any]]:
    """Objects of these kinds, by their names."""
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] in kinds}


def pod_templates() -> dict[str, dict[str, Any]]:
    """The pods that there will be, by the name of what makes them."""
    return {name: one["spec"]["template"] for name, one in of_kind("Deployment", "StatefulSet", "Job").items()}


def of_kubernetes() -> dict[str, Deployed]:
    """The processes of the manifests."""
    return {name: _kubernetes_process(name, pod_templates()[name]["spec"]) for name in PROCESSES}


def _kubernetes_process(name: str, pod: Mapping[str, Any]) -> Deployed:
    container = pod["containers"][0]
    command = container.get("args") or yaml.safe_load(dict(final_stage(IMAGES[name]))["CMD"])
    plain = {one["name"]: one["value"] for one in container["env"] if "value" in one}
    return Deployed(
        tuple(command),
        image_variables(IMAGES[name]) | plain,
        frozenset(one["name"] for one in container["env"] if "valueFrom" in one),
        tuple(_optional_secret(pod, mount["name"]) for mount in container["volumeMounts"] if _is_companies(mount)),
    )


def _is_companies(mount: Mapping[str, Any]) -> bool:
    return mount["mountPath"] == COMPANIES and mount["readOnly"] is True


def _optional_secret(pod: Mapping[str, Any], volume: str) -> str:
    [secret] = [one["secret"] for one in pod["volumes"] if one["name"] == volume]
    # Who serves one company has none, and the pod has to start all the same.
    assert secret["optional"] is True
    return str(secret["secretName"])


# systemd.


def units() -> dict[str, Path]:
    """The units of services, by the process's name."""
    return {path.stem.removeprefix("madoguchi-"): path for path in sorted((DEPLOY / "systemd").glob("*.service"))}


def unit_values(path: Path) -> dict[str, list[str]]:
    """Every key of a unit with its values in order; systemd lets a key stand more than once, configparser does not."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


HARDENING = DEPLOY / "systemd" / "madoguchi-.service.d" / "hardening.conf"
WITH_SECRETS = "@ROOT@/deploy/images/with-secrets.sh"


def of_systemd() -> dict[str, Deployed]:
    """The processes of the units, with what the drop-in gives all of them."""
    return {name: _systemd_process(unit_values(units()[name])) for name in PROCESSES}


def _systemd_process(unit: Mapping[str, Sequence[str]]) -> Deployed:
    first, *command = shlex.split(unit["ExecStart"][0])
    assert first == WITH_SECRETS
    words = [word for line in (*unit_values(HARDENING)["Environment"], *unit["Environment"]) for word in line.split()]
    return Deployed(
        (Path(command[0]).name, *command[1:]),
        dict(word.split("=", 1) for word in words),
        frozenset(line.partition(":")[0] for line in unit["LoadCredential"]),
        # A minus before it: who serves one company may have no such folder, and the unit has to start all the same.
        tuple(
            line.removeprefix("-").removesuffix(f":{COMPANIES}")
            for line in unit.get("BindReadOnlyPaths", ())
            if line.startswith("-") and line.endswith(f":{COMPANIES}")
        ),
    )


def _mapping(text: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(text)
    return read
