"""Prints `docs/settings.md` from the settings themselves; a test keeps the page and the code equal."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bot.settings import LOCAL_ENV, PREFIX, Settings

_HEAD = f"""# Settings

Made by `python -m bot.launch.settings_table > docs/settings.md`; do not edit by hand.

Every setting is read once, at the start of a process, from the environment. On a developer's machine `make run` writes
the secrets into `{LOCAL_ENV}`, which is read too; the environment wins. In production, set the secrets in the
environment and keep no such file.

| variable | default | what it does |
| --- | --- | --- |
"""


def settings_page() -> str:
    """The whole page as Markdown."""
    return _HEAD + "".join(_row(name, field) for name, field in Settings.model_fields.items())


def _row(name: str, field: FieldInfo) -> str:
    return f"| `{PREFIX}{name.upper()}` | {_shown(field.default)} | {field.description} |\n"


def _shown(default: Any) -> str:  # noqa: ANN401 - a default may be of any type a setting has
    if isinstance(default, SecretStr):
        return f"`{default.get_secret_value()}`" if default.get_secret_value() else "(secret)"
    return f"`{default}`" if str(default) else "(empty)"


if __name__ == "__main__":
    print(settings_page(), end="")  # noqa: T201 - this module's work is to print
