"""Every call that `web` answers, in words: a test compares this table with the routes that are registered."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels.line.webhook import PATH as LINE
from bot.channels.slack.webhook import PATHS as SLACK
from bot.channels.timeline.case import PATH as CASE
from bot.channels.timeline.visit import PATH as DOOR
from bot.channels.website import embed, widget

JSON = "application/json"
PROBLEM = "application/problem+json"
FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data"
PAGE = "text/html"
TEXT = "text/plain"

_POLICY = "/policy/{controller:[a-z0-9-]+}/{policy:[a-z0-9-]+}/{version:[A-Za-z0-9_-]+}"
_REQUEST = "/request/{token:[A-Za-z0-9_-]{1,128}}"

CHAT = "chat"
PAGES = "pages"
REQUESTS = "requests"
WEBHOOKS = "webhooks"
HEALTH = "health"


@dataclass(frozen=True)
class Answer:
    """One way a call ends; `shape` names a schema, and without one the content is text, bytes or nothing."""

    status: int
    means: str
    media_type: str = ""
    shape: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One method and path, as aiohttp writes the path.

    Attributes:
        body: what may be sent, by its media type: the name of a schema.
        session: which cookie or signature it needs: the names of security schemes, all at once.
    """

    method: str
    path: str
    tag: str
    summary: str
    answers: tuple[Answer, ...]
    body: tuple[tuple[str, str], ...] = ()
    session: tuple[str, ...] = ()


def _problems(*statuses: int) -> tuple[Answer, ...]:
    return tuple(Answer(status, _PROBLEMS[status], PROBLEM, "Problem") for status in statuses)


_PROBLEMS = {
    400: "The body is not what this call takes.",
    401: "There is no session; begin a conversation.",
    403: "Another site's page asked for it.",
    404: "There is no such thing, or it is kept no more.",
    409: "The same id came before with another body.",
    410: "The conversation was deleted meanwhile.",
    413: "More than 64 KB.",
    415: "The body is no JSON.",
    422: "The text is empty or too long, or the choice was not shown in this conversation.",
    429: "Too many in this time; `Retry-After` says how long to wait.",
    503: "Not now; `Retry-After` says when.",
}

_CHANGES = (403, 413, 415, 429, 503)
_A_PAGE = Answer(200, "The page.", PAGE)
_NO_SUCH_PAGE = Answer(404, "There is no such page.", PAGE)
_FORM_AGAIN = Answer(422, "The form again, with what has to be put right.", PAGE)
_NOT_OURS = Answer(403, "Another site's page sent it.", TEXT)
_NO_FORM = Answer(400, "It is no form of ours.", TEXT)
_NOWHERE = Answer(404, "There is no such address.", TEXT)
_LATER = (Answer(429, _PROBLEMS[429], PROBLEM, "Problem"), Answer(503, _PROBLEMS[503], PROBLEM, "Problem"))
_OVER = Answer(403, "The visit is over, and the page says how to open it again; or another site's page sent it.", PAGE)
_STORED = Answer(200, "Every event is stored.")
_UNREADABLE = Answer(400, "No JSON of one meaning, or not the platform's shape.", TEXT)
_UNSIGNED = Answer(401, "The signature is missing or wrong.", TEXT)
_TOO_LARGE = Answer(413, "More than the limit of this door.", TEXT)

CALLS: tuple[Call, ...] = (
    Call(
        method="POST",
        path="/api/conversations",
        tag=CHAT,
        summary="Begins a conversation: sets the session's cookie and gives the notice.",
        body=((JSON, "Nothing"),),
        answers=(Answer(201, "It has begun.", JSON, "Begun"), *_problems(*_CHANGES)),
    ),
    Call(
        method="POST",
        path="/api/messages",
        tag=CHAT,
        summary="Says something or presses a choice; the same id again gives the same answer and does nothing twice.",
        body=((JSON, "Posted"),),
        session=("chat",),
        answers=(Answer(200, "The answer.", JSON, "Messages"), *_problems(400, 401, 409, 410, 422, *_CHANGES)),
    ),
    Call(
        method="GET",
        path="/api/messages",
        tag=CHAT,
        summary="Everything that was said in this session.",
        session=("chat",),
        answers=(Answer(200, "In order.", JSON, "Messages"), *_problems(401, 503)),
    ),
    Call(
        method="DELETE",
        path="/api/conversations/current",
        tag=CHAT,
        summary="Deletes what was said, here and in Rasa; filed requests stay.",
        session=("chat",),
        answers=(Answer(200, "What was deleted and what stays.", JSON, "Messages"), *_problems(401, *_CHANGES)),
    ),
    Call(
        method="POST",
        path="/api/messages/{message:[A-Za-z0-9_-]{1,64}}/feedback",
        tag=CHAT,
        summary="Calls an answer helpful or not; a later verdict replaces an earlier one.",
        body=((JSON, "Verdict"),),
        session=("chat",),
        answers=(Answer(204, "Noted."), *_problems(400, 401, 404, *_CHANGES)),
    ),
    Call(
        method="GET",
        path="/healthz",
        tag=HEALTH,
        summary="Whether this process is alive.",
        answers=(Answer(200, "It is.", JSON, "Alive"),),
    ),
    Call(
        method="GET",
        path="/readyz",
        tag=HEALTH,
        summary="Whether the product can answer now.",
        answers=(Answer(200, "It can.", JSON, "Ready"), Answer(503, "It cannot; see `checks`.", JSON, "Ready")),
    ),
    Call(
        method="GET",
        path="/metrics",
        tag=HEALTH,
        summary="Counters for Prometheus; for the network inside only.",
        answers=(Answer(200, "Text of Prometheus.", TEXT),),
    ),
    Call(
        method="GET",
        path="/openapi.json",
        tag=HEALTH,
        summary="This document.",
        answers=(Answer(200, "OpenAPI 3.1.", JSON),),
    ),
    Call(method="GET", path="/", tag=PAGES, summary="The chat as a page.", answers=(_A_PAGE,)),
    Call(
        method="GET", path=widget.PATH, tag=PAGES, summary="The chat for a frame on another site.", answers=(_A_PAGE,)
    ),
    Call(
        method="GET",
        path=embed.path(),
        tag=PAGES,
        summary="The script that puts the chat's button on another site's page.",
        answers=(Answer(200, "The script.", "text/javascript"),),
    ),
    Call(
        method="GET",
        path="/static/{name}",
        tag=PAGES,
        summary="Stylesheets, scripts and the icon of our pages.",
        answers=(Answer(200, "The file.", "text/*"), Answer(404, "There is no such file.", TEXT)),
    ),
    Call(
        method="GET",
        path=_POLICY + ".txt",
        tag=PAGES,
        summary="The policy as it was obtained; citations count code points in it.",
        answers=(Answer(200, "The source text.", TEXT), _NO_SUCH_PAGE, _NOWHERE),
    ),
    Call(
        method="GET",
        path=_POLICY,
        tag=PAGES,
        summary="The policy to read, with an anchor for every section; `mark` shows where quotes stand.",
        answers=(_A_PAGE, _NO_SUCH_PAGE, _NOWHERE),
    ),
    Call(
        method="GET",
        path=DOOR,
        tag=REQUESTS,
        summary="The door of a request's page: asks for its number.",
        answers=(_A_PAGE,),
    ),
    Call(
        method="POST",
        path=DOOR,
        tag=REQUESTS,
        summary="Sends a code, or takes one; the words are the same whatever number is entered.",
        body=((FORM, "Form"),),
        answers=(
            _A_PAGE,
            Answer(303, "The code was right: leads to the request's page."),
            _NO_FORM,
            _NOT_OURS,
            _TOO_LARGE,
            _FORM_AGAIN,
            *_LATER,
        ),
    ),
    Call(
        method="GET",
        path=CASE,
        tag=REQUESTS,
        summary="How far each request has come, with its messages and files.",
        session=("visit",),
        answers=(_A_PAGE, _OVER, *_LATER),
    ),
    Call(
        method="POST",
        path=CASE,
        tag=REQUESTS,
        summary="Writes to the desk, withdraws, goes to the details, or ends the visit: `step` says which.",
        body=((FORM, "Form"),),
        session=("visit",),
        answers=(
            _A_PAGE,
            Answer(303, "Done: leads to the page as it is now."),
            Answer(400, "There is no such step, or it is no form.", TEXT),
            _OVER,
            _NOT_OURS,
            Answer(404, "There is no such request in this visit.", TEXT),
            Answer(409, "The request has gone on meanwhile; the page as it is now.", PAGE),
            _TOO_LARGE,
            _FORM_AGAIN,
            *_LATER,
        ),
    ),
    Call(
        method="POST",
        path=f"{CASE}/file",
        tag=REQUESTS,
        summary="Hands in a file.",
        body=((UPLOAD, "File"),),
        session=("visit",),
        answers=(
            Answer(303, "Taken: leads to the page as it is now."),
            _NO_FORM,
            _OVER,
            _NOT_OURS,
            Answer(404, "There is no such request in this visit.", TEXT),
            Answer(409, "The request takes no files any more; the page as it is now.", PAGE),
            _TOO_LARGE,
            Answer(415, "It is no form with a file.", TEXT),
            _FORM_AGAIN,
            *_LATER,
        ),
    ),
    Call(
        method="POST",
        path=f"{CASE}/answer",
        tag=REQUESTS,
        summary="Sends a code for an answer, or takes it and hands the answer over.",
        body=((FORM, "Form"),),
        session=("visit",),
        answers=(
            _A_PAGE,
            _NO_FORM,
            _OVER,
            _NOT_OURS,
            Answer(404, "There is no such answer in this visit.", TEXT),
            _TOO_LARGE,
            _FORM_AGAIN,
            *_LATER,
        ),
    ),
    Call(
        method="GET",
        path=f"{CASE}/receipt",
        tag=REQUESTS,
        summary="The receipt to print.",
        session=("visit",),
        answers=(Answer(200, "The receipt.", "application/pdf"), _OVER, *_LATER),
    ),
    Call(
        method="GET",
        path=_REQUEST,
        tag=REQUESTS,
        summary="A button and nothing else, whatever the token: previews and mail scanners open links too.",
        answers=(_A_PAGE, _NOWHERE),
    ),
    Call(
        method="POST",
        path=_REQUEST,
        tag=REQUESTS,
        summary="Opens the form of a filed request, or does what its button says: `step` names it.",
        body=((FORM, "Form"), (UPLOAD, "Form")),
        answers=(
            _A_PAGE,
            _NO_FORM,
            _NOT_OURS,
            _NO_SUCH_PAGE,
            _NOWHERE,
            Answer(410, "The page is closed; it says how to go on.", PAGE),
            Answer(413, "More than a form with all its files may be.", PAGE),
            _FORM_AGAIN,
            *_LATER,
        ),
    ),
    Call(
        method="POST",
        path=LINE,
        tag=WEBHOOKS,
        summary="LINE's events; registered while the channel has a secret.",
        body=((JSON, "LineWebhook"),),
        session=("line",),
        answers=(_STORED, _UNREADABLE, _UNSIGNED, _TOO_LARGE, *_LATER),
    ),
    *(
        Call(
            method="POST",
            path=path,
            tag=WEBHOOKS,
            summary=f"Slack's {what}; registered while the channel has a secret.",
            body=((media_type, shape),),
            session=("slack", "slack_moment"),
            answers=(
                _STORED,
                _UNREADABLE,
                _UNSIGNED,
                Answer(404, "Nothing here takes this sort of request.", JSON),
                _TOO_LARGE,
                *_LATER,
            ),
        )
        for path, what, media_type, shape in (
            (SLACK[0], "events", JSON, "SlackEvents"),
            (SLACK[1], "presses of buttons", FORM, "SlackInteraction"),
        )
    ),
)
