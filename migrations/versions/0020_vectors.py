"""Vectors of policies, for installations that search them by pgvector.

They are arrays of floats, so that no server needs the extension for these tables.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# As for every other table (0018).
_IS_SEEN = "(controller = (SELECT current_setting('madoguchi.controller', true))) OR (SELECT spans_controllers())"
_FLOATS: sa.types.TypeEngine[Any] = sa.ARRAY(sa.REAL(), dimensions=1).with_variant(sa.LargeBinary(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "vector_index",
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("release", sa.String(length=16), nullable=False),
        sa.Column("policy", sa.String(length=128), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("sentences", sa.Integer(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("hub", _FLOATS, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("controller", "release"),
    )
    op.create_index("ix_vector_index_version", "vector_index", ["controller", "policy", "version", "built_at"])
    op.create_table(
        "vector_row",
        sa.Column("controller", sa.String(length=64), nullable=False),
        sa.Column("release", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("vector", _FLOATS, nullable=False),
        sa.ForeignKeyConstraint(
            ["controller", "release"],
            ["vector_index.controller", "vector_index.release"],
            name="fk_vector_row_index",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("controller", "release", "unit", "place"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("vector_index", "vector_row"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own_rows ON {table} USING ({_IS_SEEN}) WITH CHECK ({_IS_SEEN})")


def downgrade() -> None:
    op.drop_table("vector_row")
    op.drop_index("ix_vector_index_version", table_name="vector_index")
    op.drop_table("vector_index")
