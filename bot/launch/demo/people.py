"""Made-up people at the desk, one for each role and a second pair of eyes, and the links by which one becomes them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.staff import invitations
from bot.staff.accounts import NewAccount, accounts_of, invite
from bot.staff.models import Account
from bot.staff.roles import Role

LINK_LIVES = timedelta(hours=1)

OFFICER, SECOND_OFFICER = "mihon-hanako", "mihon-jiro"
COUNSELLOR, SECOND_COUNSELLOR = "kakuu-misaki", "kakuu-kenta"
VIEWER, ADMIN = "shiyou-etsuko", "kanri-taro"

_PEOPLE = (
    NewAccount(OFFICER, "見本 花子", f"{OFFICER}@example.jp", Role.OFFICER, sees_sensitive=True),
    NewAccount(SECOND_OFFICER, "見本 次郎", f"{SECOND_OFFICER}@example.jp", Role.OFFICER, sees_sensitive=True),
    NewAccount(COUNSELLOR, "架空 美咲", f"{COUNSELLOR}@example.jp", Role.COUNSELLOR),
    NewAccount(SECOND_COUNSELLOR, "架空 健太", f"{SECOND_COUNSELLOR}@example.jp", Role.COUNSELLOR),
    NewAccount(VIEWER, "試用 悦子", f"{VIEWER}@example.jp", Role.VIEWER),
    NewAccount(ADMIN, "管理 太郎", f"{ADMIN}@example.jp", Role.ADMIN),
)
_DEPUTIES = {
    OFFICER: SECOND_OFFICER,
    SECOND_OFFICER: OFFICER,
    COUNSELLOR: SECOND_COUNSELLOR,
    SECOND_COUNSELLOR: COUNSELLOR,
}


def add_people(session: Session, controller: str, *, now: datetime) -> None:
    """Everybody's account; nobody has a password, so that links are the only way in."""
    for new in _PEOPLE:
        invite(session, new, controller=controller, by="system", now=now)
    for account_id, deputy in _DEPUTIES.items():
        session.get_one(Account, (account_id, controller)).deputy = deputy


def issue_links(session: Session, controller: str, *, now: datetime) -> list[tuple[Account, str]]:
    """Everybody with the path of a link that logs in once within the hour; earlier links and sessions end."""
    return [(account, _path(session, account, now)) for account in accounts_of(session, controller)]


def _path(session: Session, account: Account, now: datetime) -> str:
    token = invitations.issue(session, account, now=now)
    account.setup_until = now + LINK_LIVES
    return f"/demo/{token}"
