"""The images' files are enough: every process starts from them alone, read-only, as nobody, without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from bot.commands.controllers import split
from tests.support.deployments import (
    COMPANIES,
    DEPLOY,
    IMAGES,
    ROOT,
    compose,
    copies,
    final_stage,
    image_variables,
    instructions,
    of_compose,
)
from tests.support.postgres import as_superuser, run_server, server_programs
from tests.support.rehearsal import Part, Plan
from tests.support.turns import one_at_a_time
from tests.support.two_controllers import SECOND, SECOND_HOST, corpus_of_both, write_second

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

ENVIRONMENTS = {"app": ROOT / ".venv", "rasa": ROOT / ".venv-rasa"}
DATA = "/var/lib/madoguchi/data"
VOLUMES = {DATA, "/var/lib/madoguchi/keys", "/var/lib/madoguchi/digests", "/var/lib/madoguchi/deletions"}
QUESTIONS = {
    "127.0.0.1:8080": "個人情報は何に使われますか",
    f"{SECOND_HOST}:8080": "商品の配送はどこに委託していますか",
}
READY = {
    "actions": "http://127.0.0.1:5055/ready",
    "web": "http://127.0.0.1:8080/readyz",
    "console": "http://127.0.0.1:8081/healthz",
}


def test_the_product_answers_from_what_the_images_hold(tmp_path: Path) -> None:
    require_what_it_takes()
    tmp_path.chmod(0o755)
    for image in ENVIRONMENTS:
        lay_image(image, tmp_path / image)
    secrets = tmp_path / "secrets"
    subprocess.run([DEPLOY / "new-secrets.sh", secrets], check=True)
    add_a_company(tmp_path)
    programs = server_programs()
    assert programs
    with run_server(programs) as address, one_at_a_time("index"):
        socket = str(make_url(address).query["host"])
        prepare_database(socket, secrets, str(make_url(as_superuser(address)).username))
        plan(tmp_path, socket).write(tmp_path / "plan.json")
        told = rehearse(tmp_path)

    sys.stdout.write(f"\nmost memory, MB: {told['memory']}\n")
    first, second = (told["said"][host] for host in QUESTIONS)
    assert first["kind"] == second["kind"] == "answer"
    assert first["citations"][0]["section"].startswith("2-1")
    assert {citation["policy"] for citation in second["citations"]} == {f"{SECOND}/privacy"}
    limits = {name: compose()["services"][name]["deploy"]["resources"]["limits"]["memory"] for name in told["memory"]}
    assert {name: mb for name, mb in told["memory"].items() if mb > 1024 * int(limits[name][0])} == {}


def require_what_it_takes() -> None:
    if not os.environ.get("MADOGUCHI_PROOF_REHEARSAL"):
        pytest.skip("trains and starts everything once more: `make prove-deploying` does")
    programs = ("unshare", "setpriv", "chroot", "mount", "ip", "psql")
    if os.geteuid() != 0 or not all(map(shutil.which, programs)) or server_programs() is None:
        pytest.skip("namespaces need root, util-linux, iproute2, and PostgreSQL's server")
    if subprocess.run(["unshare", "--mount", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine gives no namespaces")


def lay_image(image: str, app: Path) -> None:
    """Does to a folder what the Dockerfile does to /app, and runs its training."""
    for sources, target in copies(image):
        for source in sources if not target.startswith("/entry") else ():
            place = app / target / ("" if len(sources) == 1 else Path(source).name)
            place.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile
            copy(ROOT / source, place)
    (app / ".venv").mkdir()
    for name, rest in instructions(image):
        if name == "RUN" and "rasa train" in rest:
            step = rest.replace(".venv/bin/", f"{ENVIRONMENTS['rasa']}/bin/")
            surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "RASA_TELEMETRY_ENABLED": "false"}
            subprocess.run(["sh", "-c", step], cwd=app, env=surroundings, check=True, capture_output=True)


def add_a_company(folder: Path) -> None:
    """A second company beside the first, as docs/controllers.md and docs/deploying.md say: in the image, and split."""
    shutil.rmtree(folder / "app" / "policy_corpus")
    corpus_of_both(folder).rename(folder / "app" / "policy_corpus")
    whole = write_second(folder, LINE_CHANNEL_SECRET="hush", OIDC_CLIENT_SECRET="hush")
    split(whole, folder / "secrets" / "controllers")


def prepare_database(socket: str, secrets: Path, superuser: str) -> None:
    surroundings = {**os.environ, "SECRETS": str(secrets), "PGHOST": socket, "POSTGRES_USER": superuser}
    subprocess.run([DEPLOY / "postgres" / "roles.sh"], env=surroundings, check=True)
    # The server of the tests listens on a socket alone, in a folder that is closed to other users.
    Path(socket).chmod(0o755)
    for name, url in {
        "MADOGUCHI_DATABASE_URL": "postgresql+psycopg://madoguchi_app@/madoguchi?host=/run/postgresql",
        "owner-database-url": "postgresql+psycopg://madoguchi_owner@/madoguchi?host=/run/postgresql",
        "MADOGUCHI_TRACKER_URL": "postgresql://rasa@/tracker?host=/run/postgresql",
    }.items():
        (secrets / name).unlink()
        (secrets / name).write_text(url, "utf-8")


def plan(folder: Path, socket: str) -> Plan:
    (folder / "hosts").write_text("127.0.0.1 localhost rasa actions\n", "utf-8")
    parts = {name: part(folder, name, socket) for name in (*of_compose(), "migrate")}
    return Plan(str(folder), {"migrate": parts.pop("migrate")}, parts, READY, QUESTIONS)


def part(folder: Path, name: str, socket: str) -> Part:
    service = compose()["services"][name]
    image = IMAGES[name]
    user = int(dict(final_stage(image))["USER"].split(":")[0])
    binds = system_binds(image, folder, socket) | secret_binds(folder, service)
    binds |= volume_binds(folder, name, service, user)
    environment = image_variables(image) | {"LANG": "C.UTF-8", "PATH": "/app/.venv/bin:/usr/bin:/bin"}
    # This machine's environment knows its own tree by an editable install, as the image's knows /app.
    environment |= {"PYTHONPATH": "/app"} if image == "app" else {}
    environment |= {key: str(value) for key, value in service.get("environment", {}).items()}
    # As settings.env says it, once there are further companies.
    environment |= {"MADOGUCHI_CONTROLLERS_DIR": COMPANIES} if image == "app" else {}
    # A machine that runs other tests beside may be slow.
    environment |= {"MADOGUCHI_RASA_TIMEOUT": "60", "MADOGUCHI_ACTION_DEADLINE": "50"} if image == "app" else {}
    command = service.get("command") or list(of_compose()[name].command)
    writable = [place for place in binds if place.startswith("/var/lib") and not is_read_only(service, place)]
    return Part(["/entry/with-secrets.sh", *command], user, environment, binds, writable)


def system_binds(image: str, folder: Path, socket: str) -> dict[str, str]:
    venv = ENVIRONMENTS[image].resolve()
    python = (venv / "bin" / "python").resolve().parents[1]
    return {
        "/etc/hosts": str(folder / "hosts"),
        "/app": str(folder / image),
        "/app/.venv": str(venv),
        # Scripts of an environment name its place.
        str(venv): str(venv),
        str(python): str(python),
        "/entry": str(DEPLOY / "images"),
        "/run/postgresql": socket,
    }


def secret_binds(folder: Path, service: dict[str, Any]) -> dict[str, str]:
    pairs = [(one, one) if isinstance(one, str) else (one["source"], one["target"]) for one in service["secrets"]]
    return {f"/run/secrets/{target}": str(folder / "secrets" / source) for source, target in pairs}


def volume_binds(folder: Path, name: str, service: dict[str, Any], user: int) -> dict[str, str]:
    binds = {}
    for volume in service.get("volumes", ()):
        source, place = volume.split(":")[:2]
        if place == COMPANIES:
            binds[place] = str(folder / source)
        elif place in VOLUMES:
            path = folder / "volumes" / source
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            binds[place] = str(path)
            seed_index(path, place, name)
            for each in (path, *path.rglob("*")):
                os.chown(each, user, user)
    return binds


def seed_index(path: Path, place: str, name: str) -> None:
    """The index of earlier tests, where there is one: to embed everything anew would take a minute a process."""
    made = Path(os.environ["MADOGUCHI_INDEX_DIR"])
    if place == DATA and name in {"actions", "console"} and made.exists():
        shutil.copytree(made, path / "index", dirs_exist_ok=True)


def is_read_only(service: dict[str, Any], place: str) -> bool:
    return any(volume.endswith(f"{place}:ro") for volume in service["volumes"])


def rehearse(folder: Path) -> dict[str, Any]:
    command = ["unshare", "--mount", "--net", "--", sys.executable, "-m", "tests.support.rehearsal"]
    told = subprocess.run([*command, folder / "plan.json"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-4000:]
    read: dict[str, Any] = json.loads(told.stdout)
    return read
