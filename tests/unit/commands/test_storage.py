"""The application's own role on PostgreSQL: it does all that the application does, and cannot touch a trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, delete, func, make_url, select, text
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner, Result

from bot import settings
from bot.commands.storage import TRAILS, app
from bot.register.check import contradictions
from bot.register.drafts import open_draft
from bot.register.filing import file_draft
from bot.register.kinds import Kind
from bot.register.models import AuditEvent, AuditHead, Request
from bot.register.purge import purge
from bot.staff.models import StaffEvent, StaffTrailHead
from bot.staff.trail import About, StaffAction, note_of
from bot.storage.engine import Base, open_engine, reading, transaction
from bot.storage.models import Outbound
from tests.support.databases import postgres_database
from tests.support.postgres import as_superuser
from tests.support.register_desk import PHONE, VAULT, CommandDesk

ROLE = "madoguchi_app"
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
pytestmark = pytest.mark.postgres


def run(monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str) -> Result:
    monkeypatch.setenv("MADOGUCHI_DATABASE_URL", url)
    settings.load.cache_clear()
    return CliRunner().invoke(app, ["grants", *arguments])


@pytest.fixture
def owner_url(postgres_url: str, postgres_template: str) -> Iterator[str]:
    yield from postgres_database(postgres_url, template=postgres_template)


@pytest.fixture
def role(postgres_url: str, owner_url: str) -> Iterator[str]:
    engine = create_engine(as_superuser(postgres_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
    yield ROLE
    own = create_engine(as_superuser(owner_url), isolation_level="AUTOCOMMIT")
    with own.connect() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}"))
    own.dispose()
    with engine.connect() as connection:
        connection.execute(text(f"DROP ROLE {ROLE}"))
    engine.dispose()


@pytest.fixture
def database_url(owner_url: str, role: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The migrated database as the restricted role reaches it."""
    result = run(monkeypatch, owner_url, "--role", role, "--apply")
    assert result.exit_code == 0, (result.output, result.exception)
    again = run(monkeypatch, owner_url, "--role", role, "--apply")
    assert again.exit_code == 0, (again.output, again.exception)
    yield make_url(owner_url).set(username=role).render_as_string(hide_password=False)
    settings.load.cache_clear()


def file_one(engine: Engine, *, is_test: bool = False) -> str:
    with transaction(engine) as session:
        draft_id = open_draft(
            session,
            controller="eparkrelax",
            conversation_id="c" * 32,
            channel="web",
            kinds=[Kind.DISCLOSURE],
            scope="予約履歴",
            words="見せてください",
            vault=VAULT,
            now=NOW,
            is_test=is_test,
        )
        return file_draft(session, draft_id, now=NOW, vault=VAULT)[0].request_id


def test_a_request_goes_from_its_entry_to_its_end(desk: CommandDesk, engine: Engine) -> None:
    number = desk.enter_by_phone(
        *("--kind", "disclosure", "--scope", "予約履歴", "--details", desk.file("details.yml", PHONE))
    )
    desk.run("check-arrival", number, as_="ken")
    desk.run("assign", number, "ken", as_="mei")
    desk.run("show", number, "--reveal", as_="ken")
    proof = ("proof", number, "--sort", "collation", "--agrees", "--fact", "氏名", "--fact", "住所", "--binds-address")
    desk.run(*proof, as_="ken")
    desk.run("begin", number, as_="ken")
    desk.run("ask", number, as_="ken", words="いつの予約でしょうか。")
    desk.run("reply", number, as_="ken", words="今年の分です。")
    desk.run("decide", number, "--outcome", "granted", as_="ken")
    desk.run("approve", number)
    desk.run("deliver", number, "--by", "post", "--file", desk.file("answer.pdf", b"%PDF-1.7"), as_="ken")
    desk.run("release", number)
    desk.run("posted", number, words="1234-5678-9012")
    desk.run("notify", number, "--by", "post", as_="ken")
    assert "closed" in desk.run("close", number, as_="ken")
    desk.run("purge")

    with transaction(engine) as session:
        note_of(session, "eparkrelax", "staff:ken", StaffAction.REQUEST_READ, About("request"), now=NOW)
        session.execute(delete(Outbound))
    with reading(engine) as session:
        found = contradictions(session, now=desk.now)
    assert [line for line in found if "alert" not in line] == []


def test_a_test_still_goes_after_a_day_with_its_trail(engine: Engine) -> None:
    real = file_one(engine)
    file_one(engine, is_test=True)

    with transaction(engine) as session:
        assert purge(session, controller="eparkrelax", now=NOW + timedelta(days=2), draft_days=30).tests == 1

    with reading(engine) as session:
        assert session.scalars(select(Request.id)).all() == [real]
        assert session.scalars(select(AuditHead.request_id)).all() == [real]
    with transaction(engine) as session:
        session.execute(text("SELECT remove_trails_of_tests(:ids)"), {"ids": [real]})
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        *(
            f"{change} {table}"
            for table in ("audit", "staff_event", "audit_head", "staff_trail_head", "audit_check")
            for change in ("DELETE FROM", "TRUNCATE")
        ),
        "UPDATE audit SET actor = 'x'",
        "UPDATE staff_event SET at = now()",
        "UPDATE policy_release_event SET at = now()",
        "DELETE FROM policy_release",
        "UPDATE audit SET fields = '[]'",
        "UPDATE audit_head SET request_id = 'x'",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_change_is_refused ON audit",
        "SET session_replication_role = replica",
        "CREATE FUNCTION mine() RETURNS void LANGUAGE sql AS ''",
        "CREATE TRIGGER mine BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse_head_change()",
        "CREATE OR REPLACE FUNCTION remove_trails_of_tests(ids text[]) RETURNS void LANGUAGE sql AS ''",
    ],
)
def test_it_cannot_touch_a_trail(restricted: Engine, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="InsufficientPrivilege"), transaction(restricted) as session:
        session.execute(text(statement))


@pytest.fixture(scope="module")
def restricted(postgres_url: str, postgres_template: str) -> Iterator[Engine]:
    """One database with some trails in it, for all that is refused."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for owner_url in postgres_database(postgres_url, template=postgres_template):
            admin = create_engine(as_superuser(owner_url), isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.execute(text("CREATE ROLE madoguchi_other LOGIN"))
            result = run(monkeypatch, owner_url, "--role", "madoguchi_other", "--apply")
            assert result.exit_code == 0, (result.output, result.exception)
            opened = open_engine(
                make_url(owner_url).set(username="madoguchi_other").render_as_string(), controller="eparkrelax"
            )
            file_one(opened)
            with transaction(opened) as session:
                note_of(session, "eparkrelax", "system", StaffAction.TALK_READ, About("talk"), now=NOW)
            yield opened
            opened.dispose()
            with admin.connect() as connection:
                connection.execute(text("DROP OWNED BY madoguchi_other"))
                connection.execute(text("DROP ROLE madoguchi_other"))
            admin.dispose()
    settings.load.cache_clear()


def test_every_table_gets_what_it_needs_and_the_statements_can_be_read() -> None:
    result = CliRunner().invoke(app, ["grants", "--role", "app"])

    granted = [line for line in result.stdout.splitlines() if line.startswith("GRANT") and " ON public." in line]
    assert len(granted) == len(Base.metadata.tables) + 1
    assert "GRANT SELECT, INSERT ON public.audit TO app;" in granted
    assert "GRANT SELECT, INSERT, UPDATE (position, hash) ON public.audit_head TO app;" in granted
    assert set(TRAILS.only_forward) == {AuditHead.__tablename__, StaffTrailHead.__tablename__}
    assert StaffEvent.__tablename__ in TRAILS.only_added_to


@pytest.mark.parametrize("name", ["app; DROP TABLE audit", "App", "", "a-b"])
def test_what_is_no_name_of_a_role_is_refused(name: str) -> None:
    result = CliRunner().invoke(app, ["grants", "--role", name])

    assert "no name of a role" in str(result.exception)


def test_a_role_that_privileges_do_not_bind_is_refused(owner_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "superuser" in str(run(monkeypatch, owner_url, "--role", "madoguchi", "--apply").exception)
    assert "no role" in str(run(monkeypatch, owner_url, "--role", "nobody_here", "--apply").exception)
    assert "SQLite" in str(run(monkeypatch, "sqlite:///x.db", "--role", "app", "--apply").exception)
    settings.load.cache_clear()
