"""A request that came by telephone, from its entry to its end, by nothing but commands; on both databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.register_desk import PHONE, CommandDesk

TRAIL = [
    *("request:entered", "details:submitted", "arrival:checked", "request:assigned", "details:revealed"),
    *("proof:tried", "identity:verified", "review:begun", "member:asked", "member:replied"),
    "alert:acknowledged",
    *("decision:proposed", "request:decided", "file:stored", "answer:prepared", "answer:released"),
    *("details:revealed", "answer:posted", "member:notified", "request:closed"),
]


def test_a_request_by_telephone_from_its_entry_to_its_end(desk: CommandDesk) -> None:
    details = desk.file("details.yml", PHONE)
    number = desk.enter_by_phone("--kind", "disclosure", "--scope", "予約履歴", "--details", details)
    assert number.startswith("K261124-")

    # The time of arrival is checked by somebody else, who takes the request up.
    assert "cannot check" in desk.refused("check-arrival", number)
    desk.run("check-arrival", number, as_="ken")
    assert "stands" in desk.refused("correct-arrival", number, "--to", "2026-11-20")
    desk.run("assign", number, "ken", as_="mei")
    assert desk.run("alerts") == ""

    # Who asks: facts that staff look up, and mark only as agreeing.
    assert "予約履歴を見せて" in desk.run("show", number, "--reveal", as_="ken")
    assert desk.run("required", number).startswith("collation")
    proof = ("proof", number, "--sort", "collation", "--agrees", "--fact", "氏名", "--fact", "住所")
    assert "verified" in desk.run(*proof, "--binds-address", as_="ken")

    # What is meant: asked by letter, answered by telephone.
    desk.later(days=1)
    desk.run("begin", number, as_="ken")
    assert "scope_pending" in desk.run("ask", number, as_="ken", words="いつの予約でしょうか。")
    assert "in_review" in desk.run("reply", number, as_="ken", words="今年の分だけでよいとのことです。")
    (alert,) = json.loads(desk.run("alerts", "--json"))
    desk.run("acknowledge", alert["id"], as_="ken")
    assert desk.run("alerts") == ""

    # Two people decide, two people let the answer go.
    desk.run("decide", number, "--outcome", "granted", as_="ken")
    assert "another person" in desk.refused("approve", number, as_="ken")
    assert "approve" in desk.refused("approve", number, as_="mei")
    assert "ken" in desk.run("waiting")
    assert "decided" in desk.run("approve", number)
    answer = desk.file("answer.pdf", b"%PDF-1.7 bookings")
    desk.run("deliver", number, "--by", "post", "--file", answer, as_="ken")
    assert "handed over" in desk.refused("close", number)
    assert "another person" in desk.refused("release", number, as_="ken")
    desk.run("release", number)
    label = desk.folder / "label.pdf"
    desk.run("label", number, "--to", str(label))
    assert label.read_bytes().startswith(b"%PDF")
    desk.run("posted", number, words="1234-5678-9012")
    desk.run("notify", number, "--by", "post", as_="ken")
    assert "closed" in desk.run("close", number, as_="ken")

    shown = json.loads(desk.run("show", number, "--json"))
    assert [event["action"] for event in shown["trail"]] == TRAIL
    assert (shown["state"], shown["working_days_left"], shown["is_overdue"]) == ("closed", None, False)
    assert shown["received_at"] == "2026-11-23T15:20:00+09:00"
    assert shown["due_from_arrival"] == "2026-12-07"
    assert shown["due_from_verification"] == "2026-12-08"
    # Nothing is amiss but that no mail server was there in this drill.
    assert all(line.startswith("outbox ") for line in desk.tried("check").stderr.splitlines())


def test_a_complaint_by_letter_is_answered_by_one_person_and_linked(desk: CommandDesk, tmp_path: Path) -> None:
    first = desk.enter_by_phone()
    letter = desk.file("letter.pdf", b"%PDF-1.7 letter")
    entry = ("enter", "--channel", "letter", "--kind", "complaint", "--received-at", "2026-11-20", "--original", letter)
    number = desk.run(*entry).partition(":")[0]
    assert number in desk.refused(*entry)

    desk.run("link", number, first, "--sort", "complaint_about")
    desk.run("begin", number)
    explanation = desk.file("explanation.txt", "ご指摘の件をお調べし、担当の者からお詫びしました。")
    assert "decided" in desk.run("decide", number, "--outcome", "answered", "--explanation", explanation)
    desk.run("notify", number, "--by", "phone")
    desk.run("close", number)

    shown = json.loads(desk.run("show", number, "--json"))
    assert (shown["state"], shown["links"][0]["other"]) == ("closed", first)
    (original,) = shown["files"]
    copy = tmp_path / "copy.pdf"
    desk.run("file", number, original["id"], "--to", str(copy))
    assert copy.read_bytes() == b"%PDF-1.7 letter"


@pytest.mark.parametrize("outcome", ["denied", "no_data"])
def test_a_refusal_needs_a_ground_an_explanation_and_a_second_person(desk: CommandDesk, outcome: str) -> None:
    number = desk.enter_by_phone("--kind", "disclosure", "--details", desk.file("details.yml", PHONE))
    desk.run("proof", number, "--sort", "document", "--agrees")
    desk.run("begin", number)
    explanation = desk.file("explanation.txt", "理由をご説明します。")
    listed = desk.run("grounds", number)
    ground = listed.partition(f"{outcome}\n  ")[2].partition(":")[0]

    assert "ground" in desk.refused("decide", number, "--outcome", outcome, "--explanation", explanation)
    assert "explanation" in desk.refused("decide", number, "--outcome", outcome, "--ground", ground)
    decide = ("decide", number, "--outcome", outcome, "--ground", ground, "--explanation", explanation)
    assert "in_review" in desk.run(*decide)
    assert "in_review" in desk.run("reject", number, as_="ken")
    desk.run(*decide)
    assert "decided" in desk.run("approve", number, as_="ken")
    assert "理由をご説明" not in desk.run("show", number)
    assert "理由をご説明" in desk.run("show", number, "--reveal")
