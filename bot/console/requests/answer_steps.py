"""Steps of the answer itself: laid ready by one person, released by another, handed to the post."""

from __future__ import annotations

from bot.console.requests.acting import Acting
from bot.console.requests.writing_steps import store_chosen
from bot.register.decisions import releasing
from bot.register.decisions.models import Delivery
from bot.register.decisions.releasing import ReleaseView
from bot.register.errors import ReleaseIsUnknownError
from bot.register.thread.models import FilePurpose


def prepare(act: Acting) -> None:
    """Lays an answer ready; storing the file and naming how it goes are one step of one person."""
    delivery = act.form.choice("delivery", Delivery)
    has_file = act.form.file is not None or delivery is Delivery.PAGE
    file_id = store_chosen(act, FilePurpose.ANSWER) if has_file else None
    releasing.prepare(act.session, act.id, delivery=delivery, file_id=file_id, actor=act.actor.id, now=act.now)


def release(act: Acting) -> None:
    """Lets it go, as the second person."""
    days = act.console.settings.answer_days
    releasing.release(act.session, _chosen(act).id, actor=act.actor.id, now=act.now, days=days)


def posted(act: Acting) -> None:
    """Notes that it was handed to the post."""
    releasing.note_posted(
        act.session,
        _chosen(act).id,
        act.form["tracking"],
        actor=act.actor.id,
        now=act.now,
        vault=act.console.vault,
    )


def _chosen(act: Acting) -> ReleaseView:
    found = [row for row in releasing.releases_of(act.session, act.id) if row.id == act.form["release"]]
    if not found:
        raise ReleaseIsUnknownError("no such answer of this request")
    return found[0]
