"""Companion documents: what a controller has beside a policy (運営概要, 会員規約, よくある質問).

One lies in a folder of its own, `<controller>/<document>/`, and its front matter says `role: companion`. It is loaded,
cited and shown like a policy, under its own title; it only answers where the policy of its controller does not.
"""

from __future__ import annotations

from pathlib import Path

from bot.policy.documents import full_id, list_policies, list_versions, read_head


def companions_of(corpus: Path, policy_id: str) -> list[str]:
    """Ids of the companions of a policy, in the order of their names; a companion itself has none.

    Args:
        corpus: folder of the policies.
        policy_id: `controller/policy` or `controller`.

    Raises:
        BadInputError: the corpus does not hold the policy, or the head of a document of its controller cannot be read.
    """
    own = full_id(policy_id)
    if is_companion(corpus, own):
        return []
    beside = [each for each in list_policies(corpus) if each != own and _controller(each) == _controller(own)]
    return [each for each in beside if is_companion(corpus, each)]


def is_companion(corpus: Path, policy_id: str) -> bool:
    """Whether a document stands beside a policy; what its newest version says counts.

    Raises:
        BadInputError: the corpus does not hold it, or its head cannot be read.
    """
    return read_head(corpus, policy_id, list_versions(corpus, policy_id)[-1]).role == "companion"


def _controller(policy_id: str) -> str:
    return policy_id.partition("/")[0]
