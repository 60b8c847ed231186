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
