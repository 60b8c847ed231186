"""docs/controllers.md lists what a controller has of its own; tests/product walks through its commands."""

from __future__ import annotations

import re
from pathlib import Path

from bot.commands.chosen import _OF_INSTALLATION
from bot.controllers import OF_A_CONTROLLER, REQUIRED
from bot.settings import PREFIX

PAGE = Path("docs/controllers.md").read_text("utf-8")


def test_the_table_lists_every_setting_that_a_file_may_hold() -> None:
    table = PAGE[PAGE.index("| matter | settings |") : PAGE.index("Each name begins with")]
    assert set(re.findall(r"`([A-Z_]+)`", table)) == {name.upper() for name in OF_A_CONTROLLER}


def test_it_names_what_a_file_has_to_hold() -> None:
    told = PAGE[PAGE.index("These three have to be there") :].partition(".")[0]
    assert set(re.findall(r"`([A-Z_]+)`", told)) == {PREFIX + name.upper() for name in REQUIRED}


def test_it_names_the_commands_that_are_for_no_single_controller() -> None:
    told = PAGE[PAGE.index("`--for` stands before") : PAGE.index("```sh\n.venv/bin/madoguchi --for kogane console")]
    assert all(f"`{name}`" in told for name in _OF_INSTALLATION)
