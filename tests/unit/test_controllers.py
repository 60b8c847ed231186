"""The file of a further controller: what it may say, what it need not, and what keeps a process from starting."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.controllers import (
    OF_A_CONTROLLER,
    ControllerIsUnknownError,
    ControllersAreWrongError,
    host_of,
    of_name,
    read_controllers,
)
from bot.setting_groups.limits import LimitSettings
from bot.setting_groups.storage import StorageSettings
from bot.settings import Settings

WHOLE = """
MADOGUCHI_DEFAULT_POLICY=kogane/privacy
MADOGUCHI_PUBLIC_URL=http://kogane.localhost:8080
MADOGUCHI_CONSOLE_URL=http://kogane.localhost:8081
"""

Write = Callable[..., Settings]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def make(**files: str) -> Settings:
        for name, text in files.items():
            (tmp_path / f"{name}.env").write_text(text, "utf-8")
        return Settings(
            _env_file=None,
            controllers_dir=tmp_path,
            data_dir=Path("var"),
            database_url="sqlite:///one.db",
            line_channel_secret=SecretStr("first's"),
            mail_from="first@example.jp",
            retention_days=7,
            code_minutes=5,
        )

    return make


def test_without_a_folder_there_is_the_first_alone() -> None:
    first = Settings(_env_file=None)
    assert read_controllers(first) == (first,)


def test_an_empty_folder_is_the_first_alone(write: Write) -> None:
    assert [each.controller for each in read_controllers(write())] == ["eparkrelax"]


def test_a_file_says_what_is_its_own_and_takes_the_rest_from_the_installation(write: Write) -> None:
    first, second = read_controllers(write(kogane=WHOLE + "MADOGUCHI_MAIL_FROM=kogane@example.jp\n"))
    assert (first.controller, second.controller) == ("eparkrelax", "kogane")
    assert (first.is_first, second.is_first) == (True, False)
    assert second.database_url == "sqlite:///one.db"
    assert second.mail_from == "kogane@example.jp"


def test_what_a_file_leaves_out_is_never_the_first_ones(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    # Neither what the first one was given nor what stands in the environment.
    monkeypatch.setenv("MADOGUCHI_STAFF_MAIL", "first-desk@example.jp")
    monkeypatch.setenv("MADOGUCHI_LINE_ACCESS_TOKEN", "first's")
    _, second = read_controllers(write(kogane=WHOLE))
    assert second.line_channel_secret.get_secret_value() == ""
    assert second.line_access_token.get_secret_value() == ""
    assert (second.mail_from, second.staff_mail) == ("", "")
    default = Settings.model_fields
    assert second.retention_days == default["retention_days"].default != 7
    assert second.code_minutes == default["code_minutes"].default != 5
    assert second.mode == "trial"


def test_each_says_for_itself_whom_a_member_may_ask_together_with_it(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADOGUCHI_SISTER_CONTROLLERS", '{"kogane": "株式会社こがねベーカリー"}')
    akane = WHOLE.replace("kogane", "akane")
    own = 'MADOGUCHI_SISTER_CONTROLLERS={"eparkrelax": "見本株式会社", "akane": "株式会社あかね"}\n'
    first, second, third = read_controllers(write(kogane=WHOLE + own, akane=akane))
    assert first.sister_controllers == {"kogane": "株式会社こがねベーカリー"}
    assert third.controller == "kogane"
    assert third.sister_controllers == {"eparkrelax": "見本株式会社", "akane": "株式会社あかね"}
    assert second.sister_controllers == {}


def test_nobody_is_offered_a_company_that_is_not_served(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its requests would have numbers and clocks, and no staff who see them."""
    sisters = '{"kogane": "株式会社こがねベーカリー", "akane": "株式会社あかね"}'
    monkeypatch.setenv("MADOGUCHI_SISTER_CONTROLLERS", sisters)
    with pytest.raises(ControllersAreWrongError, match="the environment: MADOGUCHI_SISTER_CONTROLLERS: 'akane' is not"):
        read_controllers(write(kogane=WHOLE))


def test_files_that_the_console_keeps_lie_apart(write: Write) -> None:
    first, second = read_controllers(write(kogane=WHOLE))
    assert second.data_dir == first.data_dir / "beside" / "kogane"


def test_they_come_in_the_order_of_their_names_and_other_files_are_left_alone(write: Write, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("whose file is whose", "utf-8")
    (tmp_path / "..data.env").write_text("nonsense", "utf-8")
    both = write(kogane=WHOLE, akane=WHOLE.replace("kogane", "akane"))
    assert [each.controller for each in read_controllers(both)] == ["eparkrelax", "akane", "kogane"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (WHOLE + "MADOGUCHI_COLOUR=red\n", "MADOGUCHI_COLOUR: there is no such setting"),
        (WHOLE + "PATH=/bin\n", "PATH: there is no such setting"),
        (WHOLE + "MADOGUCHI_DATABASE_URL=sqlite:///two.db\n", "MADOGUCHI_DATABASE_URL: is the installation's"),
        (WHOLE + "MADOGUCHI_ENCRYPTION_KEY=secret-value\n", "MADOGUCHI_ENCRYPTION_KEY: is the installation's"),
        (WHOLE + "MADOGUCHI_WEB_PORT=9090\n", "MADOGUCHI_WEB_PORT: is the installation's"),
        (WHOLE + "MADOGUCHI_STAFF_MAIL\n", "MADOGUCHI_STAFF_MAIL: has no value"),
        (WHOLE + "MADOGUCHI_CODE_MINUTES=60\n", "MADOGUCHI_CODE_MINUTES: Input should be less than or equal to 10"),
        (WHOLE + "MADOGUCHI_EMBED_ORIGINS=http://shop.example\n", "MADOGUCHI_EMBED_ORIGINS: Value error, no exact"),
        (WHOLE.replace("http://kogane.localhost:8081", "http://kogane.example"), "MADOGUCHI_CONSOLE_URL: Value error"),
        (WHOLE + "MADOGUCHI_SISTER_CONTROLLERS=見本\n", "MADOGUCHI_SISTER_CONTROLLERS: Value error, is no JSON"),
        (
            WHOLE + 'MADOGUCHI_SISTER_CONTROLLERS=["eparkrelax"]\n',
            "MADOGUCHI_SISTER_CONTROLLERS: Input should be a valid dictionary",
        ),
        (
            WHOLE + 'MADOGUCHI_SISTER_CONTROLLERS={"akane": "株式会社あかね"}\n',
            "MADOGUCHI_SISTER_CONTROLLERS: 'akane' is not served here",
        ),
        ("", "MADOGUCHI_DEFAULT_POLICY, MADOGUCHI_PUBLIC_URL, MADOGUCHI_CONSOLE_URL has to be set"),
        (WHOLE.replace("kogane/privacy", "akane/privacy"), "so the file has to be akane.env"),
        (WHOLE.replace("kogane/privacy", "Kogane"), "MADOGUCHI_DEFAULT_POLICY: String should match"),
        (
            WHOLE.replace("kogane.localhost:8080", "127.0.0.1:9"),
            "MADOGUCHI_PUBLIC_URL: 127.0.0.1 is the host of the environment already",
        ),
        (
            WHOLE.replace("kogane.localhost:8081", "127.0.0.1:9"),
            "MADOGUCHI_CONSOLE_URL: 127.0.0.1 is the host of the environment already",
        ),
        (WHOLE.replace("http://kogane.localhost:8080", "kogane"), "MADOGUCHI_PUBLIC_URL: 'kogane' names no host"),
        (WHOLE.replace("http://kogane.localhost:8080", "http://ko_gane"), "names no host"),
    ],
)
def test_what_cannot_be_used_is_told_by_file_and_variable(write: Write, tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ControllersAreWrongError) as refusal:
        read_controllers(write(kogane=text))
    assert str(refusal.value).startswith(f"{tmp_path / 'kogane.env'}: ")
    assert told in str(refusal.value)
    assert "secret-value" not in str(refusal.value)


def test_a_secret_that_cannot_be_used_is_not_repeated(write: Write) -> None:
    with pytest.raises(ControllersAreWrongError) as refusal:
        read_controllers(write(kogane=WHOLE + "MADOGUCHI_MODE=secret-value\n"))
    assert "MADOGUCHI_MODE" in str(refusal.value)
    assert "secret-value" not in str(refusal.value)


def test_the_first_controller_has_no_file(write: Write) -> None:
    text = WHOLE.replace("kogane/privacy", "eparkrelax/privacy")
    with pytest.raises(ControllersAreWrongError, match="eparkrelax is the first controller"):
        read_controllers(write(eparkrelax=text))


def test_two_further_ones_at_one_host_are_told_by_both_files(write: Write) -> None:
    akane = WHOLE.replace("kogane/privacy", "akane/privacy")
    with pytest.raises(ControllersAreWrongError, match=re.escape("kogane.localhost is the host of ")) as refusal:
        read_controllers(write(kogane=WHOLE, akane=akane))
    assert "akane.env" in str(refusal.value)
    assert "kogane.env: MADOGUCHI_PUBLIC_URL" in str(refusal.value)


def test_a_folder_that_is_not_there_is_told_of() -> None:
    first = Settings(_env_file=None, controllers_dir=Path("/nowhere/controllers"))
    with pytest.raises(ControllersAreWrongError, match="MADOGUCHI_CONTROLLERS_DIR: /nowhere/controllers: No such file"):
        read_controllers(first)


def test_a_file_that_is_no_utf_8_is_told_of(write: Write, tmp_path: Path) -> None:
    first = write()
    (tmp_path / "kogane.env").write_bytes(b"MADOGUCHI_MAIL_FROM=\xff\n")
    with pytest.raises(ControllersAreWrongError, match="cannot be read"):
        read_controllers(first)


def test_a_name_finds_its_controller_and_no_other(write: Write) -> None:
    served = read_controllers(write(kogane=WHOLE))
    assert of_name(served, "").controller == "eparkrelax"
    assert of_name(served, "eparkrelax").controller == "eparkrelax"
    assert of_name(served, "kogane").controller == "kogane"
    with pytest.raises(ControllerIsUnknownError, match=r"'akane'.*there is eparkrelax, kogane"):
        of_name(served, "akane")


def test_the_installations_settings_are_no_controllers() -> None:
    """What protects the process or is stored for all must not be set by one of them."""
    assert Settings.model_fields.keys() >= OF_A_CONTROLLER
    assert not OF_A_CONTROLLER & {*StorageSettings.model_fields, *LimitSettings.model_fields}
    ports = {name for name in Settings.model_fields if name.endswith(("_port", "_host"))}
    assert not OF_A_CONTROLLER & {*ports, "rasa_url", "actions_url", "internal_token", "demo", "corpus_dir"}


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Privacy.Example.JP/", "privacy.example.jp"),
        ("http://kogane.localhost:8080", "kogane.localhost"),
        ("http://a.example.:80/x", "a.example"),
        ("kogane", ""),
    ],
)
def test_a_host_is_small_letters_without_a_port(url: str, host: str) -> None:
    assert host_of(url) == host
