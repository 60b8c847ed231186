"""The units for one machine: by systemd's own reading where it is installed, and by what each of them has to say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.deployments import DEPLOY, HARDENING, ROOT, WITH_SECRETS, unit_values, units

FOLDER = DEPLOY / "systemd"
# Out of 10, by `systemd-analyze security`; a service as it comes has 9.6.
MOST_EXPOSED = 1.5

with_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
every_unit = pytest.mark.parametrize("name", units())


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units as docs/deploying.md installs them, for this very tree."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    for unit in (*tmp_path.glob("*.service"), *tmp_path.glob("*.service.d/*.conf")):
        unit.write_text(unit.read_text("utf-8").replace("@ROOT@", str(ROOT)), "utf-8")
    return tmp_path


def analyze(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "SYSTEMD_LOG_LEVEL": "warning"}
    return subprocess.run(
        ["systemd-analyze", *arguments], env=surroundings, capture_output=True, text=True, check=False
    )


@with_systemd
def test_systemd_takes_every_unit_without_a_word(installed: Path) -> None:
    files = [*installed.glob("*.service"), *installed.glob("*.target")]
    told = analyze(installed, "verify", "--man=no", *files)

    assert len(files) == 7
    assert (told.returncode, told.stderr) == (0, "")


@with_systemd
def test_systemd_would_tell_of_a_key_that_it_does_not_know(installed: Path) -> None:
    unit = installed / "madoguchi-web.service"
    unit.write_text(unit.read_text("utf-8") + "NoNewPrivilege=yes\n", "utf-8")

    assert "NoNewPrivilege" in analyze(installed, "verify", "--man=no", unit).stderr


@with_systemd
@every_unit
def test_a_unit_is_little_exposed(installed: Path, name: str) -> None:
    told = analyze(installed, "security", "--offline=true", "--no-pager", installed / units()[name].name)
    exposure = re.search(r"exposure level for \S+: (\d+\.\d)", told.stdout)

    assert exposure, told.stderr
    assert float(exposure[1]) <= MOST_EXPOSED


@every_unit
def test_the_drop_in_holds_for_every_unit(name: str) -> None:
    assert units()[name].name.startswith(HARDENING.parent.name.removesuffix(".service.d"))


def test_the_drop_in_takes_away_what_nobody_needs() -> None:
    hardening = unit_values(HARDENING)

    assert hardening["ProtectSystem"] == ["strict"]
    assert hardening["CapabilityBoundingSet"] == hardening["AmbientCapabilities"] == [""]
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces"):
        assert hardening[name] == ["yes"]


@every_unit
def test_rasa_and_the_actions_have_no_way_off_the_machine(name: str) -> None:
    unit = unit_values(units()[name])
    is_shut_in = unit.get("IPAddressDeny") == ["any"] and unit.get("IPAddressAllow") == ["localhost"]

    assert is_shut_in == (name in {"rasa", "actions", "migrate"})


def test_rasa_is_another_user_and_reads_none_of_the_settings() -> None:
    users = {name: unit_values(path)["User"] for name, path in units().items()}
    files = {name: unit_values(path).get("EnvironmentFile") for name, path in units().items()}

    assert users.pop("rasa") == ["madoguchi-rasa"]
    assert set(map(tuple, users.values())) == {("madoguchi",)}
    assert files.pop("rasa") is None
    assert files.pop("migrate") is None
    assert set(map(str, files.values())) == {"['/etc/madoguchi/settings.env']"}


@every_unit
def test_what_dies_is_started_again(name: str) -> None:
    assert unit_values(units()[name])["Restart"] == ["on-failure" if name == "migrate" else "always"]


def test_a_unit_may_write_its_own_folders_alone() -> None:
    folders = {name: unit_values(path).get("StateDirectory", [""])[0].split() for name, path in units().items()}

    assert folders == {
        "migrate": [],
        "rasa": [],
        "actions": ["madoguchi/keys", "madoguchi/actions"],
        "jobs": ["madoguchi/keys", "madoguchi/digests", "madoguchi/jobs", "madoguchi/deletions"],
        **{name: ["madoguchi/keys", f"madoguchi/{name}", "madoguchi/deletions"] for name in ("web", "console")},
    }


@every_unit
def test_what_a_unit_runs_is_in_the_tree(name: str) -> None:
    for line in unit_values(units()[name])["ExecStart"]:
        entry, program, *_ = line.split()
        assert entry == WITH_SECRETS
        assert os.access(ROOT / entry.removeprefix("@ROOT@/"), os.X_OK)
        assert program.startswith(("@ROOT@/.venv/bin/", "@ROOT@/.venv-rasa/bin/"))


def test_the_target_starts_all_of_them() -> None:
    wanted = unit_values(FOLDER / "madoguchi.target")["Wants"][0].split()

    assert set(wanted) == {path.name for path in units().values()}
