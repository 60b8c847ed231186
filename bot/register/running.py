"""Which requests run: their member has not been told the answer, so that both clocks go on.

What was set aside and has been forgotten since is nothing that anybody could answer.
"""

from __future__ import annotations

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam

from bot.register.models import TOLD_OR_OVER, Request


def is_running() -> ColumnElement[bool]:
    """The condition of a query that the index of running requests is taken for.

    Written out, since a database takes an index of some rows only where the condition stands in its own words.
    """
    stopped: BindParameter[list[str]] = bindparam(
        "stopped", list(map(str, TOLD_OR_OVER)), expanding=True, literal_execute=True
    )
    return and_(Request.state.not_in(stopped), Request.purged_at.is_(None))
