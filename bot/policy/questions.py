"""Cuts a message into the questions it holds."""

from __future__ import annotations

import re

MOST_QUESTIONS = 3
_ENDS = re.compile(r"(?<=[？?。！!\n])")
_TURNS = re.compile(r"[、。,\s](?=(?:あと|それと|それから|ついでに|もう一つ|もうひとつ)[、\s]?)")
_ASKS = re.compile(
    r"[？?]\s*$|(?:か|の|かな|ですかね|かしら|け|っけ|教えて|おしえて|教えろ|知りたい|知りたいです|(?:て|で)(?:ください|下さい)|ほしい|欲しい|お願い|は)"
    r"(?:です|ます|ください|下さい|します|いたします|のですが|んですが|んだけど)?[。！!\s]*$"
)
_FRAGMENT = 7


def split_questions(text: str) -> list[str]:
    """The questions of a message in their order, at most three; what asks nothing stays with its neighbour.

    A statement belongs to the question after it (or before it, at the end); a fragment such as 「紙？」 belongs to
    the question before it.
    """
    questions: list[str] = []
    waiting = ""
    for piece in _pieces(text):
        if questions and not waiting and (len(piece.strip()) < _FRAGMENT or len(questions) == MOST_QUESTIONS):
            questions[-1] += piece
        elif _ASKS.search(piece):
            questions.append(waiting + piece)
            waiting = ""
        else:
            waiting += piece
    if waiting and questions:
        questions[-1] += waiting
    elif waiting:
        questions.append(waiting)
    return [question.strip() for question in questions if question.strip()]


def _pieces(text: str) -> list[str]:
    sentences = (piece for piece in _ENDS.split(text) if piece.strip())
    return [part for sentence in sentences for part in _TURNS.split(sentence) if part.strip()]
