"""The one case in which a trail goes: that of a test, with the test."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ARRAY, Text, delete, func, literal, select
from sqlalchemy.orm import Session

from bot.register.models import AuditEvent, AuditHead

# It runs with the owner's rights, and all companies are the owner's to name: so that it keeps to one by itself.
_OWN_TEST = "request.is_test AND request.controller = current_setting('madoguchi.controller', true)"
_BODY = f"""
DELETE FROM audit USING request
WHERE request.id = audit.request_id AND {_OWN_TEST} AND audit.request_id = ANY(ids);
DELETE FROM audit_head USING request
WHERE request.id = audit_head.request_id AND {_OWN_TEST} AND audit_head.request_id = ANY(ids)
"""  # noqa: S608 - our own words

REMOVE_ON_POSTGRESQL = ("remove_trails_of_tests", _BODY)
"""A function of the owner's for a role that may remove nothing from a trail; nobody can make a test of a request."""


def remove_trails(session: Session, request_ids: Sequence[str]) -> None:
    """Removes events and heads of these requests; the database refuses it for whatever is no test."""
    if not _may_delete(session):
        name, _ = REMOVE_ON_POSTGRESQL
        session.execute(select(getattr(func, name)(literal(list(request_ids), ARRAY(Text)))))
        return
    for table in (AuditEvent, AuditHead):
        gone = delete(table).where(table.request_id.in_(request_ids))
        session.execute(gone.execution_options(synchronize_session=False))


def _may_delete(session: Session) -> bool:
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.has_table_privilege(AuditEvent.__tablename__, "DELETE"))))
