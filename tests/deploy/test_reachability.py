"""Every way that the network policies leave open, computed from the manifests; Rasa has none that leads out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
import yaml

from tests.support.deployments import COMPONENTS, compose, of_kind, pod_templates
from tests.support.network_policies import Cluster, Outside, Pod, Port

HOME = "madoguchi"
# kustomize puts the namespace into every object.
POLICIES = [
    {**policy, "metadata": {**policy["metadata"], "namespace": HOME}} for policy in of_kind("NetworkPolicy").values()
]
# What a component adds that is off by default.
TRACES = yaml.safe_load((COMPONENTS / "traces" / "policy.yml").read_text("utf-8"))
PODS = {name: Pod(name, HOME, template["metadata"]["labels"]) for name, template in pod_templates().items()}
DNS = Pod("dns", "kube-system", {"k8s-app": "kube-dns"})
OTHER_DNS = Pod("other dns", "kube-system", {})
INGRESS = Pod("ingress", "ingress-nginx", {})
COLLECTOR = Pod("collector", "observability", {"app.kubernetes.io/name": "opentelemetry-collector"})
BESIDE_IT = Pod("beside the collector", "observability", {})
POSING = Pod("posing as a collector", "elsewhere", COLLECTOR.labels)
STRANGER = Pod("stranger", "elsewhere", {"app": "web"})
INTERNET = Outside("203.0.113.7")
OFFICE = Outside("10.1.2.3")
METADATA = Outside("169.254.169.254")
FAR = Outside("2001:db8::1")
OUTSIDE = (INTERNET, OFFICE, METADATA, FAR)

WEB, CONSOLE, ACTIONS, RASA, DATABASE, HTTPS = (Port(number) for number in (8080, 8081, 5055, 5005, 5432, 443))
NAMES = (Port(53, "UDP"), Port(53))
OTLP = Port(4318)
PORTS = (
    *NAMES,
    WEB,
    CONSOLE,
    ACTIONS,
    RASA,
    DATABASE,
    HTTPS,
    OTLP,
    Port(4317),
    Port(25),
    Port(80),
    Port(465),
    Port(587),
    Port(22),
)

APPLICATION = ("actions", "web", "jobs", "console", "migrate")
OPEN = {
    *((name, "dns", port) for name in (*APPLICATION, "rasa") for port in NAMES),
    *((name, "postgres", DATABASE) for name in (*APPLICATION, "rasa")),
    *((name, "rasa", RASA) for name in ("web", "jobs", "console")),
    *((name, "actions", ACTIONS) for name in ("web", "rasa")),
    *((name, INTERNET.address, HTTPS) for name in ("web", "jobs", "console")),
    *(("jobs", INTERNET.address, Port(number)) for number in (465, 587)),
    ("ingress", "web", WEB),
    ("ingress", "console", CONSOLE),
}


every_compose = pytest.mark.parametrize("over", [(), ("traces",), ("pgvector", "traces")])
OTHERS = (DNS, OTHER_DNS, INGRESS, COLLECTOR, BESIDE_IT, POSING, STRANGER, *OUTSIDE)


def ways(
    sources: tuple[Pod | Outside, ...], targets: tuple[Pod | Outside, ...], *more: Mapping[str, Any]
) -> set[tuple[str, str, Port]]:
    cluster = Cluster([*POLICIES, *more])
    pairs = [(a, b) for a in sources for b in targets if a != b]
    return {(_name(a), _name(b), port) for a, b in pairs for port in PORTS if cluster.may(a, b, port)}


def _name(end: Pod | Outside) -> str:
    return end.name if isinstance(end, Pod) else end.address


def test_exactly_these_ways_are_open() -> None:
    ours = tuple(PODS.values())

    assert ways(ours, (*ours, *OTHERS)) | ways(OTHERS, ours) == OPEN


def test_with_traces_one_way_more_is_open_to_each_who_sends_them_and_no_other() -> None:
    ours = tuple(PODS.values())
    opened = ways(ours, (*ours, *OTHERS), TRACES) | ways(OTHERS, ours, TRACES)

    assert opened - OPEN == {(name, "collector", OTLP) for name in ("actions", "web", "jobs", "console")}
    assert opened >= OPEN


@pytest.mark.parametrize("more", [(), (TRACES,)], ids=["as it is", "with traces"])
def test_rasa_has_no_way_out(more: tuple[Mapping[str, Any], ...]) -> None:
    others = [pod for pod in PODS.values() if pod != PODS["rasa"]]
    targets: list[Pod | Outside] = [*others, *OTHERS]
    numbers = {port.number for port in PORTS} | set(range(1, 65536, 997))
    ports = [Port(number, protocol) for number in numbers for protocol in ("TCP", "UDP", "SCTP")]
    cluster = Cluster([*POLICIES, *more])
    reached = {_name(target) for target in targets for port in ports if cluster.may(PODS["rasa"], target, port)}

    assert reached == {"actions", "postgres", "dns"}


def test_the_actions_reach_the_database_and_nothing_else() -> None:
    assert {target for _, target, _ in ways((PODS["actions"],), (*PODS.values(), DNS, *OUTSIDE))} == {"postgres", "dns"}


def test_a_pod_that_nobody_thought_of_reaches_nothing() -> None:
    forgotten = Pod("forgotten", HOME, {"app": "forgotten"})

    assert ways((forgotten,), (*PODS.values(), DNS, INGRESS, *OUTSIDE)) == set()
    assert ways((*PODS.values(), INGRESS, INTERNET), (forgotten,)) == set()


def test_without_its_own_policy_rasa_would_reach_nothing_rather_than_everything() -> None:
    without = Cluster([policy for policy in POLICIES if policy["metadata"]["name"] not in {"rasa", "names"}])

    assert not any(without.may(PODS["rasa"], target, port) for target in (PODS["actions"], *OUTSIDE) for port in PORTS)


def test_under_compose_the_same_who_speak_share_a_network() -> None:
    # Docker's networks know no ports: whoever shares one may speak, so that this is the coarser half.
    networks = networks_of()
    needed = {(source, target) for source, target, _ in OPEN if {source, target} <= networks.keys()}
    sharing = {(a, b) for a, b in product(networks, networks) if a != b and networks[a] & networks[b]}

    assert needed <= sharing


@every_compose
def test_under_compose_rasa_and_actions_are_on_networks_without_a_way_out(over: tuple[str, ...]) -> None:
    is_internal = {name: bool(network.get("internal")) for name, network in compose(*over)["networks"].items()}

    for name, networks in networks_of(*over).items():
        has_way_out = not all(is_internal[network] for network in networks)
        assert has_way_out == (name in {"web", "jobs", "console"}), name


@every_compose
def test_under_compose_rasa_does_not_share_the_registers_network(over: tuple[str, ...]) -> None:
    networks = networks_of(*over)

    assert networks["rasa"] & networks["postgres"] == {"tracker"}
    assert [name for name, some in networks.items() if "tracker" in some] == ["postgres", "rasa"]


def test_under_compose_who_sends_traces_shares_a_network_with_their_collector_and_rasa_does_not() -> None:
    networks = networks_of("traces")

    assert {name for name, some in networks.items() if "traces" in some} == {"actions", "web", "jobs", "console"}
    assert {name: some - {"traces"} for name, some in networks.items()} == networks_of()


def networks_of(*over: str) -> dict[str, set[str]]:
    return {name: set(service["networks"]) for name, service in compose(*over)["services"].items()}
