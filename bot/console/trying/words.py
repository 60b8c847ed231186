"""What staff read for the names that a trace holds."""

from __future__ import annotations

VERDICTS = {
    "answer": "方針の言葉で答える",
    "not_in_policy": "方針に書かれていない",
    "clarify": "聞き返す",
    "out_of_scope": "対象外",
}
"""What the gates decided about one question."""

MESSAGE_KINDS = {
    "answer": "方針から回答",
    "not_in_policy": "方針に書かれていない",
    "clarify": "聞き返し",
    "out_of_scope": "対象外",
    "request": "請求の手続き",
    "receipt": "受付",
    "status": "状況の案内",
    "handover": "窓口へのご案内",
    "smalltalk": "あいさつ",
    "notice": "お知らせ",
    "error": "エラー",
}
"""The kinds of a message."""

USES = {
    "quoted": "引用",
    "related": "関連として表示",
    "nearest": "近い箇所として表示",
    "offered": "選択肢として表示",
    "passed": "不使用",
}
"""What became of a passage."""

WHYS = {
    "": "",
    "shut": "関門が閉じたため",
    "card": "カード（または既知の空白）が引用する箇所を決めたため",
    "rank": "順位が下のため（上位5件までを見ます）",
    "weak": "最上位に比べて得点が低いため",
    "chapter": "最上位と章が違うため",
    "nothing_new": "ほかの引用で足りているため",
}
"""Why it was not used."""

STAGES = {
    "read": "読み取り",
    "embed": "ベクトル化",
    "search": "検索",
    "judge": "関門の判定",
    "select": "引用の選択",
    "compose": "組み立て",
}
"""The stages of an answer, in their order."""

SCORES = {
    "dense": "意味（補正後）",
    "cosine": "意味（類似度）",
    "lexical": "語の一致",
    "coverage": "問いの語の割合",
    "read": "読解",
}
"""The partial scores of a passage."""

REASONS = {
    "off_topic": "方針の話題ではない",
    "unstated": "問われた事柄が見つからない",
    "partly": "一部だけ書かれている",
    "unclear": "書かれているか確かでない",
    "between": "当てはまる箇所が複数ある",
    "no_words": "手がかりになる語がない",
    "law_text": "法令の条文の質問",
    "booking": "予約の用件",
    "account": "会員登録・ログインの用件",
    "instruction": "この案内への指示",
    "small_world": "方針と無関係な話題",
}
"""What decided, for the reasons that have one name; cards, gaps and kinds of fact have their own."""

INTENTS = {
    "ask_policy": "方針の質問",
    "open_request": "開示等の請求",
    "complaint": "苦情",
    "status": "状況照会",
    "withdraw": "取下げ",
    "inquiry": "お問い合わせ",
    "out_of_scope": "対象外",
    "greet": "あいさつ",
    "thank": "お礼",
    "goodbye": "別れのあいさつ",
    "bot_challenge": "人かどうかの質問",
    "about_this_chat": "この案内についての質問",
    "affirm": "はい",
    "deny": "いいえ",
    "stop": "中止",
    "restart": "やり直し",
    "choose": "ボタン",
    "details_received": "入力ページからの通知",
    "nlu_fallback": "読み取れない",
}
"""The intents of the dialogue."""

ACTIONS = {
    "action_answer": "方針から答える",
    "action_out_of_scope": "対象外と伝える",
    "action_smalltalk": "あいさつを返す",
    "action_open_request": "請求の手続きを始める",
    "action_complaint": "苦情の手続きを始める",
    "action_inquiry": "お問い合わせの手続きを始める",
    "action_status": "状況を伝える",
    "action_withdraw": "取下げを確かめる",
    "action_choose": "ボタンのとおりに進める",
    "action_details_received": "入力の完了を伝える",
    "action_affirm": "「はい」に応じる",
    "action_deny": "「いいえ」に応じる",
    "action_stop": "手続きをやめる",
    "action_restart": "はじめに戻る",
}
"""The actions that the dialogue chooses between."""


def reason_title(reason: str) -> str:
    """What decided, as staff read it; the id of a card or gap stays to be looked up."""
    sort, _, owner = reason.partition(":")
    if owner:
        return f"{'カード' if sort == 'card' else '既知の空白'} {owner}"
    return REASONS.get(reason, reason)
