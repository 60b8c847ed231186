"""Keys of notices and ids of staff are each company's own: whether another one has the same is not to be learnt.

A notice is known by its occasion, and occasions are named by what platforms and people call things; a member of staff
is known by an id that an administrator chose, and by the account at a provider. Two companies may have the same, and
the way down is refused once they have.
"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What PostgreSQL calls constraints that were given no name; SQLite's are found by these names, too.
_NAMES = {"pk": "%(table_name)s_pkey", "fk": "%(table_name)s_%(column_0_name)s_fkey"}
_ACCOUNT, _SESSION = "staff_account", "staff_session"
_OLD_KEY, _NEW_KEY = f"{_SESSION}_account_id_fkey", "fk_staff_session_account"


def upgrade() -> None:
    _change_unique("outbox", "uq_outbox_dedupe", ["controller", "dedupe_key"])
    _change_accounts(["id", "controller"], drop=_OLD_KEY, make=_NEW_KEY, columns=["account_id", "controller"])
    _change_unique(_ACCOUNT, "uq_staff_account_subject", ["controller", "issuer", "subject"])


def downgrade() -> None:
    _change_unique(_ACCOUNT, "uq_staff_account_subject", ["issuer", "subject"])
    _change_accounts(["id"], drop=_NEW_KEY, make=_OLD_KEY, columns=["account_id"])
    _change_unique("outbox", "uq_outbox_dedupe", ["dedupe_key"])


def _change_unique(table: str, name: str, columns: Sequence[str]) -> None:
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="unique")
        batch.create_unique_constraint(name, list(columns))


def _change_accounts(key: Sequence[str], *, drop: str, make: str, columns: Sequence[str]) -> None:
    # A session refers to its account by the key that changes.
    with op.batch_alter_table(_SESSION, naming_convention=_NAMES) as session:
        session.drop_constraint(drop, type_="foreignkey")
    with op.batch_alter_table(_ACCOUNT, naming_convention=_NAMES) as account:
        account.drop_constraint(f"{_ACCOUNT}_pkey", type_="primary")
        account.create_primary_key(f"{_ACCOUNT}_pkey", list(key))
    with op.batch_alter_table(_SESSION, naming_convention=_NAMES) as session:
        session.create_foreign_key(make, _ACCOUNT, list(columns), list(key))
