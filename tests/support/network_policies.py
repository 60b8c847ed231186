"""Answers what NetworkPolicies leave open: may this pod open that port of that pod, or of an address outside?

By the rules of Kubernetes (networking.k8s.io/v1): a pod that no policy selects for a direction is open in it; a pod
that some do is open to what any of them lists, and to nothing else. A connection needs both its ends to be open. What
is not understood is an error, so that no rule is passed over in silence.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Direction = Literal["Ingress", "Egress"]
_PEERS: Mapping[Direction, str] = {"Ingress": "from", "Egress": "to"}


@dataclass(frozen=True)
class Pod:
    """Who speaks or is spoken to, as far as policies see it."""

    name: str
    namespace: str
    labels: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True)
class Outside:
    """An address that is no pod's."""

    address: str


@dataclass(frozen=True)
class Port:
    """A port that is knocked at."""

    number: int
    protocol: str = "TCP"


class Cluster:
    """The policies of a cluster.

    Args:
        policies: objects of kind NetworkPolicy, each with its namespace.
    """

    def __init__(self, policies: Iterable[Mapping[str, Any]]) -> None:
        self._policies = list(policies)

    def may(self, source: Pod | Outside, target: Pod | Outside, port: Port) -> bool:
        """Whether the source can open this port of the target."""
        return self._open(source, "Egress", target, port) and self._open(target, "Ingress", source, port)

    def _open(self, end: Pod | Outside, direction: Direction, other: Pod | Outside, port: Port) -> bool:
        if isinstance(end, Outside):
            return True
        policies = [policy for policy in self._policies if _concerns(policy, end, direction)]
        rules = [rule for policy in policies for rule in policy["spec"].get(direction.lower()) or []]
        return not policies or any(_allows(rule, _PEERS[direction], end.namespace, other, port) for rule in rules)


def _concerns(policy: Mapping[str, Any], pod: Pod, direction: Direction) -> bool:
    spec = policy["spec"]
    _require(spec, {"podSelector", "policyTypes", "ingress", "egress"})
    is_selected = policy["metadata"]["namespace"] == pod.namespace and _selects(spec["podSelector"], pod.labels)
    return is_selected and direction in spec["policyTypes"]


def _allows(rule: Mapping[str, Any], peers: str, namespace: str, other: Pod | Outside, port: Port) -> bool:
    _require(rule, {peers, "ports"})
    fits_port = not rule.get("ports") or any(_is_port(one, port) for one in rule["ports"])
    return fits_port and (not rule.get(peers) or any(_is_peer(one, namespace, other) for one in rule[peers]))


def _is_port(given: Mapping[str, Any], port: Port) -> bool:
    _require(given, {"protocol", "port"})
    if not isinstance(given["port"], int):
        raise TypeError(f"a port by its name or none at all: {given}")
    return (given.get("protocol", "TCP"), given["port"]) == (port.protocol, port.number)


def _is_peer(peer: Mapping[str, Any], namespace: str, other: Pod | Outside) -> bool:
    _require(peer, {"podSelector", "namespaceSelector", "ipBlock"})
    if "ipBlock" in peer:
        return isinstance(other, Outside) and _is_within(peer["ipBlock"], other.address)
    if isinstance(other, Outside):
        return False
    if "namespaceSelector" in peer:
        names = {"kubernetes.io/metadata.name": other.namespace}
        is_there = _selects(peer["namespaceSelector"], names)
    else:
        is_there = other.namespace == namespace
    return is_there and _selects(peer.get("podSelector", {}), other.labels)


def _is_within(block: Mapping[str, Any], address: str) -> bool:
    _require(block, {"cidr", "except"})
    one = ipaddress.ip_address(address)
    is_left_out = any(one in ipaddress.ip_network(network) for network in block.get("except", ()))
    return one in ipaddress.ip_network(block["cidr"]) and not is_left_out


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    _require(selector, {"matchLabels", "matchExpressions"})
    wanted: Mapping[str, str] = selector.get("matchLabels", {})
    expressions: Sequence[Mapping[str, Any]] = selector.get("matchExpressions", ())
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _is_in(expression, labels) for expression in expressions
    )


def _is_in(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    if expression["operator"] != "In":
        raise TypeError(f"another operator than In: {expression}")
    return labels.get(expression["key"]) in expression["values"]


def _require(given: Mapping[str, Any], known: set[str]) -> None:
    if given.keys() - known:
        raise TypeError(f"not understood: {sorted(given.keys() - known)}")
