"""What every caller does to a text before it is embedded, so that all give the encoder the same bytes."""

from __future__ import annotations

import unicodedata

# How the E5 family is told what a text is (Wang et al., 2022, arXiv:2212.03533).
QUERY_PROMPT = "query: "
DOCUMENT_PROMPT = "passage: "


def fold(text: str) -> str:
    """The form in which a text is embedded and compared: full-width letters, half-width kana and ligatures made one."""
    return unicodedata.normalize("NFKC", text).strip()


def as_question(text: str) -> str:
    """A question, folded, with its prompt."""
    return f"{QUERY_PROMPT}{fold(text)}"


def as_document(text: str) -> str:
    """A sentence of a policy, folded, with its prompt."""
    return f"{DOCUMENT_PROMPT}{fold(text)}"
