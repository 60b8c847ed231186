"""The evaluator answers as Kubernetes' own documentation says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.network_policies import Cluster, Outside, Pod, Port

HTTP = Port(80)
A = Pod("a", "home", {"app": "a"})
B = Pod("b", "home", {"app": "b"})
AWAY = Pod("c", "away", {"app": "b"})


def policy(app: str | None, **spec: list[dict[str, Any]] | None) -> dict[str, Any]:
    selector = {} if app is None else {"matchLabels": {"app": app}}
    types = [name.capitalize() for name in ("ingress", "egress") if name in spec]
    return {"metadata": {"namespace": "home"}, "spec": {"podSelector": selector, "policyTypes": types, **spec}}


def to(*peers: dict[str, Any], port: int = 80) -> dict[str, Any]:
    return {"to": list(peers), "ports": [{"protocol": "TCP", "port": port}]}


NAMED_B = {"podSelector": {"matchLabels": {"app": "b"}}}


def test_without_a_policy_everything_is_open() -> None:
    assert Cluster([]).may(A, B, HTTP)
    assert Cluster([]).may(A, Outside("8.8.8.8"), HTTP)


def test_a_pod_that_is_selected_is_closed_in_that_direction_alone() -> None:
    cluster = Cluster([policy("a", egress=[])])

    assert not cluster.may(A, B, HTTP)
    assert cluster.may(B, A, HTTP)


def test_no_rules_at_all_are_no_rules() -> None:
    assert not Cluster([policy(None, ingress=None)]).may(A, B, HTTP)


def test_a_rule_opens_its_peer_and_port_and_no_other() -> None:
    cluster = Cluster([policy("a", egress=[to(NAMED_B)])])

    assert cluster.may(A, B, HTTP)
    assert not cluster.may(A, B, Port(81))
    assert not cluster.may(A, B, Port(80, "UDP"))
    assert not cluster.may(A, AWAY, HTTP)
    assert not cluster.may(A, Outside("8.8.8.8"), HTTP)


def test_both_ends_have_to_be_open() -> None:
    opened = policy("a", egress=[to(NAMED_B)])

    assert not Cluster([opened, policy("b", ingress=[])]).may(A, B, HTTP)


def test_policies_add_up() -> None:
    assert Cluster([policy(None, egress=[]), policy("a", egress=[to(NAMED_B)])]).may(A, B, HTTP)


def test_a_rule_without_peers_or_ports_opens_all_of_them() -> None:
    cluster = Cluster([policy("a", egress=[{}])])

    assert cluster.may(A, Outside("8.8.8.8"), Port(25))
    assert cluster.may(A, AWAY, HTTP)


def test_two_selectors_of_one_peer_have_to_fit_both() -> None:
    namespace = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "away"}}}

    assert Cluster([policy("a", egress=[to(namespace | NAMED_B)])]).may(A, AWAY, HTTP)
    assert not Cluster([policy("a", egress=[to(namespace | NAMED_B)])]).may(A, B, HTTP)


def test_a_block_of_addresses_leaves_out_what_it_says() -> None:
    cluster = Cluster([policy("a", egress=[to({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}})])])

    assert cluster.may(A, Outside("8.8.8.8"), HTTP)
    assert not cluster.may(A, Outside("10.1.2.3"), HTTP)
    assert not cluster.may(A, B, HTTP)


@pytest.mark.parametrize(
    "rule",
    [
        {"to": [{"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}]},
        {"to": [NAMED_B], "ports": [{"port": 80, "endPort": 90}]},
        {"to": [NAMED_B], "ports": [{"port": "http"}]},
    ],
)
def test_what_is_not_understood_is_an_error(rule: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Cluster([policy("a", egress=[rule])]).may(A, B, HTTP)
