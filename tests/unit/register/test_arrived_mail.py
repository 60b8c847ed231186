from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.register.arrived_mail import LONGEST_WORDS, read_mail
from bot.register.errors import MailCannotBeReadError
from bot.register.kinds import Kind
from bot.register.mail_text import decoded
from bot.register.thread.models import LARGEST_FILE

RECEIVED = (
    "Received: from relay.example.ne.jp (relay.example.ne.jp [192.0.2.7])\r\n"
    "\tby mx.desk.example (Postfix) with ESMTPS id 4F; Fri, 20 Nov 2026 09:15:02 +0900\r\n"
    "Received: from pc (unknown [198.51.100.9]) by relay.example.ne.jp; Fri, 20 Nov 2026 08:00:00 +0900\r\n"
)
HEAD = "From: =?ISO-2022-JP?B?GyRCOzNFRBsoQiAbJEIyVjtSGyhC?= <hanako@example.jp>\r\nMessage-ID: <1@example.jp>\r\n"
DATE = "Date: Thu, 19 Nov 2026 23:59:00 +0900\r\n"
WISH = "予約履歴を開示してください。"


def mail(body: bytes, content_type: str = "", head: str = RECEIVED + DATE + HEAD) -> bytes:
    line = f"Content-Type: {content_type}\r\n" if content_type else ""
    return (head + line + "\r\n").encode("ascii") + body


def test_a_mail_as_most_japanese_mailers_write_it() -> None:
    read = read_mail(mail(WISH.encode("iso2022_jp"), "text/plain; charset=ISO-2022-JP"))

    assert (read.sender_name, read.sender_email) == ("山田 花子", "hanako@example.jp")
    assert read.words == WISH
    assert read.kinds == (Kind.DISCLOSURE,)
    assert read.message_id == "<1@example.jp>"


def test_it_arrived_when_our_own_server_took_it() -> None:
    read = read_mail(mail(b"x"))

    assert (read.received_at, read.dated_by) == (datetime(2026, 11, 20, 0, 15, 2, tzinfo=UTC), "received")


def test_a_mail_without_a_server_proposes_its_own_date() -> None:
    read = read_mail(mail(b"x", head=DATE + HEAD))

    assert (read.received_at, read.dated_by) == (datetime(2026, 11, 19, 14, 59, tzinfo=UTC), "date")


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 01 Jan 1990 00:00:00 +0900",
        "yesterday",
        "Fri, 31 Feb 2026 00:00:00 +0900",
        "1 Jan 1 00:00 +2359",
        "Fri, 20 Nov 2026 00:00:00 +999999",
    ],
)
def test_a_date_that_cannot_be_is_not_proposed(date: str) -> None:
    read = read_mail(mail(b"x", head=f"Date: {date}\r\n"))

    assert (read.received_at, read.dated_by) == (None, None)


def test_a_date_without_a_known_zone_is_utc() -> None:
    read = read_mail(mail(b"x", head="Date: Fri, 20 Nov 2026 00:15:02 -0000\r\n"))

    assert read.received_at == datetime(2026, 11, 20, 0, 15, 2, tzinfo=UTC)


@pytest.mark.parametrize("label", ["", "us-ascii", "iso-8859-1", "utf-8", "iso-2022-jp", "x-none", "base64", "rot13"])
@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "euc_jp", "iso2022_jp"])
def test_the_text_is_read_however_it_is_labelled(label: str, encoding: str) -> None:
    content_type = f"text/plain; charset={label}" if label else ""

    assert read_mail(mail(WISH.encode(encoding), content_type)).words == WISH


def test_a_right_label_is_believed() -> None:
    assert decoded("ｱｲｳ".encode("cp932"), "Shift_JIS") == "ｱｲｳ"
    assert decoded("②～髙".encode("cp932"), "Shift_JIS") == "②～髙"
    assert decoded("个人信息".encode("gb18030"), "gb2312") == "个人信息"
    assert decoded("Anfrage für Zürich".encode("latin-1"), "iso-8859-1") == "Anfrage für Zürich"


def test_circled_digits_and_half_width_kana_in_iso_2022_jp() -> None:
    circled = b"\x1b$B-!\x1b(B item \x1b$B%a\x1b(B \x1b(I1\x1b(B"

    assert decoded(circled, "iso-2022-jp") == "① item メ ｱ"


def test_a_page_of_html_is_read_as_text() -> None:
    page = f"<html><head><title>t</title></head><body><script>x()</script><p>{WISH}</p><p>花子</p></body></html>"

    read = read_mail(mail(page.encode(), "text/html; charset=utf-8"))

    assert read.words.split() == [WISH, "花子"]


def test_plain_text_is_taken_before_html_and_attachments_are_left() -> None:
    message = EmailMessage()
    message["From"], message["Date"] = "a@example.jp", "Fri, 20 Nov 2026 09:15:02 +0900"
    message.set_content(WISH)
    message.add_alternative("<p>html</p>", subtype="html")
    message.add_attachment("attached", filename="a.txt")

    assert read_mail(message.as_bytes()).words.strip() == WISH


def test_what_a_mail_quotes_asks_for_nothing() -> None:
    body = "よろしくお願いします。\n> 個人情報を消去してください。\n"

    read = read_mail(mail(body.encode(), "text/plain; charset=utf-8"))

    assert read.kinds == ()
    assert "消去" in read.words


def test_a_long_text_is_cut_since_its_original_is_kept_whole() -> None:
    assert len(read_mail(mail(b"a" * 1_000_000)).words) == LONGEST_WORDS


def test_a_sender_without_a_name_is_named_by_the_address() -> None:
    read = read_mail(mail(b"x", head="From: a@example.jp\r\n"))

    assert (read.sender_name, read.sender_email) == ("a@example.jp", "a@example.jp")


@pytest.mark.parametrize("content", [b"", b"no mail", b"\x00\x01\x02", "ただの文章です。".encode()])
def test_what_is_no_mail_is_refused(content: bytes) -> None:
    with pytest.raises(MailCannotBeReadError, match="none of the headers"):
        read_mail(content)


def test_what_is_larger_than_can_be_stored_is_refused() -> None:
    with pytest.raises(MailCannotBeReadError, match="bytes"):
        read_mail(b"From: a@example.jp\r\n\r\n" + b"a" * LARGEST_FILE)


def nested(nest: str, depth: int) -> bytes:
    content = "From: a@example.jp\r\n"
    for level in range(depth):
        boundary = f"--{level}\r\n" if "boundary" in nest else ""
        content += f"Content-Type: {nest.format(level)}\r\n\r\n{boundary}"
    return content.encode()


@pytest.mark.parametrize("nest", ["message/rfc822", "multipart/mixed; boundary={}"])
def test_mails_in_mails_are_read(nest: str) -> None:
    assert read_mail(nested(nest, 20)).sender_email == "a@example.jp"


@pytest.mark.parametrize("nest", ["message/rfc822", "multipart/mixed; boundary={}"])
def test_mails_nested_without_end_are_refused(nest: str) -> None:
    with pytest.raises(MailCannotBeReadError, match="nested"):
        read_mail(nested(nest, 5000))


HEADERS = st.sampled_from(
    ["From", "Date", "Received", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
)
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"=?iso-2022-jp?B?GyRC?= <a@b>",
            b"=?x?Q?=FF?=",
            b"=?utf-8?Q?=00?=@",
            b"<<>>@,;:",
            b'"',
            b"multipart/mixed; boundary=b",
            b"multipart/alternative",
            b"text/plain; charset=\x00",
            b"text/html; charset*=''%FF",
            b"message/rfc822",
            b"message/external-body",
            b"base64",
            b"quoted-printable",
            b"x-uuencode",
            b"Fri, 20 Nov 2026 99:99:99 +9999",
            b"; Fri, 20 Nov 2026 09:15:02 +0900",
            b"attachment; filename*0*=a; filename*0=b",
        ]
    ),
)
WISHES = st.text(alphabet="個人情報を見たい消して①ｱ", max_size=60)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
    WISHES.map(lambda text: text.encode("iso2022_jp_2004", "replace")),
    WISHES.map(lambda text: text.encode("cp932")),
    st.just(b"--b\r\nContent-Type: text/plain\r\n\r\n\xff\r\n--b--"),
)


@given(st.lists(st.tuples(HEADERS, VALUES), max_size=6), BODIES)
@example([("From", b"a"), ("Content-Transfer-Encoding", b"base64")], b"=====")
@example([("From", b"a"), ("Content-Type", b"text/plain; charset=punycode")], b"\xff-\xff")
@example([("From", b"a"), ("Content-Type", b"text/plain; charset=idna")], b"\xff..\xff" + b"a" * 80)
@example([("From", b"a"), ("Content-Type", b"text/plain; charset=unicode_escape")], b"\\x")
def test_no_mail_is_too_odd(headers: list[tuple[str, bytes]], body: bytes) -> None:
    content = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in headers) + b"\r\n" + body
    try:
        read = read_mail(content)
    except MailCannotBeReadError:
        return
    assert len(read.words) <= LONGEST_WORDS
    assert read.received_at is None or read.received_at.tzinfo is UTC


@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=20)))
def test_any_bytes_have_a_text(content: bytes, label: str | None) -> None:
    assert isinstance(decoded(content, label), str)


@given(st.text(alphabet=st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Cc"]), max_size=80))
def test_iso_2022_jp_is_read_back(text: str) -> None:
    encoded = text.encode("iso2022_jp_ext", "ignore")

    assert decoded(encoded, "utf-8") == encoded.decode("iso2022_jp_ext")
