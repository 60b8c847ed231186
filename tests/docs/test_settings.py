from pathlib import Path

from bot.launch.settings_table import settings_page
from bot.settings import Settings


def test_the_settings_page_tells_what_the_settings_are() -> None:
    assert Path("docs/settings.md").read_text("utf-8") == settings_page()


def test_every_setting_says_what_it_does() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
