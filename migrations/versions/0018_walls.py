"""Walls between companies: on PostgreSQL every row is seen and written by its own company alone (row-level security).

A connection says whose rows it works with (`madoguchi.controller`); without that it sees none. `*` stands for all of
them and is the owner's: whoever else says so sees nothing. FORCE holds the owner to the same. SQLite has no such thing.

Two functions of the owner's look at every company's rows for whoever may not: the ends of all trails, which digests are
made of, and the keys that rows were sealed with, since one that another company needs is not to be destroyed.

The release before does not say whose rows it wants, so its processes have to be stopped before this.
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLES = (
    *("alert", "answer_release", "audit", "audit_check", "audit_head", "beat", "choice", "code", "code_day", "contact"),
    *("conversation", "decision", "draft", "feedback", "inbox", "incident", "lease", "member", "open_question"),
    *("outbox", "policy_candidate", "policy_release", "policy_release_event", "policy_release_pointer", "proof"),
    *("question_group", "rate_count", "regression_result", "regression_run", "request", "request_link"),
    *("request_page", "staff_account", "staff_event", "staff_session", "staff_trail_head", "stored_file", "talk_day"),
    *("thread_message", "transcript", "trial_talk", "trial_verdict", "visit"),
)
_OWN = "current_setting('madoguchi.controller', true)"

_SPANS = f"""CREATE FUNCTION spans_controllers() RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT {_OWN} = '*'
  AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = 'public.audit'::regclass), 'USAGE')
$$"""  # noqa: S608 - our own words
# In brackets both are worked out once a statement and not once a row.
_IS_SEEN = f"(controller = (SELECT {_OWN})) OR (SELECT spans_controllers())"

_AS_ALL = f"""
DECLARE own text := coalesce({_OWN}, '');
BEGIN
PERFORM set_config('madoguchi.controller', '*', true);
%s;
PERFORM set_config('madoguchi.controller', own, true);
END
"""
_HEADS = """
RETURN QUERY
  SELECT 'console:' || controller, staff_trail_head.position, staff_trail_head.hash::text
  FROM staff_trail_head WHERE chains IS NULL
  UNION ALL
  SELECT request_id::text, audit_head.position, audit_head.hash::text
  FROM audit_head JOIN request ON request.id = audit_head.request_id
  WHERE NOT request.is_test AND (chains IS NULL OR request_id = ANY(chains))
"""
_HEADERS = """
IF of_column NOT LIKE 'sealed\\_%' THEN RAISE EXCEPTION '% is not sealed', of_column; END IF;
RETURN QUERY EXECUTE
  format('SELECT DISTINCT substr(%1$I, 1, 9) FROM %2$I WHERE substr(%1$I, 1, 1) = $1', of_column, of_table) USING kind
"""
_FUNCTIONS = (
    (
        "trail_heads(chains text[])",
        'TABLE (chain text, "position" integer, hash text)',
        _HEADS,
    ),
    ("sealed_headers(of_table text, of_column text, kind bytea)", "SETOF bytea", _HEADERS),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(_SPANS)
    # Tries that were nobody's; now they are the company's that was asked, and go with its own.
    op.execute("DELETE FROM code_day WHERE controller = ''")
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_rows ON {table} USING ({_IS_SEEN}) WITH CHECK ({_IS_SEEN})")
    for signature, gives, body in _FUNCTIONS:
        statement = (
            f"CREATE FUNCTION {signature} RETURNS {gives} LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = public, pg_temp AS $${_AS_ALL.replace('%s', body.strip())}$$"
        )
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for signature, _, _ in _FUNCTIONS:
        op.execute(f"DROP FUNCTION {signature}")
    for table in _TABLES:
        op.execute(f"DROP POLICY own_rows ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
    op.execute("DROP FUNCTION spans_controllers()")
