"""Whose rows a session sees: every controller has an engine of its own, and through it finds its own rows only.

Whoever sweeps, counts or looks something up by a token asks for it as if there were one company. That the answer holds
nothing of another's is seen to here, once, for every statement on a model that names its controller: reading,
changing and deleting, in subqueries and aliases too. What is written names its controller by itself.

The few that have to see all companies at once say so by `across`: a digest holds the ends of all trails. Period keys
are looked after past the models (`bot.storage.sealed_columns`): one is destroyed when no row of anybody needs it.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Engine, event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption

from bot.settings import Settings
from bot.storage.engine import Base, open_engine, take_turns_together

_OWNER = "madoguchi_owner"


def open_own_engine(settings: Settings, *, answer_within: float | None = None, beside: Engine | None = None) -> Engine:
    """Opens the database for the controller of these settings; every process opens it here.

    Args:
        settings: by which one controller is served.
        answer_within: as `open_engine` takes it.
        beside: an engine of this process to the same database; the writers of both take turns.
    """
    engine = open_engine(settings.database_url, answer_within=answer_within)
    engine.update_execution_options(**{_OWNER: settings.controller})
    if beside is not None:
        take_turns_together(engine, beside)
    return engine


def across(engine: Engine) -> Engine:
    """The same database with the rows of all companies: for what is done once an installation, and shown to nobody."""
    whole = engine.execution_options(**{_OWNER: None})
    take_turns_together(whole, engine)
    return whole


@event.listens_for(Session, "do_orm_execute")
def _only_own(state: ORMExecuteState) -> None:
    bind = state.session.bind
    owner = None if bind is None or state.is_insert else bind.get_execution_options().get(_OWNER)
    # Columns and relations that are loaded later belong to a row that was found already.
    if owner is not None and not state.is_column_load and not state.is_relationship_load:
        state.statement = state.statement.options(_rows_of(owner))


@lru_cache
def _rows_of(owner: str) -> LoaderCriteriaOption:
    # Made once: making it anew costs as much as the statement.
    return with_loader_criteria(
        Base, lambda model: model.controller == owner, include_aliases=True, propagate_to_loaders=False
    )
