"""Any Japanese policy as text, HTML, Markdown or PDF into the corpus; `importer` is the door."""

from bot.policy.importing.importer import Imported, import_for_reading, import_policy

__all__ = ["Imported", "import_for_reading", "import_policy"]
