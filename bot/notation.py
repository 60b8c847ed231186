"""How settings write limits and networks: read in one place, so that what a process starts with can be used."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from limits import RateLimitItem, parse_many

Network = IPv4Network | IPv6Network


def read_rates(text: str) -> tuple[RateLimitItem, ...]:
    """The limits of a text such as `20/minute; 200/hour`, all of which hold; none when it is empty.

    The notation is that of `limits`:
    https://limits.readthedocs.io/en/stable/quickstart.html#rate-limit-string-notation

    Raises:
        ValueError: it says something else, or lets nothing through.
    """
    if not text.strip():
        return ()
    try:
        rates = tuple(parse_many(text.strip()))
    except ValueError:
        raise ValueError("cannot be read as limits (write 20/minute; 200/hour, or nothing for none)") from None
    if any(rate.amount < 1 for rate in rates):
        raise ValueError("a limit of 0 lets nobody through (write nothing for no limit)")
    return rates


def read_networks(text: str) -> tuple[Network, ...]:
    """The networks of a text such as `10.0.0.0/8 2001:db8::/32`.

    Raises:
        ValueError: a word is no network.
    """
    try:
        return tuple(ip_network(word) for word in text.split())
    except ValueError:
        raise ValueError("cannot be read as networks (write 10.0.0.0/8 2001:db8::/32)") from None
