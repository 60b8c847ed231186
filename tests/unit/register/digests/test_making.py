from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Engine, select, text

from bot.register import audit
from bot.register.digests.comparing import BrokenDigest, broken_by_digests, read_all
from bot.register.digests.files import Digest, DigestIsForgedError, file_hash, name_of, public_key, read_digest
from bot.register.digests.folder import Folder, add_file
from bot.register.digests.heads import KnownHead, compare
from bot.register.digests.making import DigestsAreGoneError, make_digest
from bot.register.models import AuditHead, Request
from bot.staff.trail import About, StaffAction, note_of
from bot.storage.engine import reading, transaction
from bot.storage.hash_chain import Fault
from tests.support.tampering import unguarded

Make = Callable[..., Any]
HOUR = timedelta(hours=1)


@pytest.fixture
def numbers(engine: Engine, filed: Make, now: datetime) -> list[str]:
    with transaction(engine) as session:
        receipts = [filed(session)[0] for _ in range(3)]
        filed(session, is_test=True)
        note_of(session, "eparkrelax", "system", StaffAction.TALK_READ, About("talk"), now=now)
    return [receipt.number for receipt in receipts]


def make(engine: Engine, folder: Folder, at: datetime) -> Path | None:
    with reading(engine) as session:
        return make_digest(session, folder, now=at)


def go_on(engine: Engine, number: str, at: datetime) -> None:
    with transaction(engine) as session:
        request = session.scalars(select(Request).where(Request.number == number)).one()
        audit.record(session, request, action=audit.Action.PAGE_ISSUED, actor="system", now=at)


def read(path: Path | None, folder: Folder) -> Digest:
    assert path is not None
    return read_digest(path.read_bytes(), folder.keys)


def found(engine: Engine, folder: Folder, at: datetime) -> list[object]:
    with reading(engine) as session:
        return list(broken_by_digests(session, folder.place, folder.keys, now=at))


def heads(engine: Engine) -> dict[str, tuple[int, str]]:
    with reading(engine) as session:
        return {head.request_id: (head.position, head.hash) for head in session.scalars(select(AuditHead))}


def test_the_first_knows_all_heads_but_those_of_tests(
    engine: Engine, numbers: list[str], folder: Folder, now: datetime
) -> None:
    digest = read(make(engine, folder, now), folder)

    assert (digest.chains, digest.events, digest.previous, list(digest.gone)) == (len(numbers) + 1, 4, None, [])
    console, *requests = digest.changed
    assert (console.chain, console.position) == ("console:eparkrelax", 1)
    assert [head.chain for head in requests] == sorted(head.chain for head in requests)
    assert all(heads(engine)[head.chain] == (head.position, head.hash) for head in requests)
    assert digest.heads_sha256 == compare([], digest.changed).sha256


def test_later_ones_know_what_changed_and_the_one_before(
    engine: Engine, numbers: list[str], folder: Folder, now: datetime
) -> None:
    first = make(engine, folder, now)
    assert first is not None
    assert make(engine, folder, now + timedelta(minutes=20)) is None
    go_on(engine, numbers[1], now)
    second = read(make(engine, folder, now + HOUR), folder)
    third = read(make(engine, folder, now + 2 * HOUR), folder)

    assert [head.position for head in second.changed] == [2]
    assert (second.previous, second.chains, second.events) == (file_hash(first.read_bytes()), 4, 5)
    assert (list(third.changed), third.heads_sha256) == ([], second.heads_sha256)
    assert found(engine, folder, now + 3 * HOUR) == []
    assert make(engine, folder, now) is None, "a clock that went back writes nothing"
    assert len(list(folder.place.iterdir())) == 3
    assert len(list(folder.cache.iterdir())) == 1


@pytest.mark.usefixtures("numbers")
def test_what_they_know_is_put_together_anew_where_it_was_lost(
    engine: Engine, folder: Folder, numbers: list[str], now: datetime
) -> None:
    make(engine, folder, now)
    go_on(engine, numbers[0], now)
    make(engine, folder, now + HOUR)
    for known in folder.cache.iterdir():
        known.unlink()

    third = read(make(engine, folder, now + 2 * HOUR), folder)

    assert (list(third.changed), list(third.gone), third.chains) == ([], [], 4)


@pytest.mark.usefixtures("numbers")
def test_nothing_is_begun_anew_in_a_folder_that_is_another(engine: Engine, folder: Folder, now: datetime) -> None:
    make(engine, folder, now)
    folder.place.rename(folder.place.with_name("unmounted"))
    with pytest.raises(DigestsAreGoneError, match="cannot be read"):
        make(engine, folder, now + HOUR)
    folder.place.mkdir()
    with pytest.raises(DigestsAreGoneError, match="the last one"):
        make(engine, folder, now + HOUR)
    assert list(folder.place.iterdir()) == []


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    place = tmp_path / "f"
    add_file(place, b"one")
    with pytest.raises(FileExistsError):
        add_file(place, b"two")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("f", b"one")]


@pytest.mark.usefixtures("numbers")
def test_whoever_has_the_public_key_alone_can_check_it(engine: Engine, folder: Folder, now: datetime) -> None:
    path = make(engine, folder, now)
    assert path is not None
    content = path.read_bytes()
    said, _, rest = content.removeprefix(b'{"digest":').partition(b',"signature":"')
    signature = base64.b64decode(rest.removesuffix(b'"}\n'))
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key(folder.key))).verify(signature, said)
    assert json.loads(content)["digest"] == json.loads(said)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.replace(b'"chains":4', b'"chains":5'),
        lambda content: content.replace(b'"signature":"', b'"signature":"AA'),
        lambda content: content[:-30],
        lambda _content: b"[]",
        lambda _content: b'{"digest":3,"signature":""}',
        lambda _content: b"\xff",
    ],
)
@pytest.mark.usefixtures("numbers")
def test_what_is_not_as_signed_is_refused(
    engine: Engine, folder: Folder, now: datetime, spoil: Callable[[bytes], bytes]
) -> None:
    path = make(engine, folder, now)
    assert path is not None
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(DigestIsForgedError):
        read_digest(path.read_bytes(), folder.keys)
    assert found(engine, folder, now) == [BrokenDigest(now.replace(minute=0), Fault.CHANGED)]


@pytest.mark.usefixtures("numbers")
def test_a_key_can_be_changed_and_the_old_one_stays_known(engine: Engine, folder: Folder, now: datetime) -> None:
    make(engine, folder, now)
    new = replace(folder, key=Ed25519PrivateKey.from_private_bytes(b"n" * 32), old_keys=folder.keys)
    make(engine, new, now + HOUR)

    assert found(engine, new, now + HOUR) == []
    assert found(engine, folder, now + HOUR) == [BrokenDigest(now.replace(minute=0) + HOUR, Fault.CHANGED)]


@pytest.mark.usefixtures("numbers")
def test_hours_without_and_files_that_were_taken_away_show(engine: Engine, folder: Folder, now: datetime) -> None:
    hours = [now.replace(minute=0) + count * HOUR for count in range(6)]
    for hour in (hours[0], hours[1], hours[4]):
        make(engine, folder, hour)

    gap = BrokenDigest(hours[2], Fault.MISSING, 2)
    assert found(engine, folder, hours[4]) == [gap]
    assert found(engine, folder, hours[5] + HOUR) == [gap]
    assert found(engine, folder, hours[5] + 2 * HOUR) == [gap, BrokenDigest(hours[5], Fault.MISSING, 1)]
    assert found(engine, folder, hours[4] + timedelta(days=40))[:-1] == []
    (folder.place / name_of(hours[1])).unlink()
    assert [one for one in read_all(folder.place, folder.keys) if isinstance(one, BrokenDigest)] == [
        BrokenDigest(hours[1], Fault.MISSING, 3),
        BrokenDigest(hours[4], Fault.UNLINKED),
    ]
    (folder.place / name_of(hours[0])).unlink()
    assert next(iter(read_all(folder.place, folder.keys))) == BrokenDigest(hours[4], Fault.UNLINKED)


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (
            (
                "DELETE FROM audit WHERE request_id = '{id}' AND position = 2",
                "UPDATE audit_head SET position = 1 WHERE request_id = '{id}'",
                (
                    "UPDATE audit_head SET hash = "
                    "(SELECT hash FROM audit WHERE audit.request_id = audit_head.request_id) WHERE request_id = '{id}'"
                ),
            ),
            Fault.CUT,
        ),
        (
            (
                "UPDATE audit SET hash = 'x' WHERE request_id = '{id}' AND position = 2",
                "UPDATE audit_head SET hash = 'x' WHERE request_id = '{id}'",
            ),
            Fault.REPLACED,
        ),
    ],
)
def test_a_tail_that_was_cut_and_a_head_that_was_set_back_show(
    engine: Engine, numbers: list[str], folder: Folder, now: datetime, statements: tuple[str, ...], fault: Fault
) -> None:
    go_on(engine, numbers[1], now)
    make(engine, folder, now)
    with unguarded(engine) as session:
        id_ = session.scalars(select(Request.id).where(Request.number == numbers[1])).one()
        for statement in statements:
            session.execute(text(statement.format(id=id_)))
        (broken,) = broken_by_digests(session, folder.place, folder.keys, now=now)
        assert [*broken_by_digests(session, folder.place, folder.keys, now=now, controller="other")] == []

    assert (broken.trail, broken.place.position, broken.place.fault) == (numbers[1], 2, fault)  # type: ignore[union-attr]  # a trail


def test_a_chain_that_is_gone_with_head_and_request_shows(
    engine: Engine, numbers: list[str], folder: Folder, now: datetime
) -> None:
    make(engine, folder, now)
    with unguarded(engine) as session:
        if engine.dialect.name == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
        id_ = session.scalars(select(Request.id).where(Request.number == numbers[1])).one()
        for table, column in (("audit", "request_id"), ("audit_head", "request_id"), ("request", "id")):
            session.execute(text(f"DELETE FROM {table} WHERE {column} = '{id_}'"))  # noqa: S608 - names of ours
        session.execute(text("DELETE FROM staff_event"))
        session.execute(text("DELETE FROM staff_trail_head"))
        broken = list(broken_by_digests(session, folder.place, folder.keys, now=now))

    assert sorted((one.trail, one.place.fault) for one in broken) == sorted(  # type: ignore[union-attr]  # trails
        [(id_, Fault.CUT), ("console:eparkrelax", Fault.CUT)]
    )


def test_heads_are_compared_one_by_one() -> None:
    before = [KnownHead("console:a", 1, "x"), KnownHead("1", 1, "x"), KnownHead("3", 1, "x"), KnownHead("4", 1, "x")]
    now = [KnownHead("console:b", 1, "x"), KnownHead("1", 2, "y"), KnownHead("2", 1, "x"), KnownHead("3", 1, "x")]
    lines: list[str] = []
    changes = compare(before, now, lines.append)

    assert [head.chain for head in changes.changed] == ["console:b", "1", "2"]
    assert changes.gone == ["console:a", "4"]
    assert (changes.chains, changes.events) == (4, 5)
    assert [KnownHead.read(line) for line in lines] == now
