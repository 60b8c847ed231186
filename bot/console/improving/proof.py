"""Whether the candidate passes the regression sets: what publishing asks for."""

from __future__ import annotations

import asyncio

from sqlalchemy.orm import Session

from bot.console.frame.parts import Console
from bot.console.testing import shelf
from bot.evaluation.regression.cases import RegressionSet
from bot.evaluation.runs import reading
from bot.evaluation.runs.reading import Standing
from bot.policy.releases.editing import Draft
from bot.policy.releases.publishing import GreenRun


async def standing_of(console: Console, draft: Draft) -> Standing | None:
    """How exactly these files stand before the sets as they are written now; None while there is no candidate."""
    if not draft.candidate_id:
        return None
    sets = shelf.readable(await asyncio.to_thread(shelf.read_all, console))
    return await console.read(lambda session: reading.standing(session, shelf.scope_of(console), draft.digest, sets))


def green_run(console: Console, sets: list[RegressionSet]) -> GreenRun:
    """Asks again in the transaction that publishes; without any set nothing is proven."""

    def is_green(session: Session, run_id: str, digest: str) -> bool:
        standing = reading.standing(session, shelf.scope_of(console), digest, sets)
        return bool(sets) and standing.is_green and standing.batch == run_id

    return is_green
