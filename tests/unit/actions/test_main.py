from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.pgvector import make_database, url_of

GOOD_KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACTIONS_URL", "http://127.0.0.1"),
        ("INTERNAL_TOKEN", ""),
        ("ENCRYPTION_KEY", "short"),
        ("DEFAULT_POLICY", "nobody/privacy"),
        ("VECTOR_ENGINE", "pgvector"),  # on SQLite
    ],
)
def test_a_wrong_configuration_is_one_line_and_status_2(name: str, value: str) -> None:
    ended = started(**{name: value})
    assert ended.returncode == 2
    assert ended.stderr.startswith("actions: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.postgres
def test_a_database_without_pgvector_is_told_at_the_start(vector_server: str) -> None:
    make_database(vector_server, "unextended", extension=False)
    ended = started(VECTOR_ENGINE="pgvector", DATABASE_URL=url_of(vector_server, "unextended"))
    assert ended.returncode == 2
    assert "CREATE EXTENSION vector" in ended.stderr
    assert ended.stderr.count("\n") == 1


def started(**settings: str) -> subprocess.CompletedProcess[str]:
    """The action server with these settings, once it has ended by itself."""
    good = {"INTERNAL_TOKEN": "secret", "ENCRYPTION_KEY": GOOD_KEY, "HASH_KEY": GOOD_KEY, **settings}
    environment = os.environ | {f"MADOGUCHI_{field}": given for field, given in good.items()}
    return subprocess.run(
        [sys.executable, "-m", "actions"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
