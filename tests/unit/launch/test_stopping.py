"""`make stop` ends what an earlier start left running, whichever it was, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import settings as configuration
from bot.launch import __main__ as launch
from bot.launch import processes


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MADOGUCHI_DATA_DIR", raising=False)
    configuration.load.cache_clear()
    yield tmp_path
    configuration.load.cache_clear()


def left_running(data_dir: Path, *, shows: Path) -> subprocess.Popen[bytes]:
    """Something that was started with the file of a supervisor of this folder."""
    data_dir.mkdir(parents=True, exist_ok=True)
    waits = "import sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", waits, str(shows / "supervisord.conf")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    processes.pid_file(data_dir).write_text(str(process.pid), "utf-8")
    assert process.stdout is not None
    process.stdout.readline()
    return process


@pytest.mark.parametrize("data_dir", [Path("var"), processes.DEMO_DIR])
def test_it_ends_what_make_run_or_make_demo_left(
    tree: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del tree
    with left_running(data_dir, shows=data_dir) as process:
        real = os.kill
        # The child is this process's own: it has to be waited for, or it stays in the table of processes.
        monkeypatch.setattr(os, "kill", lambda pid, number: (real(pid, number), process.wait(30)))
        assert launch.main(["--stop"]) == 0
        assert process.returncode is not None
    assert capsys.readouterr().out == "stopped\n"


def test_a_number_that_belongs_to_a_stranger_by_now_is_left_alone(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with left_running(Path("var"), shows=tree / "elsewhere") as process:
        assert launch.main(["--stop"]) == 0
        assert process.poll() is None
        process.kill()
    assert capsys.readouterr().out == "nothing runs\n"
