"""Settings of how much may be asked of the gateway."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from bot.notation import read_networks, read_rates


def _with_rates(text: str) -> str:
    read_rates(text)
    return text


def _with_networks(text: str) -> str:
    read_networks(text)
    return text


Rates = Annotated[str, AfterValidator(_with_rates)]
"""Limits such as `20/minute; 200/hour`; `bot.notation.read_rates` reads them. Empty is no limit."""

Networks = Annotated[str, AfterValidator(_with_networks)]
"""Networks apart by spaces; `bot.notation.read_networks` reads them."""


class LimitSettings(BaseModel):
    """How much may be asked, by whom and of what."""

    # Limits: how much may be asked of this gateway. Written as 20/minute; 200/hour; empty switches one off.
    rate_address_sessions: Rates = Field("60/minute; 600/hour", description="New chats from one network address.")
    rate_all_sessions: Rates = Field("1800/minute", description="New chats from everybody together.")
    rate_session_messages: Rates = Field("120/minute; 1200/hour", description="Messages and presses in one web chat.")
    rate_address_messages: Rates = Field(
        "240/minute; 3600/hour", description="Messages and presses in web chats from one network address."
    )
    rate_all_messages: Rates = Field("3600/minute", description="Messages and presses in all web chats together.")
    rate_member_messages: Rates = Field(
        "240/minute; 2400/hour", description="Messages and taps of one person on LINE or Slack."
    )
    rate_address_page_posts: Rates = Field(
        "60/minute; 600/hour", description="What one network address may send from the pages of requests."
    )
    rate_all_page_posts: Rates = Field("1200/minute", description="What everybody together may send from these pages.")
    rate_address_code_wishes: Rates = Field(
        "20/hour; 60/day", description="One-time codes that may be asked for from one network address."
    )
    rate_all_code_wishes: Rates = Field("600/hour", description="One-time codes that everybody may ask for together.")
    rate_address_code_tries: Rates = Field(
        "40/hour; 120/day", description="Codes that may be tried from one network address."
    )
    rate_all_code_tries: Rates = Field("1200/hour", description="Codes that everybody may try together.")
    rate_conversation_filings: Rates = Field(
        "20/day", description="Requests that may be filed in one conversation; a day ends at midnight in Japan."
    )
    rate_account_logins: Rates = Field(
        "5/minute; 30/hour", min_length=1, description="Log-ins to the console that may be tried at one account."
    )
    rate_all_logins: Rates = Field(
        "60/minute; 900/hour", min_length=1, description="Log-ins to the console that everybody may try together."
    )
    rate_storage_url: SecretStr = Field(
        SecretStr(""),
        description="Where chats are counted, as the library `limits` writes it (async+redis://host:6379); empty: in "
        "this process, which is right for one web process. Codes and filings are always counted in the register.",
    )
    rate_exempt_loopback: bool = Field(
        default=True,
        description="Whether what comes from this very machine, through no proxy, has no limits by address.",
    )
    trusted_proxies: Networks = Field(
        "127.0.0.0/8 ::1/128",
        description="Networks of the reverse proxies, apart by spaces: only they are believed in X-Forwarded-For, "
        "which they have to set.",
    )
    most_turns_waiting: int = Field(
        200,
        ge=0,
        description="Turns without an answer, of all channels, from which the web chat asks to try again; 0: no bound.",
    )
