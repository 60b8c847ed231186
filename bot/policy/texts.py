"""The fixed sentences of policy answers, each written by a person; members read no other words but quotes."""

from __future__ import annotations

from bot.policy.expectations import open_expectations

ANSWER = "方針には次のように書かれています。"
NOT_IN_POLICY = "この方針には書かれていません。"
MISSING_ALSO = "次の点は、この方針には書かれていません。"
NEAREST = "近い内容としては、次の記載があります。"
CLARIFY = "何についてのご質問か、もう少し詳しく教えてください。"
OUT_OF_SCOPE = {
    "service": "こちらは個人情報の取扱いについてお答えする窓口のため、そのご質問にはお答えできません。",
    "law": "法律の条文や法的な判断については、お答えできません。この方針の内容についてはお答えできます。",
}


def fixed_texts() -> frozenset[str]:
    """Every fixed text that an answer may hold; a test compares all answers with it."""
    labels = {f"・{expectation.label}" for expectation in open_expectations()}
    return frozenset({ANSWER, NOT_IN_POLICY, MISSING_ALSO, NEAREST, CLARIFY, *OUT_OF_SCOPE.values(), *labels})
