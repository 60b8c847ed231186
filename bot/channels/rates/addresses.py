"""Where a web request comes from, as far as limits need to know: a network, never written down in clear.

`X-Forwarded-For` is believed as far as proxies that we know have written it: from the right, the first address that
is none of theirs is the visitor's, and whatever stands left of it the visitor may have made up. aiohttp-remotes 1.4.0
is not used: its `XForwardedFiltered` believes the header whoever connects and answers 400 where a proxy adds a line of
its own (RFC 9110, 5.3, allows it) or a port, and its `XForwardedStrict` refuses whatever comes by another way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import hdrs, web

from bot.notation import Network, read_networks
from bot.settings import Settings
from bot.storage.encryption import Vault

# A household's IPv4 address changes within its provider's block, and who is on one /24 shares its fate anyway: the
# smallest block that is announced in the internet. With IPv6 one subscriber has a whole /64 at least (RFC 6177), out
# of which every device takes a new address each day (RFC 8981).
_IPV4_PREFIX, _IPV6_PREFIX = 24, 64

# Some proxies add the visitor's port.
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]*)\](?::\d+)?|(?P<four>[^:]*):\d+")
_HERE = ip_address("::1")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class Addresses:
    """Tells visitors apart by their networks."""

    proxies: tuple[Network, ...]
    exempts_loopback: bool
    vault: Vault

    @classmethod
    def of(cls, settings: Settings, vault: Vault) -> Addresses:
        """As this installation wants it."""
        return cls(read_networks(settings.trusted_proxies), settings.rate_exempt_loopback, vault)

    def key_of(self, request: web.Request) -> str | None:
        """A keyed hash of the network a request comes from; None for this very machine, if that is exempt."""
        hops = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, [])).split(",")
        hops = [hop.strip() for hop in hops if hop.strip()]
        # Without an address it came through a socket file, and so from this machine.
        peer = _read(request.remote or "") or _HERE
        # What a proxy brings is never exempt, or whoever gets past it with a forged header would be.
        if self.exempts_loopback and peer.is_loopback and not hops:
            return None
        return self.vault.keyed_hash(str(network_of(visitor(peer, hops, self.proxies))), purpose="rate_address")


def visitor(peer: Address, hops: Sequence[str], proxies: Sequence[Network]) -> Address:
    """The address nearest to us that is no proxy of ours; the last readable one, when all are."""
    nearest = peer
    for hop in reversed(hops):
        further = _read(hop)
        # What a proxy of ours could not name counts as the proxy's own: together, but not without a limit.
        if further is None or not any(nearest in network for network in proxies):
            break
        nearest = further
    return nearest


def network_of(address: Address) -> Network:
    """The network by which visitors are told apart: /24 of IPv4, /64 of IPv6."""
    if isinstance(address, IPv4Address):
        return IPv4Network((int(address), _IPV4_PREFIX), strict=False)
    return IPv6Network((int(address), _IPV6_PREFIX), strict=False)


def _read(text: str) -> Address | None:
    match = _WITH_PORT.fullmatch(text)
    try:
        address = ip_address((match["six"] or match["four"]) if match else text)
    except ValueError:
        return None
    # A socket for both families shows IPv4 within IPv6.
    return getattr(address, "ipv4_mapped", None) or address
