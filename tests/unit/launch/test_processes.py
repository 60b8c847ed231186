import configparser
from pathlib import Path

from bot.launch.processes import commands, environment, given_up, last_words, log_file, supervisor_configuration
from bot.secret_split import SPLIT, held_by
from bot.settings import Settings


def test_rasa_loses_every_secret_but_the_shared_token() -> None:
    command = commands(Settings(_env_file=None))["rasa"]

    unset = {command[place + 1] for place, argument in enumerate(command) if argument == "-u"}
    assert {"MADOGUCHI_ENCRYPTION_KEY", "MADOGUCHI_HASH_KEY", "MADOGUCHI_SMTP_URL", "MADOGUCHI_DATABASE_URL"} <= unset
    assert "MADOGUCHI_INTERNAL_TOKEN" not in unset


def test_no_process_finds_a_secret_that_is_not_its_own() -> None:
    for process, command in commands(Settings(_env_file=None)).items():
        unset = {command[place + 1] for place, argument in enumerate(command) if argument == "-u"}
        secrets = {f"MADOGUCHI_{name.upper()}" for name in SPLIT}

        assert secrets - unset == {f"MADOGUCHI_{name.upper()}" for name in held_by(process)}


def test_no_secret_stands_on_a_command_line() -> None:
    settings = Settings(_env_file=None, internal_token="hush", encryption_key="hush")
    assert "hush" not in str(commands(settings))


def test_every_process_is_restarted_and_its_log_is_its_own(tmp_path: Path) -> None:
    text = supervisor_configuration({"web": ["python", "-m", "bot.app"], "odd": ["echo", "100%"]}, tmp_path)

    config = configparser.RawConfigParser()
    config.read_string(text)
    assert config["program:web"]["autorestart"] == "true"
    assert config["program:web"]["stdout_logfile"].endswith("web.log")
    assert config["program:odd"]["command"].endswith("100%%")


def test_one_thread_embeds() -> None:
    assert environment(Settings(_env_file=None))["OMP_NUM_THREADS"] == "1"
    assert environment(Settings(_env_file=None))["MALLOC_ARENA_MAX"] == "2"


def test_a_process_that_never_starts_is_named_with_its_last_words(tmp_path: Path) -> None:
    assert given_up(tmp_path) is None
    log_file(tmp_path, "supervisor").parent.mkdir()
    log_file(tmp_path, "supervisor").write_text(
        "2026-11-23 09:53:30,738 INFO gave up: web entered FATAL state, too many start retries too quickly\n"
    )
    log_file(tmp_path, "web").write_text("starting\nmadoguchi: the key is missing\n")

    assert given_up(tmp_path) == "web"
    assert last_words(tmp_path, "web") == "madoguchi: the key is missing"
