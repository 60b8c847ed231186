"""Who is counted together, and who is believed about it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.channels.rates.addresses import Addresses, network_of, visitor
from bot.notation import read_networks
from bot.storage.encryption import Vault

PROXIES = read_networks("127.0.0.0/8 ::1/128 10.0.0.0/8")
VAULT = Vault(b"e" * 32, b"h" * 32)
HERE = ip_address("127.0.0.1")


def key(*lines: str, peer: str = "127.0.0.1", exempts_loopback: bool = True) -> str | None:
    headers = CIMultiDict([("X-Forwarded-For", line) for line in lines])
    request = make_mocked_request("POST", "/api/messages", headers=headers).clone(remote=peer)
    return Addresses(PROXIES, exempts_loopback, VAULT).key_of(request)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("203.0.113.7", "203.0.113.200", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_networks_are_counted_together(one: str, other: str, *, together: bool) -> None:
    assert (network_of(ip_address(one)) == network_of(ip_address(other))) is together
    assert (key(one) == key(other)) is together


@given(st.ip_addresses())
def test_every_address_is_in_its_network(address: IPv4Address | IPv6Address) -> None:
    assert address in network_of(address)
    assert network_of(address).prefixlen == {4: 24, 6: 64}[address.version]


@pytest.mark.parametrize(
    "written", ["203.0.113.7", "203.0.113.7:4711", " 203.0.113.7 ", "::ffff:203.0.113.7", "[::ffff:203.0.113.7]:443"]
)
def test_one_address_in_many_spellings(written: str) -> None:
    assert key(written) == key("203.0.113.9")


@pytest.mark.parametrize(
    "lines",
    [
        ("198.51.100.1, 203.0.113.7",),
        ("198.51.100.1, 192.0.2.1, 203.0.113.7, 10.0.0.3",),
        ("198.51.100.1", "203.0.113.7"),
        ("127.0.0.1, 203.0.113.7",),
        ("unknown, 203.0.113.7",),
    ],
)
def test_what_a_visitor_writes_into_the_header_counts_for_nothing(lines: tuple[str, ...]) -> None:
    assert key(*lines) == key("203.0.113.7")


@pytest.mark.parametrize("forged", ["198.51.100.1", "127.0.0.1", "::1", "10.0.0.1", "", "nonsense"])
def test_nobody_but_a_proxy_is_believed(forged: str) -> None:
    assert key(forged, peer="203.0.113.7") == key(peer="203.0.113.7") == key("203.0.113.7")


@given(st.lists(st.ip_addresses().map(str) | st.text("0123456789.:[]abcdef", max_size=20), max_size=5))
def test_no_header_makes_another_visitor_of_who_is_behind_a_proxy(forged: list[str]) -> None:
    true = ip_address("203.0.113.7")
    assert visitor(HERE, [*forged, str(true)], PROXIES) == true
    assert visitor(HERE, [*forged, str(true), "10.0.0.3"], PROXIES) == true


def test_this_machine_is_exempt_only_when_nobody_stands_behind_it() -> None:
    assert key() is None
    assert key(peer="::1") is None
    assert key(exempts_loopback=False) is not None
    assert key("127.0.0.1") is not None
    assert key("unknown") is not None


def test_what_a_proxy_cannot_name_counts_together() -> None:
    assert key("unknown", peer="10.0.0.3") == key(peer="10.0.0.3")


def test_no_address_is_in_the_key() -> None:
    found = key("203.0.113.7")
    assert found is not None
    assert len(found) == 64
    assert "203" not in {found[:3], found[-3:]}
    assert found != Addresses(PROXIES, True, Vault(b"e" * 32, b"i" * 32)).key_of(  # noqa: FBT003 - the one field
        make_mocked_request("POST", "/", headers={"X-Forwarded-For": "203.0.113.7"}).clone(remote="127.0.0.1")
    )
