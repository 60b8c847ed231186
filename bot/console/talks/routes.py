"""The routes of 会話."""

from __future__ import annotations

from bot.console.frame.routes import Route, get, post
from bot.console.talks import list_page, questions_page, rewording, talk_page
from bot.staff.roles import Right

ROUTES: tuple[Route, ...] = (
    get("/talks", list_page.show, Right.READ_TALKS),
    post("/talks/find", list_page.find, Right.READ_TALKS),
    get("/talks/questions", questions_page.show, Right.READ_TALKS),
    post("/talks/questions/group", questions_page.begin, Right.MARK_TALKS),
    get("/talks/questions/{id}", questions_page.show_group, Right.READ_TALKS),
    post("/talks/questions/{id}/reword", questions_page.reword, Right.MARK_TALKS),
    get("/talks/{id}", talk_page.show, Right.READ_TALKS),
    post("/talks/{id}/reveal", talk_page.reveal, Right.REVEAL_TALKS),
    post("/talks/{id}/review", talk_page.review, Right.MARK_TALKS),
    post("/talks/{id}/reword", rewording.reword, Right.MARK_TALKS),
)
"""Every route of this room."""
