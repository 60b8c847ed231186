"""What can be known of the images without building them: what they name is there, and nothing else gets in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from docker.utils import exclude_paths

from bot.settings import Settings
from tests.support.deployments import ROOT, compose, copies, final_stage, image_variables, instructions, pod_templates
from tests.support.two_controllers import FIRST, SECOND, corpus_of_both

IMAGES = ("app", "rasa")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
IGNORED = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]

every_image = pytest.mark.parametrize("image", IMAGES)


@pytest.mark.parametrize("image", [*IMAGES, "postgres"])
def test_hadolint_finds_nothing(image: str) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    file = ROOT / "deploy" / "images" / f"{image}.Dockerfile"

    assert subprocess.run([hadolint, file], capture_output=True, text=True, check=False).stdout == ""


@every_image
def test_everything_that_is_copied_is_there_and_reaches_the_builder(image: str) -> None:
    context = sent_to_the_builder(ROOT)
    sources = [source for some, _ in copies(image) for source in some]

    assert len(sources) > 5
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(path == source or path.startswith(source + "/") for path in context), source


def test_nothing_but_what_is_named_reaches_the_builder(tmp_path: Path) -> None:
    wanted = ["bot/app.py", "actions/texts.py", "data/nlu/greet.yml", "requirements/app.txt", "config.yml"]
    unwanted = ["var/local.env", "var/madoguchi.db", "deploy/secrets/MADOGUCHI_HASH_KEY", "deploy/settings.env", ".env"]
    unwanted += ["deploy/controllers/kogane.env", "deploy/secrets/controllers/web/kogane.env"]
    unwanted += [".git/config", ".venv/bin/python", "models/current.tar.gz", "tests/conftest.py", "notes.txt"]
    unwanted += ["bot/.env", "bot/local.env", "data/old.db", "bot/__pycache__/app.pyc", "requirements/app.in"]
    for name in (*wanted, *unwanted):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert {path for path in sent_to_the_builder(tmp_path) if (tmp_path / path).is_file()} == set(wanted)


def sent_to_the_builder(root: Path) -> set[str]:
    """By Docker's own reading of the patterns."""
    return set(exclude_paths(str(root), IGNORED))


@every_image
def test_an_image_begins_with_an_exact_release_of_python(image: str) -> None:
    python = instructions(image)[0][1].removeprefix("PYTHON=")
    bases = [rest for name, rest in instructions(image) if name == "FROM"]
    wanted = (ROOT / ".python-version").read_text("utf-8").split()[IMAGES.index(image)]

    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-bookworm(@sha256:[0-9a-f]{64})?", python)
    assert python.startswith(f"python:{wanted}.")
    assert bases == ["${PYTHON} AS build", "${PYTHON}"]


def test_with_pgvector_the_database_is_the_release_that_it_is_without() -> None:
    whole = instructions("postgres")
    plain = {compose()["services"]["postgres"]["image"], pod_templates()["postgres"]["spec"]["containers"][0]["image"]}

    assert {f"POSTGRES={image}" for image in plain} == {whole[0][1]}
    assert whole[1] == ("FROM", "${POSTGRES}")
    assert any("postgresql-${PG_MAJOR}-pgvector=" in rest for name, rest in whole if name == "RUN")
    assert dict(whole)["USER"] == compose()["services"]["postgres"]["user"]


def test_the_image_backs_up_the_release_of_the_database() -> None:
    major = re.match(r"postgres:(\d+)\.", compose()["services"]["postgres"]["image"])
    steps = [rest for name, rest in final_stage("app") if name == "RUN"]

    assert major
    assert any(f'"postgresql-client-{major[1]}={major[1]}.*"' in step for step in steps)


def test_a_further_companys_policy_reaches_the_image(tmp_path: Path) -> None:
    # As docs/controllers.md has it imported: it lies beside the first one's, and nothing names either.
    corpus = corpus_of_both(tmp_path).rename(tmp_path / "policy_corpus")
    files = {path.relative_to(tmp_path).as_posix() for path in corpus.glob("*/**/*") if path.is_file()}

    assert {path.split("/")[1] for path in files} == {FIRST, SECOND}
    assert files <= sent_to_the_builder(tmp_path)
    assert (["policy_corpus"], "policy_corpus") in list(copies("app"))


def test_what_an_image_installs_is_what_make_installs() -> None:
    wanted = {name: re.search(rf"^{name} := (\S+)$", MAKEFILE, re.MULTILINE) for name in ("UV_VERSION", "TORCH")}
    uv, torch = (found[1] for found in wanted.values() if found)

    for image in IMAGES:
        assert ("RUN", f"pip install uv=={uv}") in instructions(image)
        assert any(f"-r requirements/{image}.txt" in rest for name, rest in instructions(image) if name == "RUN")
    assert ("ARG", f"TORCH={torch}") in instructions("app")


@every_image
def test_an_image_runs_as_somebody_who_owns_none_of_its_code(image: str) -> None:
    user = dict(final_stage(image))["USER"].split(":")
    steps = [rest for name, rest in final_stage(image) if name == "RUN"]
    owned = [rest for name, rest in final_stage(image) if name == "COPY" and "--chown" in rest]

    assert all(int(number) >= 10000 for number in user)
    assert any(f"--uid {user[0]}" in step for step in steps)
    # The console adds cases to these sets, and only there is it its own.
    assert owned == (["--from=build --chown=10001:10001 /app/data/regression /app/data/regression"] * (image == "app"))


def test_users_agree_with_those_of_pods() -> None:
    for name, template in pod_templates().items():
        image = template["spec"]["containers"][0]["image"].removeprefix("madoguchi-")
        if image in IMAGES:
            wanted = int(dict(final_stage(image))["USER"].split(":")[0])
            assert template["spec"]["securityContext"]["runAsUser"] == wanted, name


@every_image
def test_an_image_says_how_it_is(image: str) -> None:
    health = dict(final_stage(image))["HEALTHCHECK"]
    url = Settings.model_fields["rasa_url"].default if image == "rasa" else Settings.model_fields["public_url"].default

    assert f'"{url}' in health
    assert urlsplit(url).hostname == "127.0.0.1"


@every_image
def test_no_layer_keeps_a_cache_or_a_secret(image: str) -> None:
    variables = [rest for name, rest in instructions(image) if name == "ENV"]

    assert "PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1" in variables[0]
    assert not re.search(r"(?i)(token|password|secret_|_key)=", " ".join(rest for _, rest in instructions(image)))


def test_what_is_written_at_run_time_lies_on_volumes_of_their_own() -> None:
    folders = {value for name, value in image_variables("app").items() if name.startswith("MADOGUCHI_")}
    mounted = {volume.split(":")[1] for volume in compose()["services"]["jobs"]["volumes"]}

    assert {folder for folder in folders if not any(folder.startswith(place) for place in mounted)} == set()
