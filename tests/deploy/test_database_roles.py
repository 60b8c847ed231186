"""What PostgreSQL's container does over an empty volume, and the migration after it, on a real server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from tests.support.deployments import DEPLOY, ROOT
from tests.support.pgvector import vector_programs
from tests.support.postgres import as_superuser, run_server, server_programs

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A server of its own: roles are a whole server's matter, and other tests have theirs."""
    programs = server_programs()
    if programs is None or shutil.which("psql") is None:
        pytest.skip("PostgreSQL's server programs and psql are not installed: `make system-deps` does")
    with run_server(programs) as address:
        yield filled(address, tmp_path_factory.mktemp("secrets"))


def filled(address: str, secrets: Path) -> URL:
    """The superuser's URL of a server over which `roles.sh` has been."""
    subprocess.run([DEPLOY / "new-secrets.sh", secrets], check=True)
    url = make_url(as_superuser(address))
    surroundings = {**os.environ, "SECRETS": str(secrets), "PGHOST": str(url.query["host"])}
    subprocess.run(
        [DEPLOY / "postgres" / "roles.sh"], env=surroundings | {"POSTGRES_USER": url.username or ""}, check=True
    )
    return url


@pytest.fixture(scope="module")
def migrated(server: URL) -> URL:
    """The same after the step that every deployment takes before the processes start."""
    owner = server.set(username="madoguchi_owner", database="madoguchi")
    surroundings = os.environ | {"MADOGUCHI_DATABASE_URL": owner.render_as_string(hide_password=False)}
    madoguchi = [sys.executable, "-c", "from bot.cli import run; run()"]
    for command in (
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        [*madoguchi, "storage", "grants", "--role", "madoguchi_app", "--apply"],
    ):
        subprocess.run(command, cwd=ROOT, env=surroundings, check=True, capture_output=True)
    return server


def run(server: URL, role: str, database: str, statement: str) -> None:
    engine = create_engine(server.set(username=role, database=database))
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def test_the_application_works_with_the_tables_and_cannot_rewrite_a_trail(migrated: URL) -> None:
    run(migrated, "madoguchi_app", "madoguchi", "DELETE FROM conversation")
    run(migrated, "madoguchi_app", "madoguchi", "SELECT version_num FROM alembic_version")
    for statement in ("DELETE FROM audit", "UPDATE audit SET id = id", "TRUNCATE audit", "DROP TABLE audit"):
        with pytest.raises(ProgrammingError):
            run(migrated, "madoguchi_app", "madoguchi", statement)


def test_the_application_makes_no_tables(migrated: URL) -> None:
    with pytest.raises(ProgrammingError):
        run(migrated, "madoguchi_app", "madoguchi", "CREATE TABLE mine (id int)")


def test_rasa_makes_its_own_tables_and_sees_no_other_database(migrated: URL) -> None:
    run(migrated, "rasa", "tracker", "CREATE TABLE events (id int)")
    with pytest.raises(OperationalError, match="permission denied for database"):
        run(migrated, "rasa", "madoguchi", "SELECT 1")


@pytest.mark.parametrize("role", ["madoguchi_app", "madoguchi_owner"])
def test_nobody_else_opens_the_tracker(server: URL, role: str) -> None:
    with pytest.raises(OperationalError, match="permission denied for database"):
        run(server, role, "tracker", "SELECT 1")


def test_every_role_has_a_password_and_may_nothing_special(server: URL) -> None:
    engine = create_engine(server)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT rolname, rolpassword LIKE 'SCRAM-SHA-256$%', rolsuper OR rolcreaterole OR rolcreatedb "
                "OR rolbypassrls OR rolreplication FROM pg_authid WHERE rolname ~ '^(madoguchi_|rasa)' ORDER BY 1"
            )
        ).all()
    engine.dispose()

    assert [tuple(row) for row in rows] == [
        ("madoguchi_app", True, False),
        ("madoguchi_owner", True, False),
        ("rasa", True, False),
    ]


def test_a_server_without_pgvector_gets_its_roles_all_the_same(server: URL) -> None:
    if server_programs() == vector_programs():
        pytest.skip("the server that is installed has pgvector")
    run(server, "madoguchi_owner", "madoguchi", "SELECT 1")
    with pytest.raises(ProgrammingError, match="vector"):
        run(server, "madoguchi_app", "madoguchi", "SELECT '[1,2]'::vector")


def test_on_a_server_with_pgvector_the_application_may_search_at_once(tmp_path: Path) -> None:
    programs = vector_programs()
    if programs is None or shutil.which("psql") is None:
        pytest.skip("no PostgreSQL with pgvector is here: requirements/dev.txt has a package of one")
    with run_server(programs) as address:
        server = filled(address, tmp_path)
        run(server, "madoguchi_app", "madoguchi", "SELECT '[1,2]'::vector <#> '[3,4]'::vector")
        with pytest.raises(ProgrammingError, match="vector"):
            run(server, "rasa", "tracker", "SELECT '[1,2]'::vector")


def test_passwords_stand_on_no_command_line() -> None:
    script = (DEPLOY / "postgres" / "roles.sh").read_text("utf-8")

    assert "-v " not in script
    assert "--variable" not in script
