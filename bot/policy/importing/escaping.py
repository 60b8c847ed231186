"""Text of a source written so that a Markdown reader gives back exactly its characters.

White space is folded to single spaces, since the alignment with the source is free in it. Everything else that the
reader would take for markup is escaped, and nothing more, so that a person can review what was written.
"""

from __future__ import annotations

import re

# Markup wherever it stands.
_ANYWHERE = re.compile(r"[\\`*_\[\]<>&|~#]")
# Markup at the start of a block: bullets, underlines of headings, definitions, rules, numbers of ordered lists.
_AT_START = re.compile(r"^(?:[-+=:]|\d{1,9}(?=[.)](?:\s|$)))")


def escaped(text: str) -> str:
    """Markdown of this text where no block can begin: in a heading or a cell of a table."""
    return _ANYWHERE.sub(r"\\\g<0>", " ".join(text.split()))


def escaped_line(text: str) -> str:
    """Markdown of this text where a block begins: as a paragraph, an item or a term."""
    safe = escaped(text)
    return _AT_START.sub(lambda found: f"{found[0]}\\" if found[0].isdecimal() else f"\\{found[0]}", safe)
