"""The fixed sentences of policy answers, each written by a person; members read no other words but quotes."""

from __future__ import annotations

from collections.abc import Iterable

from bot.policy.cards import Cards
from bot.policy.expectations import open_expectations
from bot.policy.gaps import Gaps

ANSWER = "方針には次のように書かれています。"
NOT_IN_POLICY = "この方針には書かれていません。"
COMPANION = "この方針には書かれていませんが、次の文書に書かれています。"
NO_EASY_TEXT = "やさしい言い方の文は、まだありません。方針の言葉を、もう一度お見せします。"
MISSING_ALSO = "次の点は、この方針には書かれていません。"
UNCLEAR = "次の記載が近いものです。お尋ねの点は、はっきり書かれていないことがあります。"
RELATED = "関係する記載として、次のものもあります。"
NEAREST = "近い内容としては、次の記載があります。"
CLARIFY = "何についてのご質問か、もう少し詳しく教えてください。"
CLARIFY_WHICH = "どちらについてのご質問でしょうか。近いものをお選びください。"
OUT_OF_SCOPE = {
    "service": "こちらは個人情報の取扱いについてお答えする窓口のため、そのご質問にはお答えできません。",
    "law": "法律の条文や法的な判断については、お答えできません。この方針の内容についてはお答えできます。",
}


def fixed_texts(cards: Cards, gaps: Gaps, own_phrases: Iterable[str] = ()) -> frozenset[str]:
    """Every fixed text that an answer may hold; a test compares all answers with it.

    Args:
        cards: of the policy.
        gaps: of the policy.
        own_phrases: what a policy says instead of the sentences above (`Phrases.all`).
    """
    labels = {f"・{expectation.label}" for expectation in open_expectations()}
    labels |= {f"・{gap.entry.label}" for gap in gaps.all}
    sentences = {text for card in cards.of_status("approved") for text in (card.entry.text, card.entry.easy)}
    own = {ANSWER, UNCLEAR, RELATED, NEAREST, COMPANION, NO_EASY_TEXT, NOT_IN_POLICY, MISSING_ALSO}
    own |= {CLARIFY, CLARIFY_WHICH, *OUT_OF_SCOPE.values()}
    return frozenset(own | labels | sentences | {*own_phrases})
