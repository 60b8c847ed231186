"""The owner's rules that screens of requests go by: the desk's calendar, the proofs that suffice, the grounds."""

from __future__ import annotations

from datetime import date

from bot import desk as desks
from bot.console.frame.parts import Console
from bot.desk import Desk
from bot.register.deadlines import IsWorkingDay
from bot.register.decisions.grounds import Regime
from bot.register.identity.proof_table import ProofTable, load_proof_table


def desk_of(console: Console) -> Desk:
    """The desk file of the policy that this console's company has."""
    return desks.load_desk(console.settings.corpus_dir / console.settings.default_policy)


def calendar_of(console: Console) -> IsWorkingDay:
    """On which days the desk is open."""
    desk = desk_of(console)

    def is_working_day(day: date) -> bool:
        return desks.is_working_day(desk, day)

    return is_working_day


def proofs_of(console: Console) -> ProofTable:
    """Which proof of who asks suffices for what."""
    return load_proof_table(console.settings.proofs_file)


def regime_of(console: Console) -> Regime:
    """Which rules the company is bound by."""
    return Regime(console.settings.refusal_regime)
