from __future__ import annotations

from pathlib import Path

from bot.policy.consequences import consequences
from bot.policy.documents import load_policy, policy_folder
from tests.support.policy_versions import CHANGES, NEWER, RETENTION, card, gap, write_cards, write_gaps, write_newer
from tests.support.small_policy import ID, VERSION

NEVER = "どこにもない言葉"


def test_only_what_changes_is_told(tmp_path: Path) -> None:
    write_newer(tmp_path)
    write_cards(
        tmp_path,
        card("gone", RETENTION, approved=True),
        card("kept", CHANGES, approved=True),
        card("waiting", CHANGES),
        card("never", NEVER),
    )
    write_gaps(tmp_path, gap("gone", RETENTION), gap("kept", CHANGES), gap("never", NEVER), gap("none"))
    old, new = (load_policy(tmp_path, ID, version) for version in (VERSION, NEWER))

    found = consequences(policy_folder(tmp_path, ID), old, new)

    assert [(each.id, each.lost) for each in found.suspended] == [("gone", (RETENTION,))]
    assert [each.id for each in found.unapproved] == ["kept"]
    assert [each.id for each in found.lost_gaps] == ["gone"]


def test_a_version_does_nothing_to_itself(tmp_path: Path) -> None:
    write_newer(tmp_path)
    write_cards(tmp_path, card("gone", NEVER), card("kept", CHANGES, approved=True))
    policy = load_policy(tmp_path, ID, VERSION)

    found = consequences(policy_folder(tmp_path, ID), policy, policy)

    assert (found.suspended, found.unapproved, found.lost_gaps) == ((), (), ())
