"""Handing a file of a request out: recorded, as an attachment that no browser opens by itself."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web
from sqlalchemy.orm import Session

from bot.console.frame.guard import actor_of
from bot.console.frame.parts import console_of
from bot.console.requests.access import MayNotError, no_such_request, refuse, require_access
from bot.register.errors import FileIsUnknownError, RequestIsUnknownError
from bot.register.thread.files import StoredContent, files_of, read_file
from bot.staff.trail import About, StaffAction, note

_UNOPENED = "application/octet-stream"


async def download(request: web.Request) -> web.StreamResponse:
    """The file; a post, since it is recorded and takes up what alerted staff to it."""
    console, actor = console_of(request), actor_of(request)
    id_, file_id = request.match_info["id"], request.match_info["file"]
    now = console.clock()

    def read(session: Session) -> StoredContent:
        require_access(session, actor, id_)
        if file_id not in {file.id for file in files_of(session, id_)}:
            raise FileIsUnknownError("no such file of this request")
        found = read_file(session, file_id, actor=actor.id, now=now, vault=console.vault)
        note(session, actor, StaffAction.REQUEST_READ, About("request", id_, fields=["file"]), now=now)
        return found

    try:
        file = await console.write(read)
    except MayNotError as error:
        return await refuse(request, error)
    except (RequestIsUnknownError, FileIsUnknownError):
        return no_such_request(request)
    return attached(file.name.reveal(), file.content)


def attached(name: str, content: bytes) -> web.Response:
    """The response that saves a file (RFC 6266); whatever it says it is, no browser makes a page of this host of it."""
    disposition = f"attachment; filename=\"file\"; filename*=UTF-8''{quote(name, safe='')}"
    return web.Response(body=content, content_type=_UNOPENED, headers={"Content-Disposition": disposition})
