"""Words within a request, and files that came by post or at the counter."""

from __future__ import annotations

from bot.console.frame.forms import FormIsWrongError
from bot.console.requests.acting import Acting, Do
from bot.register.casework import send_interim
from bot.register.thread.files import store_file
from bot.register.thread.messages import ask_member, member_writes, write_note, write_to_member
from bot.register.thread.models import FilePurpose

_HANDED_IN = (FilePurpose.IDENTITY, FilePurpose.EVIDENCE)


def _writing(write: object) -> Do:
    def do(act: Acting) -> None:
        write(act.session, act.id, act.form["text"], actor=act.actor.id, now=act.now, vault=act.console.vault)  # type: ignore[operator]  # all five take words alike

    return do


ask = _writing(ask_member)
message = _writing(write_to_member)
interim = _writing(send_interim)
reply = _writing(member_writes)
note = _writing(write_note)


def attach(act: Acting) -> None:
    """Keeps what a member handed in otherwise; an answer goes its own way, by two people."""
    purpose = act.form.choice("purpose", FilePurpose)
    if purpose not in _HANDED_IN:
        raise FormIsWrongError("選択肢からひとつ選んでください。")
    store_chosen(act, purpose)


def store_chosen(act: Acting, purpose: FilePurpose) -> str:
    """Seals the file that was chosen; gives its id.

    Raises:
        FormIsWrongError: none was chosen.
        FileIsUnusableError: it cannot be taken.
    """
    file = act.form.file
    if file is None:
        raise FormIsWrongError("ファイルを選んでください。")
    return store_file(
        act.session,
        draft_id=act.request.draft_id,
        request_id=act.id,
        purpose=purpose,
        name=file.name,
        media_type=file.media_type,
        content=file.content,
        by=act.actor.id,
        now=act.now,
        vault=act.console.vault,
    )
