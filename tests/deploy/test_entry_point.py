"""Secrets become variables of one process; a health check asks one address."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.secret_split import OURS
from tests.support.deployments import DEPLOY, compose, unit_values, units

WITH_SECRETS = DEPLOY / "images" / "with-secrets.sh"
ALIVE = DEPLOY / "images" / "alive.py"
NEW_SECRETS = DEPLOY / "new-secrets.sh"


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    surroundings = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)


class TestWithSecrets:
    @pytest.mark.parametrize("value", ["plain", "a'b\"c $HOME `id` \\ #", "postgresql://a:b@c/d?x=1&y=2", ""])
    def test_each_file_becomes_the_variable_of_its_name(self, tmp_path: Path, value: str) -> None:
        (tmp_path / "MADOGUCHI_HASH_KEY").write_text(value + "\n", "utf-8")

        told = run(WITH_SECRETS, "printenv", "MADOGUCHI_HASH_KEY", CREDENTIALS_DIRECTORY=str(tmp_path))

        assert told.stdout == value + "\n"

    def test_what_is_no_setting_stays_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "owner-password").write_text("hush", "utf-8")

        assert "hush" not in run(WITH_SECRETS, "env", CREDENTIALS_DIRECTORY=str(tmp_path)).stdout

    def test_without_files_the_environment_stays_as_it_is(self, tmp_path: Path) -> None:
        told = run(WITH_SECRETS, "printenv", "MADOGUCHI_X", CREDENTIALS_DIRECTORY=str(tmp_path), MADOGUCHI_X="kept")

        assert told.stdout == "kept\n"

    def test_a_file_that_cannot_be_read_starts_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "MADOGUCHI_HASH_KEY").symlink_to("/proc/self/mem")

        told = run(WITH_SECRETS, "echo", "started", CREDENTIALS_DIRECTORY=str(tmp_path))

        assert told.returncode != 0
        assert "started" not in told.stdout

    def test_the_process_takes_the_place_of_the_entry_point(self, tmp_path: Path) -> None:
        told = run(WITH_SECRETS, "sh", "-c", "exit 7", CREDENTIALS_DIRECTORY=str(tmp_path))

        assert told.returncode == 7


class TestAlive:
    @pytest.fixture
    def address(self) -> Iterator[str]:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_right = self.path == "/open" or self.headers["Authorization"] == "Bearer hush"
                self.send_response(200 if is_right else 401)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Answer) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_address[1]}"
            server.shutdown()

    def test_whoever_answers_is_well(self, address: str) -> None:
        assert run(sys.executable, ALIVE, address + "/open").returncode == 0

    def test_rasa_is_asked_with_the_token(self, address: str) -> None:
        assert run(sys.executable, ALIVE, address + "/ready", MADOGUCHI_INTERNAL_TOKEN="hush").returncode == 0
        assert run(sys.executable, ALIVE, address + "/ready", MADOGUCHI_INTERNAL_TOKEN="other").returncode == 1

    def test_whoever_does_not_answer_is_not(self) -> None:
        told = run(sys.executable, ALIVE, "http://127.0.0.1:9/")

        assert told.returncode == 1
        assert told.stderr.startswith("http://127.0.0.1:9/: ")


class TestNewSecrets:
    def test_every_file_that_a_deployment_names_is_made(self, tmp_path: Path) -> None:
        folder = tmp_path / "secrets"
        run(NEW_SECRETS, folder)
        of_compose = {Path(one["file"]).name for one in compose()["secrets"].values()}
        of_units = {
            Path(line.partition(":")[2]).name
            for path in units().values()
            for line in unit_values(path)["LoadCredential"]
        }

        assert {path.name for path in folder.iterdir() if path.is_file()} == of_compose
        assert of_units <= of_compose

    def test_every_folder_that_compose_shows_a_process_is_made(self, tmp_path: Path) -> None:
        folder = tmp_path / "secrets"
        run(NEW_SECRETS, folder)
        volumes = [one for service in compose()["services"].values() for one in service.get("volumes", ())]
        shown = {one.split(":")[0] for one in volumes if one.startswith("./secrets/")}

        assert len(shown) == len(OURS)
        for place in shown:
            made = folder / place.removeprefix("./secrets/")
            assert made.stat().st_mode & 0o777 == 0o755
            assert made.parent.stat().st_mode & 0o777 == 0o700

    def test_what_is_there_is_never_replaced(self, tmp_path: Path) -> None:
        run(NEW_SECRETS, tmp_path / "secrets")
        before = contents(tmp_path / "secrets")
        run(NEW_SECRETS, tmp_path / "secrets", "elsewhere")

        assert contents(tmp_path / "secrets") == before

    def test_the_folder_is_closed_and_no_two_secrets_are_alike(self, tmp_path: Path) -> None:
        folder = tmp_path / "secrets"
        run(NEW_SECRETS, folder, "db.internal")
        values = [value for value in contents(folder).values() if value]

        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(set(values)) == len(values)
        assert contents(folder)["MADOGUCHI_TRACKER_URL"].endswith("@db.internal/tracker")

    def test_a_folder_has_to_be_named(self) -> None:
        assert run(NEW_SECRETS).returncode != 0


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.is_file()}
