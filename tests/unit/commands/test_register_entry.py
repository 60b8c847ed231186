from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.register_desk import PHONE, CommandDesk

WISH = "予約履歴を開示してください。"
MAIL = (
    "Received: from relay.example.ne.jp by mx.desk.example; Fri, 20 Nov 2026 09:15:02 +0900\r\n"
    "From: =?ISO-2022-JP?B?GyRCOzNFRBsoQiAbJEIyVjtSGyhC?= <hanako@example.com>\r\n"
    "Message-ID: <1@example.com>\r\n"
    "Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n"
).encode("ascii") + WISH.encode("iso2022_jp")


def test_a_mail_proposes_and_a_person_confirms(desk: CommandDesk) -> None:
    mail = desk.file("wish.eml", MAIL)

    declined = desk.tried("enter", "--mail", mail, words="n\n")
    assert declined.exit_code == 1
    assert desk.run("list") == ""
    told = desk.run("enter", "--mail", mail, words="y\n")

    assert "arrived: 2026-11-20 09:15:02 JST" in told
    assert "asks for: disclosure" in told
    assert "contact: 山田 花子 <hanako@example.com>, self" in told
    (row,) = json.loads(desk.run("list", "--json"))
    assert (row["channel"], row["state"]) == ("email", "identity_pending")
    assert WISH in desk.run("show", row["number"], "--reveal")


def test_options_win_over_what_a_mail_proposes(desk: CommandDesk) -> None:
    mail = desk.file("wish.eml", MAIL)

    desk.run(
        *("enter", "--mail", mail, "--yes", "--kind", "erasure", "--kind", "complaint"),
        *("--received-at", "2026-11-19", "--scope", "会員情報", "--details", desk.file("details.yml", PHONE)),
    )

    rows = json.loads(desk.run("list", "--json"))
    assert {row["kind"] for row in rows} == {"erasure", "complaint"}
    assert {row["received_at"] for row in rows} == {"2026-11-19T00:00:00+09:00"}
    assert "reply by: post" in desk.run("show", rows[0]["number"], "--reveal").replace("_", " ")


def test_the_same_mail_again_is_refused_with_its_number(desk: CommandDesk) -> None:
    number = desk.run("enter", "--mail", desk.file("a.eml", MAIL), "--yes").partition(":")[0]

    assert number in desk.refused("enter", "--mail", desk.file("b.eml", b"X-Copy: 1\r\n" + MAIL), "--yes")
    assert len(desk.run("list").splitlines()) == 1


BASE = ("enter", "--channel", "phone", "--kind", "erasure", "--received-at", "2026-11-20")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("enter", "--kind", "erasure", "--received-at", "2026-11-20"), "--channel is missing"),
        (("enter", "--channel", "phone", "--received-at", "2026-11-20"), "--kind is missing"),
        (("enter", "--channel", "phone", "--kind", "erasure"), "--received-at is missing"),
        (("enter", "--channel", "phone", "--kind", "status", "--received-at", "2026-11-20"), "cannot be opened"),
        ((*BASE[:-1], "20. November"), "is no moment"),
        ((*BASE[:-1], "2026-11-25"), "later than is possible"),
        ((*BASE[:-1], "1999-11-20"), "before 2003"),
        ((*BASE, "--words", "nowhere.txt"), "nowhere.txt: No such file"),
        ((*BASE, "--original", "nowhere.pdf"), "nowhere.pdf: No such file"),
        ((*BASE, "--mail", "nowhere.eml"), "nowhere.eml: No such file"),
        ((*BASE, "--details", "{latin}"), "is no UTF-8"),
        ((*BASE, "--details", "{list}"), "not a list of"),
        ((*BASE, "--details", "{nested}"), "not a list of"),
        ((*BASE, "--details", "{broken}"), "no YAML (line"),
        ((*BASE, "--details", "{empty}"), "role (missing)"),
        ((*BASE, "--mail", "{text}"), "none of the headers"),
    ],
)
def test_bad_input_is_one_clear_line_and_changes_nothing(
    desk: CommandDesk, options: tuple[str, ...], told: str
) -> None:
    files = {
        "{latin}": desk.file("latin.yml", "name: é".encode("latin-1")),
        "{list}": desk.file("list.yml", "- a"),
        "{nested}": desk.file("nested.yml", "role: [self]"),
        "{broken}": desk.file("broken.yml", "name: [a"),
        "{empty}": desk.file("empty.yml", "name: ''"),
        "{text}": desk.file("text.eml", "no mail"),
    }
    message = desk.refused(*(files.get(option, option) for option in options))

    assert told in message
    assert "\n" not in message
    assert desk.run("list") == ""


def test_details_follow_for_what_came_without(desk: CommandDesk) -> None:
    number = desk.enter_by_phone()
    assert "(no contact)" in desk.run("list")

    assert "identity_pending" in desk.run("give-details", number, words=PHONE)
    assert "given before" in desk.refused("give-details", number, words=PHONE)


def test_a_telephone_number_keeps_its_zero(desk: CommandDesk) -> None:
    number = desk.enter_by_phone()
    desk.run("give-details", number, words="role: self\nname: 花子\nreply_by: phone\nphone: 0312345670\n")

    assert "phone: 03" in desk.run("show", number, "--reveal")


def test_an_arrival_is_corrected_and_checked(desk: CommandDesk) -> None:
    number = desk.enter_by_phone()

    assert "2026-11-20 18:00:00 JST" in desk.run("correct-arrival", number, "--to", "2026-11-20T09:00:00+00:00")
    assert "stands" in desk.run("check-arrival", number, as_="ken")
    assert "stands" in desk.refused("correct-arrival", number, "--to", "2026-11-21")


def test_papers_are_printed(desk: CommandDesk, tmp_path: Path) -> None:
    number = desk.enter_by_phone()
    for command in (("receipt", number, "--resume-code"), ("form", number)):
        paper = tmp_path / f"{command[0]}.pdf"
        desk.run(*command, "--to", str(paper))
        assert paper.read_bytes().startswith(b"%PDF")
        assert paper.stat().st_mode & 0o077 == 0
    assert "no postal address" in desk.refused("label", number, "--to", str(tmp_path / "label.pdf"))
    assert "File exists" in desk.refused("receipt", number, "--to", f"{paper}/receipt.pdf")


def test_a_file_is_attached_and_read_by_its_own_request_only(desk: CommandDesk, tmp_path: Path) -> None:
    number, other = desk.enter_by_phone(), desk.enter_by_phone()
    told = desk.run("attach", number, desk.file("proof.pdf", b"%PDF-1.7 proof"), "--purpose", "evidence")
    file_id = told.split()[-1]

    assert "has no file" in desk.refused("file", other, file_id, "--to", str(tmp_path / "x"))
    desk.run("file", number, file_id, "--to", str(tmp_path / "x"))
    assert (tmp_path / "x").read_bytes() == b"%PDF-1.7 proof"
    assert "deliver" in desk.refused("attach", number, str(tmp_path / "x"), "--purpose", "answer")


def test_a_withdrawal_is_confirmed_first(desk: CommandDesk) -> None:
    number = desk.enter_by_phone()

    assert desk.tried("withdraw", number, words="n\n").exit_code == 1
    assert "received" in desk.run("list")
    assert "withdrawn" in desk.run("withdraw", number, words="y\n")


@pytest.mark.parametrize(
    "content",
    [MAIL, b"", b"\xff\x00", b"Content-Type: message/rfc822\n\n" * 3000],
    ids=["another mail", "nothing", "no mail", "nested without end"],
)
def test_a_mail_that_is_no_bounce_is_refused(desk: CommandDesk, content: bytes) -> None:
    assert "reports no failure" in desk.refused("bounce", desk.file("a.eml", content))
