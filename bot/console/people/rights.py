"""What each role may do, in words, for whoever gives somebody a role; the table itself is `RIGHTS_OF`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.staff.roles import RIGHTS_OF, Right, Role

RIGHT_TITLES = {
    Right.LOOK: "概況・方針・テスト結果を見る",
    Right.TRY: "質問を試す",
    Right.RUN_TESTS: "回帰テストを実行し、ケースを加える",
    Right.READ_TALKS: "会話を見る（個人情報は伏せたまま）",
    Right.MARK_TALKS: "会話に確認済み・問題点の印を付ける",
    Right.REVEAL_TALKS: "会話の伏せた部分を表示する",
    Right.EDIT_ANSWERS: "公開候補の回答を編集する",
    Right.PUBLISH: "公開候補を公開する・元に戻す（2人目）",
    Right.EDIT_POLICIES: "方針を取り込み、公開日を決める",
    Right.SEE_REQUESTS: "請求の一覧と進み具合を見る",
    Right.WORK_REQUESTS: "請求に対応する（登録・担当・本人確認・連絡・決定の提案）",
    Right.REVEAL_CONTACT: "請求者の氏名・連絡先を表示する",
    Right.APPROVE: "決定・回答の交付を承認する（2人目）",
    Right.HOLD: "請求を保全し（消去を止める）、解除する",
    Right.EXPORT: "一覧をファイルに書き出す",
    Right.READ_AUDIT: "監査ログを見て、改ざんの有無を確かめる",
    Right.AUDIT_FILES: "審査用ファイルを作る",
    Right.MANAGE_PEOPLE: "利用者を招待し、役割を決め、ログインを終了させる",
}


@dataclass(frozen=True)
class RightRow:
    """One right, and for each role in the order of `Role` whether it has it."""

    title: str
    held: tuple[bool, ...]


def rights_table() -> list[RightRow]:
    """Every right, in the order in which they are defined."""
    return [RightRow(RIGHT_TITLES[right], tuple(right in RIGHTS_OF[role] for role in Role)) for right in Right]
