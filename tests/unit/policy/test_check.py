from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bot.policy.cards import Card, CardEntry, Cards, load_cards
from bot.policy.check import Finding, check_cards, check_policy
from bot.policy.documents import policy_folder
from bot.policy.gaps import Gap, GapEntry, Gaps, load_gaps
from bot.policy.model import Policy


def test_the_first_policy_has_no_findings(policy: Policy) -> None:
    assert check_policy(policy) == []


def test_text_that_no_node_holds_is_found(policy: Policy) -> None:
    gap, last = policy.blocks[3], policy.blocks[-1]

    assert _lines(check_policy(replace(policy, blocks=policy.blocks[:3] + policy.blocks[4:]))) == [
        f"{policy.blocks[2].end}-{gap.end + 1}: left out 「{policy.text[gap.start : gap.end][:40]}」"
    ]
    assert _lines(check_policy(replace(policy, blocks=policy.blocks[:-1]))) == [
        f"{policy.blocks[-2].end}: left out 「{policy.text[last.start : last.end][:40]}」"
    ]


def test_text_held_twice_is_found(policy: Policy) -> None:
    first = policy.blocks[5]

    assert len(check_policy(replace(policy, blocks=(*policy.blocks, first)))) == 1


def test_a_label_used_twice_is_found(policy: Policy) -> None:
    first, second, *rest = policy.sections
    twice = replace(policy, sections=(first, replace(second, label=first.label), *rest))

    assert _lines(check_policy(twice)) == ["section 1-0: 2 sections have this label"]


def test_a_policy_without_text_is_found(policy: Policy) -> None:
    assert "no section holds any text" in _lines(check_policy(replace(policy, sections=())))


def test_passages_that_are_too_long_or_no_slice_are_found(policy: Policy) -> None:
    section, *rest = policy.sections
    (passage,) = section.passages
    wrong = replace(passage, text="あ" * 451)
    changed = replace(policy, sections=(replace(section, passages=(wrong,)), *rest))

    assert _lines(check_policy(changed)) == [
        "passage 1-0/1: 451 characters, more than 450",
        f"passage 1-0/1: its text is not the slice {passage.start}-{passage.end} of the source",
    ]


def test_the_cards_and_gaps_of_the_first_policy_have_no_findings(policy: Policy, corpus: Path) -> None:
    folder = policy_folder(corpus, policy.id)

    assert check_cards(load_cards(folder, policy), load_gaps(folder, policy), policy) == []


def test_a_quote_that_is_gone_is_found_unless_its_version_is_still_to_come(policy: Policy) -> None:
    entry = CardEntry(
        id="fee",
        topic="手数料",
        questions=("一", "二", "三"),
        quotes=("有料です。",),
        text="有料です。",
        easy="おかねが かかります。",
        author="例",
        policy_version=policy.version,
    )
    card = Card(entry, (), "suspended", entry.quotes)
    ahead = replace(card, entry=entry.model_copy(update={"policy_version": "2099-01-01"}))

    assert _lines(check_cards(Cards((card,)), Gaps(), policy)) == [
        "answers.yml: fee: suspended, the policy does not say 「有料です。」"
    ]
    assert check_cards(Cards((ahead,)), Gaps(), policy) == []


def test_a_question_of_two_entries_is_found_however_it_is_spaced(policy: Policy) -> None:
    gaps = [Gap(GapEntry(id=name, label="例", questions=("手数料 は", name, f"{name}か")), None) for name in ("a", "b")]

    assert _lines(check_cards(Cards(), Gaps(tuple(gaps)), policy)) == [
        "gaps.yml: b: questions: gaps.yml: a has 「手数料 は」 too"
    ]


def test_staff_are_told_every_finding_in_japanese_words(policy: Policy) -> None:
    long = replace(policy.passages[0], text="あ" * 2000)
    broken = replace(policy, blocks=policy.blocks[:-1], sections=(replace(policy.sections[0], passages=(long,)),))

    findings = check_policy(broken)

    assert len(findings) == 3
    assert all(re.match(r"[^a-z]+$", finding.told) for finding in findings)


def _lines(findings: list[Finding]) -> list[str]:
    return [finding.line for finding in findings]
