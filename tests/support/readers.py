"""Everything that reads, folds or writes what came from outside: the inputs each gets, and how it may say no."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from actions.languages.detection import language_of, plain
from bot.channels.fitting import shorten, split, utf16_units
from bot.channels.intake import clean
from bot.channels.line.events import read_event
from bot.channels.line.messages import line_messages
from bot.channels.mail.bounces import read_report
from bot.channels.masking.mask import mask
from bot.channels.masking.romaji import in_katakana
from bot.channels.papers.line_breaking import lines_of
from bot.channels.slack.messages import Posted, slack_post
from bot.channels.slack.shapes import require_shape
from bot.channels.slack.text import escaped, typed_text
from bot.channels.website.bodies import POSTED
from bot.channels.website.policy_layout import read_marks
from bot.console.audit.filters import read_day, read_place
from bot.console.audit.filters import read_filter as read_audit_filter
from bot.console.requests.filters import read_filter as read_queue_filter
from bot.desk_times import read_times
from bot.errors import BadInputError
from bot.evaluation.regression.reading import parse
from bot.message import Choice, Message, computed, fixed
from bot.notation import read_networks, read_rates
from bot.policy.folding import folded
from bot.policy.importing.reading import read_document
from bot.policy.importing.structure import structure_of
from bot.policy.importing.writing import markdown_of
from bot.policy.labels import read_heading, slug
from bot.policy.questions import split_questions
from bot.policy.sentences import split_sentences
from bot.policy.wrappers import unwrapped
from bot.register import kinds
from bot.register.arrived_mail import read_mail
from bot.register.details import email_key, read_details
from bot.register.digests.files import read_digest
from bot.register.numbers import read_number
from bot.register.resume_codes import read_resume_code
from bot.register.thread.file_types import media_type_of
from bot.register.typed_lines import read_email, read_phone, read_postal_code
from bot.strict_json import JsonIsUnusableError, loads
from bot.typed_text import disarmed
from tests.support import fake_line, fake_slack
from tests.support.messages import answer
from tests.support.mutation import Mutator
from tests.support.small_pdf import small_pdf

_NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
_POLICY = Path("policy_corpus/eparkrelax/privacy")

Refusals = tuple[type[Exception], ...]


@dataclass(frozen=True)
class Reader:
    """One of them.

    Attributes:
        name: for the report.
        make: an input.
        read: what is done with it.
        refuses: the only errors it may raise; with any other the test fails.
        share: how many inputs of a hundred parts it gets.
    """

    name: str
    make: Callable[[Mutator], Any]
    read: Callable[[Any], object]
    refuses: Refusals = ()
    share: float = 1.0


def _no_holiday(_day: date) -> bool:
    return False


def _disarmed(text: str) -> None:
    assert not disarmed(text).strip().startswith("/")


def _cleaned_and_masked(text: str) -> None:
    masked = mask(clean(text))
    masked.text.encode()
    _disarmed(masked.asked)


def _posted(body: str) -> None:
    POSTED.validate_python(loads(body))


def _line(body: str) -> None:
    for event in loads(body)["events"]:
        read_event(event, hashed=str)


def _rendered(messages: list[Message]) -> None:
    line_messages(messages)
    slack_post(messages, Posted(seal=str))


def _imported(suffix: str) -> Callable[[bytes], None]:
    def read(content: bytes) -> None:
        document = read_document(Path(f"policy{suffix}"), content)
        markdown_of(structure_of(document).blocks, document.text)

    return read


def _messages(mutator: Mutator) -> list[Message]:
    choices = tuple(Choice(title=mutator.text(most=3), id=f"{place:032x}") for place in range(3))
    parts = (fixed(mutator.text()), computed(mutator.text(most=2)))
    return [Message(kind="clarify", parts=parts, choices=choices), answer(mutator.text(most=5) or "一")]


def _text(mutator: Mutator) -> str:
    return mutator.text()


@lru_cache
def _files(suffix: str) -> tuple[bytes, ...]:
    text = (next(_POLICY.glob("*.txt"))).read_bytes()[:4_000]
    if suffix == ".pdf":
        return (small_pdf([["第1条（利用目的）", "当社は、次の目的で利用します。", "(1) 連絡"]]),)
    if suffix == ".html":
        page = (
            "<!doctype html><title>方針</title><h1>個人情報保護方針</h1><ol><li>連絡<li>分析</ol>"
            "<table><tr><th>項目<td rowspan=2 colspan=9>目的</table><dl><dt>窓口<dd>03-0000-0000</dl>"
        )
        return (page.encode(), page.encode("cp932"))
    return (text, next(_POLICY.glob("*.md")).read_bytes()[:4_000], text.decode("utf-8", "ignore").encode("utf-16"))


def _details(mutator: Mutator) -> dict[str, str]:
    """A form as the page sends it, and as nobody's browser does."""
    return {
        name: mutator.text(_ENTERED) if mutator.chance.random() < 0.15 else value for name, value in _DETAILS.items()
    } | {mutator.text(most=1): ""}


def _policy(suffix: str, mutator: Mutator) -> bytes:
    """A file torn in its bytes, or lines of several put together anew, which a reader takes for a text more often."""
    files = _files(suffix)
    if suffix == ".pdf" or mutator.chance.random() < 0.3:
        return mutator.content(files)
    lines = [line + "\n" for line in files[0].decode().splitlines()] + list(_STRUCTURE)
    text = mutator.text(lines, most=40)
    return _UNPRINTED.sub("", text).encode("utf-8", "ignore")


_UNPRINTED = re.compile("[\x00-\x08\x0e-\x1f]")
_STRUCTURE = (
    "第1条（目的）\n",
    "1．利用\n",
    "(1) 会員\n",
    "① 一\n",
    "・二\n",
    "# 題\n",
    "## 1. 節\n",
    "| 甲 | 乙 |\n",
    "|---|---|\n",
    "1. 三\n",
    "- 四\n",
    "<p>五</p>",
    "<h2>六</h2>",
    "<table><tr><td rowspan=3>七",
    "<ul><li>八",
    "<td colspan=x>",
    "</table>",
    "<dl><dt>九<dd>",
    "<!--",
    "-->",
    "<script>",
    "<div hidden>",
    "<b>十</b>",
    "<a href='x'>",
    "<pre>",
    "\n\n",
    "　",
    "2026年4月1日施行\n",
    "以上\n",
)

_MAIL_LINES = (
    "From: =?utf-8?b?5bGx55Sw?= <taro@example.jp>",
    "To: desk@example.jp",
    "Subject: =?iso-2022-jp?B?GyRCM0s8KBsoQg==?=",
    "Date: Thu, 26 Nov 2026 12:00:00 +0900",
    "Message-ID: <1@example.jp>",
    "Received: from a by b; Thu, 26 Nov 2026 12:00:00 +0900",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain; charset=iso-2022-jp",
    "",
    "開示してください",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; a",
    "",
    "Final-Recipient: rfc822; x@y.jp",
    "Action: failed",
    "Status: 5.1.1",
    "--b--",
    "",
)
_MAIL = "\r\n".join(_MAIL_LINES).encode()
_SET = Path("data/regression/eparkrelax/privacy/follow-ups.yml").read_bytes()[:3_000]
_ENTERED = (
    "self",
    "appointed_agent",
    "email",
    "post",
    "山田太郎",
    "taro@example.jp",
    "090-1234-5678",
    "100-0005",
    "東京都",
)
_DETAILS = {
    "role": "self",
    "name": "山田太郎",
    "reply_by": "email",
    "email": "taro@example.jp",
    "email_again": "taro@example.jp",
    "postal_code": "100-0005",
    "address": "東京都千代田区丸の内1-2-3",
    "phone": "090-1234-5678",
    "remarks": "急ぎません",
}
_FILTERED = (
    "from",
    "until",
    "actor",
    "action",
    "request",
    "group",
    "kind",
    "state",
    "assignee",
    "after",
    "sort",
    "channel",
)
_SLACK = fake_slack.event_callback(fake_slack.direct_message("開示"), event_id="E1")
_LINE = [fake_line.text_event("開示", event_id="E1"), fake_line.postback_event("x" * 32, event_id="E2")]


def _slack_body(mutator: Mutator) -> tuple[str, str]:
    if mutator.chance.random() < 0.5:
        return mutator.body(loads(_SLACK)), "application/json"
    return mutator.text() + fake_slack.block_action(mutator.text(most=2)) + mutator.text(
        most=1
    ), "application/x-www-form-urlencoded"


READERS: tuple[Reader, ...] = (
    Reader("typed text", _text, _disarmed, share=8),
    Reader("cleaned and masked", _text, _cleaned_and_masked, (BadInputError,), share=6),
    Reader("kinds of request", _text, kinds.read),
    Reader("times at the desk", _text, lambda text: read_times(text, _NOW, is_holiday=_no_holiday), share=4),
    Reader("language", _text, lambda text: (language_of(text), plain(text)), share=0.5),
    Reader("folding", _text, folded, share=6),
    Reader("questions", _text, lambda text: split_questions(unwrapped(text)), share=3),
    Reader("sentences", _text, lambda text: split_sentences(text, limit=450), share=4),
    Reader("headings", _text, lambda text: (read_heading(text), slug(text)), share=6),
    Reader("kana", _text, in_katakana, share=4),
    Reader("mail addresses", _text, lambda text: (read_email(text), email_key(text)), share=3),
    Reader("telephones", _text, read_phone, share=3),
    Reader("postal codes", _text, read_postal_code, share=4),
    Reader("receipt numbers", _text, lambda text: (read_number(text), read_resume_code(text)), share=6),
    Reader("rates", _text, read_rates, (ValueError,), share=3),
    Reader("networks", _text, read_networks, (ValueError,), share=3),
    Reader("marks", lambda m: [m.text(most=2), "1-2"], lambda values: read_marks(values, 1000), share=4),
    Reader("Slack's text", _text, lambda text: escaped(typed_text(text, me="U1")), share=6),
    Reader("fitting", _text, lambda t: (shorten(t, 20), split(t, 300, measure=utf16_units)), share=2),
    Reader("lines on paper", _text, lambda text: list(lines_of(text, 40)), share=1),
    Reader("chat messages", _messages, _rendered, share=0.3),
    Reader("audit filters", lambda m: m.form(_FILTERED), read_audit_filter, (BadInputError,), share=2),
    Reader("queue filters", lambda m: m.form(_FILTERED), read_queue_filter, (BadInputError,), share=2),
    Reader("places and days", _text, lambda text: (read_place(text), read_day(text)), (BadInputError,), share=3),
    Reader("details", _details, read_details, (BadInputError,), share=3),
    Reader("JSON", lambda m: m.body(m.value()), loads, (JsonIsUnusableError,), share=4),
    Reader(
        "chat API",
        lambda m: m.body({"id": "6f1e2c1e-8f37-4b53-9d4c-3f9a1b1f6a01", "text": "x"}),
        _posted,
        (JsonIsUnusableError, ValidationError),
        share=4,
    ),
    Reader(
        "LINE's events",
        lambda m: m.body({"events": _LINE}),
        _line,
        (JsonIsUnusableError, KeyError, TypeError),
        share=3,
    ),
    Reader("Slack's bodies", _slack_body, lambda b: require_shape(*b), (JsonIsUnusableError, ValidationError), share=3),
    Reader("mails", lambda m: m.content((_MAIL,)), read_mail, (BadInputError,), share=0.6),
    Reader("bounces", lambda m: m.content((_MAIL,)), read_report, share=0.6),
    Reader(
        "file types",
        lambda m: m.content((b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04")),
        lambda c: media_type_of("a.pdf", "", c),
        share=4,
    ),
    Reader(
        "digests",
        lambda m: m.content((b'{"hour": "2026-11-26T03", "heads": []}',)),
        lambda c: read_digest(c, ()),
        (BadInputError,),
        share=2,
    ),
    Reader(
        "question sets", lambda m: m.content((_SET,)), lambda c: parse(Path("set.yml"), c), (BadInputError,), share=0.5
    ),
    *(
        Reader(
            f"policies{suffix}",
            partial(_policy, suffix),
            _imported(suffix),
            (BadInputError,),
            share=0.15,
        )
        for suffix in (".txt", ".html", ".md", ".pdf")
    ),
)
