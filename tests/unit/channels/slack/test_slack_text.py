import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.slack.text import escaped, typed_text


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("メールは<mailto:taro@example.jp|taro@example.jp>です", "メールはtaro@example.jpです"),
        ("A&amp;B &lt;退会&gt;", "A&B <退会>"),
        ("&amp;lt;", "&lt;"),
        ("<https://example.jp/a?b=1&amp;c=2>", "https://example.jp/a?b=1&c=2"),
        ("<http://example.jp|example.jp>を見ました", "example.jpを見ました"),
        ("<@UBOT> 開示したい", "開示したい"),
        ("<@UBOT|madoguchi> 開示したい", "開示したい"),
        ("<@U123|花子>さん", "@花子さん"),
        ("<@U123>さん", "@U123さん"),
        ("<#C123|総務>の件", "#総務の件"),
        ("<!here> <!subteam^S1|@team>", "@here @team"),
    ],
)
def test_a_member_is_read_as_they_typed(sent: str, typed: str) -> None:
    assert typed_text(sent, me="UBOT") == typed


@given(st.text())
def test_what_is_escaped_comes_back(text: str) -> None:
    assert typed_text(escaped(text)) == text.strip()


def test_nothing_we_say_can_ping_a_channel() -> None:
    assert escaped("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


_PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_ADDRESS = st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.jp", fullmatch=True)
_WRITTEN = st.one_of(
    _PLAIN.map(lambda text: (text, escaped(text))),
    _ADDRESS.map(lambda address: (address, f"<mailto:{address}|{address}>")),
    _ADDRESS.map(lambda address: (address, f"<mailto:{address}>")),
    st.from_regex(r"0[0-9]{9,10}", fullmatch=True).map(lambda number: (number, f"<tel:{number}|{number}>")),
    _ADDRESS.map(lambda path: (f"https://example.jp/?a&b={path}", f"<https://example.jp/?a&amp;b={path}>")),
    _ADDRESS.map(lambda path: (f"example.jp/{path}", f"<http://example.jp/{path}|example.jp/{path}>")),
)


@given(st.lists(_WRITTEN, max_size=8))
def test_what_slack_recognised_is_read_as_it_was_typed(pieces: list[tuple[str, str]]) -> None:
    typed, sent = ("".join(side) for side in zip(*pieces, strict=True)) if pieces else ("", "")
    assert typed_text(sent) == typed.strip()
