import base64
import stat
from pathlib import Path

import pytest

from bot.launch.local_secrets import ensure_local_secrets


@pytest.fixture(autouse=True)
def _no_secrets_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENCRYPTION_KEY", "HASH_KEY", "DIGEST_KEY", "INTERNAL_TOKEN"):
        monkeypatch.delenv(f"MADOGUCHI_{name}", raising=False)


def test_a_fresh_machine_gets_four_secrets_that_only_the_owner_can_read(tmp_path: Path) -> None:
    file = tmp_path / "var" / "local.env"

    made = ensure_local_secrets(file)

    values = dict(line.split("=", 1) for line in file.read_text().splitlines())
    assert made == list(values)
    assert len(made) == 4
    assert len(base64.b64decode(values["MADOGUCHI_ENCRYPTION_KEY"])) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_existing_key_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "local.env"
    file.write_text("MADOGUCHI_HASH_KEY=kept\n")

    made = ensure_local_secrets(file)

    assert "MADOGUCHI_HASH_KEY" not in made
    assert file.read_text().startswith("MADOGUCHI_HASH_KEY=kept\n")
    assert ensure_local_secrets(file) == []


def test_a_secret_of_the_environment_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADOGUCHI_INTERNAL_TOKEN", "from outside")
    file = tmp_path / "local.env"

    assert "MADOGUCHI_INTERNAL_TOKEN" not in ensure_local_secrets(file)
    assert "INTERNAL_TOKEN" not in file.read_text()
