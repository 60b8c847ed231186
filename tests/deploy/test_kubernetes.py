"""The manifests: by Kubernetes' own schemas, and by what every pod of them has to be."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.secret_split import SPLIT
from bot.settings import PREFIX
from tests.support.deployments import COMPONENTS, DEPLOY, compose, manifests, of_kind, pod_templates, unit_values, units

FOLDER = DEPLOY / "kubernetes"
# The oldest and the newest release whose schemas the package brings and that somebody may still run.
RELEASES = ("1.29", "1.37")
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
LISTENING = ("rasa", "actions", "web", "console")

needs_kubectl = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is not installed, which brings kustomize"
)
every_pod = pytest.mark.parametrize("name", pod_templates())


def examples() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / "secrets.example.yml").read_text("utf-8")))


def containers(name: str) -> list[dict[str, Any]]:
    spec = pod_templates()[name]["spec"]
    return [*spec.get("initContainers", ()), *spec["containers"]]


@pytest.mark.parametrize("release", RELEASES)
def test_kubernetes_own_schemas_take_every_object(release: str) -> None:
    for one in (*manifests(), *examples()):
        kubernetes_validate.validate(one, release, strict=True)


def test_a_schema_refuses_a_key_that_nobody_knows() -> None:
    wrong = {**of_kind("Service")["web"], "spce": {}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, RELEASES[-1], strict=True)


def test_kustomize_knows_every_manifest() -> None:
    listed = [*kustomization("kubernetes")["resources"], *kustomization("kubernetes/migrate")["resources"]]
    files = {path for path in FOLDER.rglob("*.yml") if COMPONENTS not in path.parents}
    there = {path.name for path in files} - {"kustomization.yml", "secrets.example.yml"}

    assert set(listed) == there | {"../postgres"}


def kustomization(folder: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / folder / "kustomization.yml").read_text("utf-8"))
    return read


@needs_kubectl
@pytest.mark.parametrize("folder", ["kubernetes", "kubernetes/migrate"])
def test_kustomize_builds_it(folder: str) -> None:
    told = subprocess.run(["kubectl", "kustomize", DEPLOY / folder], capture_output=True, text=True, check=False)
    built = list(yaml.safe_load_all(told.stdout))
    images = {one["image"] for each in built for one in _containers_of(each)}

    assert told.stderr == ""
    assert {one["metadata"].get("namespace", "madoguchi") for one in built} == {"madoguchi"}
    assert images <= {
        "registry.example.jp/madoguchi-app:0.1.0",
        "registry.example.jp/madoguchi-rasa:0.1.0",
        compose()["services"]["postgres"]["image"],
    }
    for one in built:
        kubernetes_validate.validate(one, RELEASES[-1], strict=True)


def test_nothing_that_is_off_by_default_is_named() -> None:
    assert "components" not in kustomization("kubernetes")
    assert "components" not in kustomization("kubernetes/migrate")


@needs_kubectl
@pytest.mark.parametrize("chosen", [("pgvector",), ("traces",), ("pgvector", "traces")])
def test_kustomize_builds_it_with_what_is_off_by_default(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    plain = {identity(one): one for one in build(tmp_path / "plain")}
    built = {identity(one): one for one in build(tmp_path / "more", *chosen)}
    changed = {each for each, one in built.items() if plain.get(each) != one}
    settings = built["ConfigMap", "settings"]["data"]

    wanted = {("ConfigMap", "settings")}
    wanted |= {("StatefulSet", "postgres")} if "pgvector" in chosen else set()
    wanted |= {("NetworkPolicy", "traces")} if "traces" in chosen else set()
    assert changed == wanted
    assert plain.keys() <= built.keys()
    assert settings.items() >= plain["ConfigMap", "settings"]["data"].items()
    assert settings.get("MADOGUCHI_VECTOR_ENGINE") == ("pgvector" if "pgvector" in chosen else None)
    assert settings.get("MADOGUCHI_TRACES_URL") == (collector() if "traces" in chosen else None)
    for each in changed:
        assert built[each]["metadata"]["namespace"] == "madoguchi"
        kubernetes_validate.validate(built[each], RELEASES[-1], strict=True)
    if "pgvector" in chosen:
        [container] = built["StatefulSet", "postgres"]["spec"]["template"]["spec"]["containers"]
        assert container["image"] == "registry.example.jp/madoguchi-postgres:0.1.0"


def build(folder: Path, *components: str) -> list[dict[str, Any]]:
    """What a kustomization of one's own, beside ours, comes to."""
    folder.mkdir()
    written = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(FOLDER, folder)],
        "components": [os.path.relpath(COMPONENTS / name, folder) for name in components],
    }
    (folder / "kustomization.yml").write_text(yaml.safe_dump(written), "utf-8")
    told = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    return list(yaml.safe_load_all(told.stdout))


def identity(one: dict[str, Any]) -> tuple[str, str]:
    return one["kind"], one["metadata"]["name"]


def collector() -> str:
    """The address that the component names, on the very port that its policy opens."""
    [rule] = yaml.safe_load((COMPONENTS / "traces" / "policy.yml").read_text("utf-8"))["spec"]["egress"]
    namespace = rule["to"][0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    return f"http://collector.{namespace}:{rule['ports'][0]['port']}/v1/traces"


def _containers_of(one: dict[str, Any]) -> list[dict[str, Any]]:
    spec = one.get("spec", {}).get("template", {}).get("spec", {})
    return [*spec.get("initContainers", ()), *spec.get("containers", ())]


@every_pod
def test_a_pod_keeps_to_the_restricted_profile(name: str) -> None:
    spec = pod_templates()[name]["spec"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not spec.keys() & {"hostNetwork", "hostPID", "hostIPC"}
    assert all(not volume.keys() & {"hostPath"} for volume in spec["volumes"])
    assert all(one["securityContext"] == RESTRICTED for one in containers(name))


@every_pod
def test_a_pod_has_nothing_to_do_with_the_cluster(name: str) -> None:
    spec = pod_templates()[name]["spec"]

    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    assert spec["serviceAccountName"] in of_kind("ServiceAccount")


@every_pod
def test_a_pod_says_what_it_needs_and_takes_no_more(name: str) -> None:
    for one in containers(name):
        assert set(one["resources"]["requests"]) == set(one["resources"]["limits"]) == {"cpu", "memory"}


@every_pod
def test_what_a_pod_mounts_is_there(name: str) -> None:
    whole = of_kind("Deployment", "StatefulSet", "Job")[name]["spec"]
    claimed = {one["metadata"]["name"] for one in whole.get("volumeClaimTemplates", ())}
    volumes = {one["name"]: one for one in pod_templates()[name]["spec"]["volumes"]}
    claims = {one["persistentVolumeClaim"]["claimName"] for one in volumes.values() if "persistentVolumeClaim" in one}

    assert {mount["name"] for one in containers(name) for mount in one["volumeMounts"]} == claimed | volumes.keys()
    assert claims <= of_kind("PersistentVolumeClaim").keys()


@pytest.mark.parametrize("name", LISTENING)
def test_who_listens_is_probed_where_it_listens(name: str) -> None:
    container = containers(name)[-1]
    port = str(container["ports"][0]["containerPort"])

    for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = container[kind]
        assert port in str(probe.get("exec")) or probe["httpGet"]["port"] == container["ports"][0]["name"]


def test_what_is_away_takes_no_web_out_of_service() -> None:
    # Webhooks and messages are taken and kept while Rasa is away: /readyz decides only whether a new pod may begin.
    web = containers("web")[0]

    assert web["startupProbe"]["httpGet"]["path"] == "/readyz"
    assert web["readinessProbe"]["httpGet"]["path"] == web["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_labels_lead_from_services_and_budgets_to_pods() -> None:
    for name, service in of_kind("Service").items():
        assert service["spec"]["selector"].items() <= pod_templates()[name]["metadata"]["labels"].items()
    for name, budget in of_kind("PodDisruptionBudget").items():
        wanted = budget["spec"]["selector"]["matchLabels"]
        assert wanted.items() <= pod_templates()[name]["metadata"]["labels"].items()
    for name, one in of_kind("Deployment", "StatefulSet").items():
        assert one["spec"]["selector"]["matchLabels"] == one["spec"]["template"]["metadata"]["labels"] == {"app": name}


def test_a_budget_leaves_room_to_take_one_away() -> None:
    for name, budget in of_kind("PodDisruptionBudget").items():
        pods = of_kind("Deployment", "StatefulSet")[name]["spec"]["replicas"]
        spec = budget["spec"]
        assert spec.get("maxUnavailable") == 1 or spec["minAvailable"] < pods, name


def test_every_pod_of_rasa_has_an_address_that_the_gateway_knows() -> None:
    pods = of_kind("StatefulSet")["rasa"]["spec"]["replicas"]
    names = {f"http://rasa-{number}.rasa:5005" for number in range(pods)}

    assert of_kind("Service")["rasa"]["spec"]["clusterIP"] == "None"
    for name in ("web", "jobs", "console"):
        variables = {one["name"]: one.get("value", "") for one in containers(name)[-1]["env"]}
        assert set(variables["MADOGUCHI_RASA_URL"].split()) == names


def test_the_example_names_every_secret_and_gives_none() -> None:
    application, database = examples()
    used = {
        (one["valueFrom"]["secretKeyRef"]["name"], one["valueFrom"]["secretKeyRef"]["key"])
        for name in pod_templates()
        for container in containers(name)
        for one in container.get("env", ())
        if "valueFrom" in one
    }
    passwords = pod_templates()["postgres"]["spec"]["volumes"][-1]["secret"]
    mounted = {("database", one["key"]) for one in passwords["items"]}

    assert {("madoguchi", key) for key in application["stringData"]} | {
        ("database", key) for key in database["stringData"]
    } == used | mounted
    assert set(application["stringData"]) == {PREFIX + field.upper() for field in SPLIT}
    assert set("".join((*application["stringData"].values(), *database["stringData"].values()))) == set()


def test_only_what_must_be_there_is_demanded() -> None:
    # What may be empty switches something off; a pod must not wait for it.
    optional = {
        one["name"]
        for name in LISTENING
        for one in containers(name)[-1]["env"]
        if one.get("valueFrom", {}).get("secretKeyRef", {}).get("optional")
    }
    demanded = {PREFIX + field.upper() for field in SPLIT} - optional

    assert demanded == {
        "MADOGUCHI_DATABASE_URL",
        "MADOGUCHI_TRACKER_URL",
        "MADOGUCHI_ENCRYPTION_KEY",
        "MADOGUCHI_HASH_KEY",
        "MADOGUCHI_DIGEST_KEY",
        "MADOGUCHI_INTERNAL_TOKEN",
    }


def test_memory_is_the_same_on_one_machine_and_in_the_cluster() -> None:
    for name in ("rasa", "actions", "web", "jobs", "console"):
        limits = {
            containers(name)[-1]["resources"]["limits"]["memory"].removesuffix("i").upper(),
            compose()["services"][name]["deploy"]["resources"]["limits"]["memory"].upper(),
            unit_values(units()[name])["MemoryMax"][0],
        }
        assert len(limits) == 1, (name, limits)
