from __future__ import annotations

from datetime import date
from itertools import product
from typing import get_args

import pytest

from bot.register.decisions.grounds import Regime, all_grounds, ground, grounds, outcomes, require_ground
from bot.register.decisions.models import WITHOUT_GROUND, Outcome
from bot.register.errors import DecisionDoesNotFitError, GroundIsNotAllowedError
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.life import TO_THE_DESK
from bot.settings import Settings

TODAY = date(2026, 11, 26)
NINE = [kind for kind in FILED_KINDS if kind not in TO_THE_DESK]
STOPS = [Kind.USE_STOP, Kind.ERASURE, Kind.THIRD_PARTY_STOP]
ALTERNATIVE = Outcome.ALTERNATIVE_MEASURE


def test_the_regimes_are_those_of_the_setting() -> None:
    assert get_args(Settings.model_fields["refusal_regime"].annotation) == tuple(Regime)


def test_every_ground_has_one_id_and_refuses_something() -> None:
    ids = [row.id for row in all_grounds()]

    assert len(set(ids)) == len(ids)
    assert all(row.outcomes.isdisjoint(WITHOUT_GROUND) and row.kinds.isdisjoint(TO_THE_DESK) for row in all_grounds())


def test_sources_carry_the_numbers_in_force_and_none_of_the_old_ones() -> None:
    of_the_law = [row for row in all_grounds() if row.source.startswith("個人情報保護法")]

    assert {row.source.removeprefix("個人情報保護法")[:2] for row in of_the_law} == {"16", "32", "33", "34", "35", "37"}
    assert {row.in_force for row in of_the_law} == {date(2022, 4, 1)}
    assert all(row.source.startswith("JIS Q 15001:") for row in all_grounds() if row not in of_the_law)


@pytest.mark.parametrize(("kind", "regime"), list(product(NINE, Regime)))
def test_each_of_the_nine_can_be_granted_refused_routed_and_left_unidentified(kind: Kind, regime: Regime) -> None:
    possible = outcomes(kind, regime, TODAY)

    assert {
        Outcome.GRANTED,
        Outcome.PARTIAL,
        Outcome.DENIED,
        Outcome.NO_DATA,
        Outcome.NOT_HELD_BY_US,
        Outcome.ROUTED,
        Outcome.UNIDENTIFIED,
    } <= set(possible)
    assert Outcome.ANSWERED not in possible
    assert (Outcome.ALREADY_PUBLISHED in possible) == (kind is Kind.PURPOSE_NOTICE)


@pytest.mark.parametrize(("kind", "regime"), list(product(sorted(TO_THE_DESK), Regime)))
def test_inquiries_and_complaints_are_answered_or_routed(kind: Kind, regime: Regime) -> None:
    assert outcomes(kind, regime, TODAY) == [Outcome.ROUTED, Outcome.ANSWERED]


@pytest.mark.parametrize("kind", STOPS)
def test_jis_leaves_no_refusal_for_want_of_a_reason_and_no_other_measure(kind: Kind) -> None:
    by_law = {row.id for row in grounds(kind, Outcome.DENIED, Regime.APPI, TODAY)}
    by_both = {row.id for row in grounds(kind, Outcome.DENIED, Regime.APPI_AND_JIS, TODAY)}

    assert {row for row in by_law if row.endswith("-without-reason")}
    assert by_both == {"stop-harms-rights", "stop-hinders-business", "stop-breaks-law", "data-not-specified"}
    assert grounds(kind, ALTERNATIVE, Regime.APPI, TODAY)
    assert not grounds(kind, ALTERNATIVE, Regime.APPI_AND_JIS, TODAY)


def test_a_ground_that_is_not_yet_in_force_cannot_be_chosen() -> None:
    assert grounds(Kind.DISCLOSURE, Outcome.DENIED, Regime.APPI, date(2022, 3, 31)) == []
    assert grounds(Kind.DISCLOSURE, Outcome.DENIED, Regime.APPI, date(2022, 4, 1))


@pytest.mark.parametrize(
    ("kind", "outcome", "regime", "chosen"),
    [
        (Kind.ERASURE, Outcome.DENIED, Regime.APPI_AND_JIS, "stop-without-reason"),
        (Kind.ERASURE, Outcome.DENIED, Regime.APPI, "stop-harms-rights"),
        (Kind.DISCLOSURE, Outcome.DENIED, Regime.APPI, None),
        (Kind.DISCLOSURE, Outcome.DENIED, Regime.APPI, "because"),
        (Kind.DISCLOSURE, Outcome.DENIED, Regime.APPI, "content-is-factual"),
        (Kind.DISCLOSURE, Outcome.GRANTED, Regime.APPI, "disclosure-harms-rights"),
    ],
)
def test_what_is_not_allowed_raises(kind: Kind, outcome: Outcome, regime: Regime, chosen: str | None) -> None:
    with pytest.raises(GroundIsNotAllowedError) as refused:
        require_ground(chosen, kind, outcome, regime, TODAY)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (Kind.DISCLOSURE, Outcome.ANSWERED),
        (Kind.COMPLAINT, Outcome.GRANTED),
        (Kind.INQUIRY, Outcome.DENIED),
        (Kind.DISCLOSURE, Outcome.ALREADY_PUBLISHED),
        (Kind.CORRECTION, Outcome.ALTERNATIVE_MEASURE),
    ],
)
def test_an_outcome_that_does_not_fit_the_kind_raises(kind: Kind, outcome: Outcome) -> None:
    with pytest.raises(DecisionDoesNotFitError):
        require_ground(None, kind, outcome, Regime.APPI, TODAY)


def test_a_ground_is_found_by_its_id() -> None:
    found = ground("disclosure-harms-rights")

    assert found is not None
    assert found.source == "個人情報保護法33条2項1号"
    assert ground("because") is None
