from __future__ import annotations

from pathlib import Path

from bot.policy.consequences import consequences
from bot.policy.documents import load_policy, policy_folder
from tests.support.small_policy import ID, MARKDOWN, SOURCE, VERSION, write_small_policy

CARD = """\
- id: {id}
  topic: 例
  questions: [一つ目, 二つ目, 三つ目]
  quotes: ["{quote}"]
  text: 例です。
  easy: れい です。
  author: 例
  approved_by: {by}
  approved_on: {on}
  policy_version: {version}
"""
GAP = """\
- id: {id}
  label: 例
  questions: [一つ目, 二つ目, 三つ目]
  nearest: "{nearest}"
"""
GONE, KEPT, NEVER = "保存期間 受注から7年", "委託先は変わることがあります。", "どこにもない言葉"


def card(name: str, quote: str, *, approved: bool = True) -> str:
    by, on = ("責任者", VERSION) if approved else ('""', "null")
    return CARD.format(id=name, quote=quote, by=by, on=on, version=VERSION)


def test_only_what_changes_is_told(tmp_path: Path) -> None:
    write_small_policy(tmp_path)
    old = load_policy(tmp_path, ID)
    folder = policy_folder(tmp_path, ID)
    cards = [card("gone", GONE), card("kept", KEPT), card("waiting", KEPT, approved=False), card("never", NEVER)]
    (folder / "answers.yml").write_text("".join(cards), encoding="utf-8")
    gaps = [GAP.format(id=f"near-{n}", nearest=words) for n, words in enumerate((GONE, KEPT, NEVER, ""))]
    (folder / "gaps.yml").write_text("".join(gaps), encoding="utf-8")
    newer = [text.replace("受注から7年", "受注から10年") for text in (SOURCE, MARKDOWN)]
    write_small_policy(tmp_path / "new", source=newer[0], markdown=newer[1])
    (folder / "2026-04-01.txt").write_text(newer[0], encoding="utf-8")
    text = (tmp_path / "new" / ID / f"{VERSION}.md").read_text(encoding="utf-8")
    (folder / "2026-04-01.md").write_text(text.replace(f"version: {VERSION}", "version: 2026-04-01"), encoding="utf-8")

    found = consequences(folder, old, load_policy(tmp_path, ID, "2026-04-01"))

    assert [(each.id, each.lost) for each in found.suspended] == [("gone", (GONE,))]
    assert [each.id for each in found.unapproved] == ["kept"]
    assert [gap.id for gap in found.lost_gaps] == ["near-0"]


def test_a_version_does_nothing_to_itself(tmp_path: Path) -> None:
    write_small_policy(tmp_path)
    policy, folder = load_policy(tmp_path, ID), policy_folder(tmp_path, ID)
    (folder / "answers.yml").write_text(card("gone", NEVER) + card("kept", KEPT), encoding="utf-8")

    found = consequences(folder, policy, policy)

    assert (found.suspended, found.unapproved, found.lost_gaps) == ((), (), ())
