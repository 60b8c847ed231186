"""Grounds for not doing what was asked: what may be chosen, for which kind, under which rules, since when.

The law (個人情報保護法) names every ground there is, article by article, and wants the reason explained (36条). JIS Q
15001, which a company may have promised to keep, leaves fewer: under it people can stop the use of their data without
any reason of the law. So a ground is a row of `grounds.yml` with its source, and what is no row cannot be chosen.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.register.decisions.models import WITHOUT_GROUND, Outcome
from bot.register.errors import DecisionDoesNotFitError, GroundIsNotAllowedError
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK

_ROWS = Path(__file__).with_suffix(".yml")


class Regime(StrEnum):
    """Which rules a company is bound by; the owner's setting says it."""

    APPI = "appi"
    APPI_AND_JIS = "appi+jisq15001"


class Ground(BaseModel):
    """One row: why something is not done as it was asked for.

    Attributes:
        id: what is stored with a decision.
        title: what the member reads.
        kinds: what it may be chosen for.
        outcomes: with which outcomes.
        regimes: under which rules.
        source: the article it stands in.
        in_force: the first day on which the source said so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z-]{1,32}$")
    title: str = Field(min_length=1)
    kinds: frozenset[Kind] = Field(min_length=1)
    outcomes: frozenset[Outcome] = Field(min_length=1)
    regimes: frozenset[Regime] = Field(min_length=1)
    source: str = Field(min_length=1)
    in_force: date


def grounds(kind: Kind, outcome: Outcome, regime: Regime, on: date) -> list[Ground]:
    """What may be chosen for a request of this kind with this outcome on this day, in the order of the law."""
    return [
        row
        for row in all_grounds()
        if kind in row.kinds and outcome in row.outcomes and regime in row.regimes and row.in_force <= on
    ]


def outcomes(kind: Kind, regime: Regime, on: date) -> list[Outcome]:
    """What can become of a request of this kind: what needs no ground, and what there is a ground for."""
    if kind in TO_THE_DESK:
        return [Outcome.ROUTED, Outcome.ANSWERED]
    free = (Outcome.GRANTED, Outcome.ROUTED)
    return [outcome for outcome in Outcome if outcome in free or grounds(kind, outcome, regime, on)]


def require_ground(ground_id: str | None, kind: Kind, outcome: Outcome, regime: Regime, on: date) -> None:
    """Lets a decision pass whose outcome fits its kind, and whose ground may be chosen for both.

    Raises:
        DecisionDoesNotFitError: nothing of this kind can have this outcome.
        GroundIsNotAllowedError: a ground is needed and none is named, or this one cannot be chosen here and today.
    """
    if outcome not in outcomes(kind, regime, on):
        raise DecisionDoesNotFitError(f"{kind} cannot be decided as {outcome} under {regime}")
    if outcome in WITHOUT_GROUND:
        if ground_id is not None:
            raise GroundIsNotAllowedError(f"{outcome} refuses nothing and has no ground")
        return
    allowed = [row.id for row in grounds(kind, outcome, regime, on)]
    if ground_id not in allowed:
        raise GroundIsNotAllowedError(
            f"{ground_id or 'no ground'} cannot be chosen for {kind} as {outcome} under {regime}; there are "
            + ", ".join(allowed)
        )


def ground(ground_id: str) -> Ground | None:
    """The row of this id, whatever it may be chosen for."""
    return next((row for row in all_grounds() if row.id == ground_id), None)


@lru_cache(maxsize=1)
def all_grounds() -> tuple[Ground, ...]:
    """Every row, in the order of the file."""
    return TypeAdapter(tuple[Ground, ...]).validate_python(yaml.safe_load(_ROWS.read_text(encoding="utf-8")))
