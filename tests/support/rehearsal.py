"""Runs the images' processes without Docker: their files, users, secrets and environment, read-only, without a network.

Run as root inside namespaces of its own: `unshare --mount --net -- python -m tests.support.rehearsal PLAN`. Each
process gets a root of its own in which only the image's files, its volumes and this machine's system lie; everything
but the volumes and /tmp is read-only, no capability is left, and no address but loopback exists. What cannot be shown
this way is Debian's base image: the system, the two Pythons and their packages are this machine's.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

SECONDS = 600.0
_SYSTEM = ("/usr", "/etc", "/dev", "/proc", "/sys")
_LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}


@dataclass(frozen=True)
class Part:
    """A process to run.

    Attributes:
        command: what is run, entry point included.
        user: the number of its user and group.
        environment: the whole of it.
        binds: what lies where inside its root, by the place inside; read-only unless it is named in `writable`.
        writable: the places inside that it may write.
    """

    command: list[str]
    user: int
    environment: dict[str, str]
    binds: dict[str, str]
    writable: list[str]


@dataclass(frozen=True)
class Plan:
    """What to run: parts that end first, in order, then those that stay, and addresses that have to answer.

    At the end `web` is asked one question at each of its hosts.
    """

    folder: str
    first: dict[str, Part]
    then: dict[str, Part]
    ready: dict[str, str]
    questions: dict[str, str]

    def write(self, path: Path) -> None:
        """Puts it into a file for the process inside the namespaces."""
        path.write_text(json.dumps(asdict(self)), "utf-8")


def read_plan(path: Path) -> Plan:
    """The other half of `Plan.write`."""
    given = json.loads(path.read_text("utf-8"))
    parts = {key: {name: Part(**part) for name, part in given[key].items()} for key in ("first", "then")}
    return Plan(given["folder"], parts["first"], parts["then"], given["ready"], given["questions"])


def main(path: str) -> int:
    """Runs the plan and prints, as JSON, what the product answered and how much memory each process took."""
    plan = read_plan(Path(path))
    _run("ip", "link", "set", "lo", "up")
    for name, part in plan.first.items():
        with started(plan, name, part) as process:
            assert process.wait(SECONDS) == 0, _log(plan, name).read_text("utf-8")
    with _all_started(plan, dict(plan.then)) as processes:
        for url in plan.ready.values():
            _wait(plan, processes, url)
        web = plan.ready["web"].removesuffix("/readyz")
        said = {host: _talk(web, host, question) for host, question in plan.questions.items()}
        memory = {name: _resident(process.pid) for name, process in processes.items()}
        sys.stdout.write(json.dumps({"said": said, "memory": memory}))
    return 0


@contextmanager
def _all_started(plan: Plan, parts: dict[str, Part]) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    if not parts:
        yield {}
        return
    name, part = parts.popitem()
    with _all_started(plan, parts) as others, started(plan, name, part) as process:
        yield {**others, name: process}


@contextmanager
def started(plan: Plan, name: str, part: Part) -> Iterator[subprocess.Popen[bytes]]:
    """One process in a root of its own, until the block ends."""
    root = Path(plan.folder) / "roots" / name
    _lay(root, part)
    identity = ("setpriv", f"--reuid={part.user}", f"--regid={part.user}", "--clear-groups", "--no-new-privs")
    nothing = ("--bounding-set=-all", "--inh-caps=-all")
    chroot = (str(shutil.which("chroot")), str(root))
    at_home = ("sh", "-c", 'cd /app && exec "$@"', "sh")
    inside = (*chroot, *identity, *nothing, *at_home, *part.command)
    with _log(plan, name).open("wb") as output:
        process = subprocess.Popen(inside, env=part.environment, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def _lay(root: Path, part: Part) -> None:
    root.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(root))
    for link, target in _LINKS.items():
        (root / link).symlink_to(target)
    for place, source in {**{system: system for system in _SYSTEM}, **part.binds}.items():
        _bind(Path(source), root / place.lstrip("/"), is_writable=place in part.writable)
    (root / "tmp").mkdir()
    _run("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(root / "tmp"))
    _run("mount", "-o", "remount,ro", str(root))


def _bind(source: Path, target: Path, *, is_writable: bool) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _run("mount", "--bind", str(source), str(target))
    if not is_writable:
        _run("mount", "-o", "remount,bind,ro", str(target))


def _wait(plan: Plan, processes: Mapping[str, subprocess.Popen[bytes]], url: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not _answers(url):
        for name, process in processes.items():
            assert process.poll() is None, f"{name} ended: {_log(plan, name).read_text('utf-8')[-2000:]}"
        assert time.monotonic() < deadline, f"{url} does not answer"
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _talk(address: str, host: str, question: str) -> dict[str, Any]:
    """One question of a member's, whose answer has to come by way of every process that answers."""
    headers = {"Content-Type": "application/json", "Host": host}
    opening = urllib.request.Request(f"{address}/api/conversations", data=b"{}", headers=headers, method="POST")
    with urllib.request.urlopen(opening, timeout=60) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    body = json.dumps({"id": str(uuid4()), "text": question}).encode()
    asking = urllib.request.Request(f"{address}/api/messages", data=body, headers={**headers, "Cookie": cookie})
    deadline = time.monotonic() + SECONDS
    while True:
        with urllib.request.urlopen(asking, timeout=120) as answer:
            said: dict[str, Any] = json.loads(answer.read())["messages"][0]
        # On a busy machine a turn may take too long; it is tried again, and then the same id gives the answer.
        if said["kind"] != "error" or time.monotonic() > deadline:
            return said
        time.sleep(1)


def _resident(pid: int) -> int:
    """Megabytes of memory that a process holds; with what it shares counted as its own."""
    line = next(one for one in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def _log(plan: Plan, name: str) -> Path:
    return Path(plan.folder) / f"{name}.log"


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
