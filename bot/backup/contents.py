"""What a database holds, in numbers: counted when a backup is made, and again when it is verified or restored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from sqlalchemy import func, inspect, select, table, text
from sqlalchemy.orm import Session

from bot.backup.manifest import Heads, Manifest, NeededKey
from bot.register.digests.heads import compare, heads_now
from bot.register.trail.links import broken_trails
from bot.staff.trail_links import broken_staff_trails
from bot.storage.keyring import BY_PERIOD, header_of, name_of
from bot.storage.sealed_columns import sealed_columns

_TOLD_AT_MOST = 5


def revision_of(session: Session) -> str:
    """The revision of its schema."""
    return str(session.scalar(text("SELECT version_num FROM alembic_version")))


def rows_of(session: Session) -> dict[str, int]:
    """How many rows each table has."""
    names = sorted(inspect(session.connection()).get_table_names())
    return {name: session.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def heads_of(session: Session) -> Heads:
    """The ends of all trails."""
    found = compare((), heads_now(session))
    return Heads(chains=found.chains, events=found.events, sha256=found.sha256)


def needed_keys(session: Session) -> list[NeededKey]:
    """Which keys its values were sealed with, read from their first bytes; no key is needed to find out."""
    found: Counter[tuple[str, bool]] = Counter()
    for place in sealed_columns(session.connection()):
        heads = select(place.header.label("head")).where(place.is_there).subquery()
        for head, count in session.execute(select(heads.c.head, func.count()).group_by(heads.c.head)):
            header = header_of(bytes(head))
            found["" if header is None else name_of(header), header is not None and header[:1] == BY_PERIOD] += count
    return [NeededKey(name=name, by_period=period, values=count) for (name, period), count in sorted(found.items())]


def differences(session: Session, manifest: Manifest) -> Iterator[str]:
    """One sentence for each thing in which a database is not what a manifest says, and for each broken trail."""
    if (revision := revision_of(session)) != manifest.revision:
        yield f"the schema is {revision} and not {manifest.revision}"
        return
    rows = rows_of(session)
    for name in sorted(rows.keys() | manifest.rows.keys()):
        if rows.get(name) != manifest.rows.get(name):
            yield f"{name} has {rows.get(name)} rows and not {manifest.rows.get(name)}"
    if heads_of(session) != manifest.heads:
        yield "the trails do not end as they did"
    broken = [
        f"{one.trail}:{one.place.position}" for one in chain(broken_trails(session), broken_staff_trails(session))
    ]
    for place in broken[:_TOLD_AT_MOST]:
        yield f"the trail is broken at {place}"
    if len(broken) > _TOLD_AT_MOST:
        yield f"and at {len(broken) - _TOLD_AT_MOST} places more"
