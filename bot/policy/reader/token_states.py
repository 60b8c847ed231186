"""States of single tokens: what the bundled encoder makes of each piece of a text, at several of its layers.

This module imports torch: import it only where a text is about to be read.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from bot.encoder.encoder import Encoder
from bot.encoder.prompts import as_document, as_question

QUESTION_TOKENS = 64
STATEMENT_TOKENS = 160


class TokenEncoder:
    """Turns texts into token states, a tensor of (layers, tokens, width) for each."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def questions(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """The states of questions; what is longer than `QUESTION_TOKENS` is cut."""
        return [self._states(as_question(text), QUESTION_TOKENS) for text in texts]

    def statements(self, texts: Sequence[str]) -> list[torch.Tensor]:
        """The states of statements of a policy; what is longer than `STATEMENT_TOKENS` is cut."""
        return [self._states(as_document(text), STATEMENT_TOKENS) for text in texts]

    def _states(self, text: str, most: int) -> torch.Tensor:
        return torch.from_numpy(self._encoder.states(text, most=most))
