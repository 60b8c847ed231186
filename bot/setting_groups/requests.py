"""Settings of formal requests: their pages, their days, what is kept how long."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import NoDecode


class RequestSettings(BaseModel):
    """How requests are taken, timed and kept."""

    # Requests.
    page_hours: int = Field(72, ge=1, description="Hours the secure page of a request can be opened.")
    sister_controllers: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="Companies that a member may ask together with this one; each has to be served here "
        '(docs/controllers.md). JSON of id and legal name, as {"kogane": "株式会社…"}. Empty: the page offers none.',
    )
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

    @field_validator("sister_controllers", mode="before")
    @classmethod
    def _read_json(cls, value: object) -> object:
        # Here and not by the source of the value: a further company's comes from its file and no environment.
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value or "{}")
        except ValueError:
            raise ValueError("is no JSON") from None
