from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.register import audit
from bot.register.errors import FileIsUnknownError, FileIsUnusableError, RequestIsUnknownError
from bot.register.kinds import Kind
from bot.register.models import Request
from bot.register.thread import files
from bot.register.thread.files import clean_name, files_of, read_file, remove_identity_files, store_file
from bot.register.thread.models import LARGEST_FILE, FilePurpose, StoredFile
from bot.storage.encryption import Vault

Make = Callable[..., Any]
Store = Callable[..., str]

JPEG = b"\xff\xd8\xff\xe0 licence"
PDF = b"%PDF-1.7 ..."
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00"


@pytest.fixture
def requests(session: Session, filed: Make) -> list[Request]:
    receipts = filed(session, Kind.DISCLOSURE, Kind.ERASURE)
    return [session.get_one(Request, receipt.request_id) for receipt in receipts]


@pytest.fixture
def store(session: Session, requests: list[Request], vault: Vault, now: datetime) -> Store:
    def make(content: bytes = JPEG, purpose: FilePurpose = FilePurpose.EVIDENCE, **facts: object) -> str:
        given: dict[str, Any] = {
            "draft_id": requests[0].draft_id,
            "request_id": requests[0].id,
            "purpose": purpose,
            "name": "免許証.jpg",
            "media_type": "image/jpeg",
            "content": content,
            "by": "member",
            "now": now,
            "vault": vault,
        }
        return store_file(session, **{**given, **facts})

    return make


def test_what_was_stored_is_read_as_it_was(session: Session, store: Store, vault: Vault, now: datetime) -> None:
    read = read_file(session, store(), actor="staff:sato", now=now, vault=vault)

    assert (read.name.reveal(), read.media_type, read.content) == ("免許証.jpg", "image/jpeg", JPEG)
    assert "免許証" not in repr(read)


def test_a_file_lies_sealed(session: Session, store: Store) -> None:
    store()

    row = session.scalars(select(StoredFile)).one()

    assert row.sealed_content is not None
    assert JPEG not in row.sealed_content
    assert "免許証".encode() not in row.sealed_name


def test_storing_and_reading_stand_in_the_trail(
    session: Session, store: Store, requests: list[Request], vault: Vault, now: datetime
) -> None:
    read_file(session, store(), actor="staff:sato", now=now, vault=vault)

    events = [(event.actor, event.action, event.fields) for event in audit.trail(session, requests[0].id)[1:]]

    assert events == [("member", "file:stored", ["evidence"]), ("staff:sato", "file:read", ["evidence"])]
    assert len(audit.trail(session, requests[1].id)) == 1


def test_a_file_for_the_whole_draft_belongs_to_every_request(
    session: Session, store: Store, requests: list[Request]
) -> None:
    file_id = store(request_id=None, purpose=FilePurpose.IDENTITY)

    for request in requests:
        assert [view.id for view in files_of(session, request.id)] == [file_id]
        assert audit.trail(session, request.id)[-1].action == "file:stored"


def test_a_request_has_its_own_files_only_oldest_first(
    session: Session, store: Store, requests: list[Request], now: datetime
) -> None:
    later = store(PDF, now=now + timedelta(minutes=1))
    first = store()
    store(request_id=requests[1].id)

    assert [view.id for view in files_of(session, requests[0].id)] == [first, later]


def test_a_request_of_another_draft_is_refused(session: Session, store: Store, filed: Make) -> None:
    stranger = filed(session, Kind.INQUIRY)[0]

    with pytest.raises(RequestIsUnknownError):
        store(request_id=stranger.request_id)


@pytest.mark.parametrize("content", [JPEG, PDF, b"\x89PNG\r\n\x1a\n..", HEIC])
@pytest.mark.parametrize("purpose", [FilePurpose.IDENTITY, FilePurpose.EVIDENCE])
def test_members_hand_in_images_and_pdf(store: Store, content: bytes, purpose: FilePurpose) -> None:
    assert store(content, purpose)


@pytest.mark.parametrize(
    ("content", "name", "fault"),
    [
        (b"", "a.pdf", "empty"),
        (b"MZ\x90\x00", "a.pdf", "wrong_type"),
        (b"<svg onload=1>", "a.svg", "wrong_type"),
        (b"a,b\n", "a.csv", "wrong_type"),
        (b"PK\x03\x04", "a.zip", "wrong_type"),
        (b"GIF89a", "a.jpg", "wrong_type"),
        (PDF + bytes(LARGEST_FILE), "a.pdf", "too_large"),
    ],
)
def test_what_members_may_not_hand_in(session: Session, store: Store, content: bytes, name: str, fault: str) -> None:
    with pytest.raises(FileIsUnusableError) as caught:
        store(content, name=name)

    assert caught.value.fault == fault
    assert not session.scalars(select(StoredFile)).all()


@pytest.mark.parametrize(
    ("content", "name", "declared", "media_type"),
    [
        (b"PK\x03\x04..", "a.bin", "text/plain", "application/zip"),
        ("氏名\n".encode("cp932"), "a.CSV", "application/vnd.ms-excel", "text/csv"),
        ("\ufeff氏名\n".encode("utf-16-le"), "a.txt", "", "text/plain"),
        (b"From: a@example.test\n\nhello", "mail", "message/rfc822", "message/rfc822"),
        (PDF, "a.txt", "text/plain", "application/pdf"),
    ],
)
def test_staff_hand_in_more(
    session: Session, store: Store, content: bytes, name: str, declared: str, media_type: str
) -> None:
    store(content, FilePurpose.ANSWER, name=name, media_type=declared, by="staff:sato")

    assert session.scalars(select(StoredFile)).one().media_type == media_type


def test_a_program_called_text_is_no_text(store: Store) -> None:
    with pytest.raises(FileIsUnusableError):
        store(b"MZ\x90\x00", FilePurpose.ORIGINAL, name="a.txt", media_type="text/plain", by="staff:sato")


def test_members_cannot_fill_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 2)
    store(JPEG), store(PDF)

    with pytest.raises(FileIsUnusableError):
        store(HEIC)
    assert store(HEIC, by="staff:sato")


def test_the_same_file_pressed_twice_is_one(session: Session, store: Store, requests: list[Request]) -> None:
    assert store() == store()
    assert store(purpose=FilePurpose.IDENTITY) != store(request_id=None, purpose=FilePurpose.IDENTITY)

    assert [event.action for event in audit.trail(session, requests[0].id)].count("file:stored") == 3


def test_identity_documents_go_content_and_name(
    session: Session, store: Store, requests: list[Request], vault: Vault, now: datetime
) -> None:
    identity, evidence = store(request_id=None, purpose=FilePurpose.IDENTITY), store()

    assert remove_identity_files(session, requests[0].draft_id, now=now) == 1
    assert remove_identity_files(session, requests[0].draft_id, now=now) == 0

    row = session.get_one(StoredFile, identity)
    assert (row.sealed_content, row.sealed_name, row.removed_at) == (None, b"", now)
    with pytest.raises(FileIsUnknownError):
        read_file(session, identity, actor="staff:sato", now=now, vault=vault)
    assert read_file(session, evidence, actor="staff:sato", now=now, vault=vault).content == JPEG
    assert [event.action for event in audit.trail(session, requests[1].id)] == [
        "request:filed",
        "file:stored",
        "file:removed",
    ]


def test_an_unknown_file_is_no_file(session: Session, vault: Vault, now: datetime) -> None:
    with pytest.raises(FileIsUnknownError):
        read_file(session, "0" * 32, actor="member", now=now, vault=vault)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("C:\\Users\\hanako\\免許.jpg", "免許.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        (".htaccess", "htaccess"),
        ("\x00", "file"),
        ("あ" * 300 + ".pdf", "あ" * 96 + ".pdf"),
    ],
)
def test_a_name_shows_as_what_it_is(name: str, clean: str) -> None:
    assert clean_name(name) == clean
