"""Settings of the doors: the widget on other sites, LINE, Slack, mail, and the log-in of staff."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, field_validator

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
# Plain http is for a developer's own machine, to which browsers resolve every name below localhost (RFC 6761, 6.3).
_OWN_MACHINE = rf"http://(?:127\.0\.0\.1|(?:{_LABEL}\.)*localhost)"
_ORIGIN = re.compile(rf"(?:https://(?:{_LABEL}\.)*{_LABEL}|{_OWN_MACHINE})(?::[1-9][0-9]{{0,4}})?")


class ChannelSettings(BaseModel):
    """Who is reached where, and with which secret."""

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

    @field_validator("embed_origins")
    @classmethod
    def _are_exact_origins(cls, value: str) -> str:
        # They go into a header and are compared letter by letter, so a path, a wildcard or a capital would never match.
        wrong = [origin for origin in value.split() if not _ORIGIN.fullmatch(origin)]
        if wrong:
            raise ValueError(f"no exact https origin: {', '.join(wrong)} (one looks like https://www.example.jp)")
        return " ".join(value.split())
