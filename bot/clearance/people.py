"""Whether somebody is there: who is told of what falls due, and who can open the console."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine, exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.clearance.items import Heading, Item
from bot.errors import BadInputError, UnavailableError
from bot.register.staff import load_staff, staff_faults
from bot.settings import PREFIX, Settings
from bot.staff.models import Account
from bot.staff.roles import Role
from bot.storage.engine import reading

_PEOPLE = Heading("担当者")
_DATABASE = Heading("データベース")
_ADMIN = ("admin", "2段階認証を済ませた管理者", "madoguchi console create-admin")
_REACHED = ("database", "データベースにつながり、最新の形であること", f"{PREFIX}DATABASE_URL")


def people_items(settings: Settings, engine: Engine, controller: str) -> Iterator[Item]:
    """What the database knows of the desk's people; unknown when it does not answer."""
    try:
        with reading(engine) as session:
            has_admin = _has_admin(session, controller)
            alerts = list(_alerts(settings, session))
    except (SQLAlchemyError, UnavailableError):
        yield from _alerts(settings)
        yield _PEOPLE.unknown(*_ADMIN, "データベースが答えません")
        yield _DATABASE.unknown(*_REACHED, "データベースが答えません")
        return
    yield from alerts
    yield _PEOPLE.item(*_ADMIN, is_so=has_admin, found="います" if has_admin else "いません")
    yield _DATABASE.item(*_REACHED, is_so=True, found=engine.dialect.name)


def _has_admin(session: Session, controller: str) -> bool:
    # Whoever comes by an identity provider brings its second factor along.
    ready = Account.sealed_totp.is_not(None) | Account.subject.is_not(None)
    query = select(exists().where(Account.controller == controller, Account.role == Role.ADMIN, ready))
    return bool(session.scalar(query.where(Account.disabled_at.is_(None))))


def _alerts(settings: Settings, session: Session | None = None) -> Iterator[Item]:
    where = f"画面「利用者」、または {PREFIX}STAFF_FILE（docs/staff.example.yml）"
    try:
        staff = load_staff(settings, session)
    except BadInputError as error:
        yield _PEOPLE.item("alerts", "期限などの知らせを受ける人と代理", where, is_so=False, found=str(error))
        return
    faults = staff_faults(staff)
    found = "、".join(faults) or f"{len(staff.members)}名"
    yield _PEOPLE.item("alerts", "期限などの知らせを受ける人と代理", where, is_so=not faults, found=found)
