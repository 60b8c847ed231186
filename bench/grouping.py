"""What `APART` of 答えのない質問 does: `python -m bench.grouping`.

The wordings of each card and gap of the default policy stand for what members ask in several ways; the right grouping
is known of them. They lie closer together than what nothing answers, and are more, so that the figures are low.

For each threshold: how many groups, of the pairs that are put together how many belong together, and of the pairs that
belong together how many are.
"""

from __future__ import annotations

from itertools import combinations

from bot.console.talks import grouping
from bot.console.talks.grouping import Asked
from bot.policy.cards import load_cards
from bot.policy.documents import load_policy, policy_folder
from bot.policy.embedding import embedder_of
from bot.policy.gaps import load_gaps
from bot.policy.standard_questions import open_standard_questions
from bot.policy.vector_cache import cached_vectors
from bot.settings import load

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


def main() -> None:
    """Prints one line a threshold."""
    settings = load()
    policy = load_policy(settings.corpus_dir, settings.default_policy)
    folder = policy_folder(settings.corpus_dir, settings.default_policy)
    asked_of = {card.id: card.entry.questions for card in load_cards(folder, policy).all}
    asked_of |= {gap.id: gap.entry.questions for gap in load_gaps(folder, policy).all}
    owners = [(text, id_) for id_, questions in asked_of.items() for text in questions]
    embedder = embedder_of(settings)
    vectors = cached_vectors(settings.index_dir, [text for text, _ in owners], embedder)
    standard = [wording for each in open_standard_questions() for wording in each.ask]
    common = cached_vectors(settings.index_dir, standard, embedder).mean(axis=0)
    asked = [Asked(str(place), "open", None, 0.0) for place in range(len(owners))]
    right = _pairs([[place for place, (_, id_) in enumerate(owners) if id_ == owner] for owner in asked_of])
    for apart in THRESHOLDS:
        grouping.APART = apart
        groups = grouping.group(asked, vectors, common)
        together = _pairs([sorted(int(id_) for id_, _ in each.members) for each in groups])
        kept = len(together & right)
        print(f"{apart}: {len(groups)} groups, precision {kept / len(together):.3f}, recall {kept / len(right):.3f}")


def _pairs(groups: list[list[int]]) -> set[tuple[int, int]]:
    return {pair for places in groups for pair in combinations(places, 2)}


if __name__ == "__main__":
    main()
