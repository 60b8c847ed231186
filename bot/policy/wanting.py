"""How much a question wants: everything of a kind, or whether one thing is so."""

from __future__ import annotations

import re

from bot.policy.folding import folded

_ALL = re.compile(
    r"全部|すべて|全て|一覧|リスト|どんな|どのような|どういう(?!こと)|何が|なにが|何を|なにを|何に|なにに|なんに|何の|なんの|何のため|種類|項目|範囲|"
    r"目的|使い道|用途|具体的|なぜ|なんで(?!す)|どうして|含まれ|例外|場合|どうやって|どう(?:使|扱|管理)|方法|どれ(?!くらい|ぐらい|ほど|だけ)|どの情報|どこまで|いくつ|誰(?:に|と|が)|だれ(?:に|と|が)"
)
_YES_NO = re.compile(
    r"(?:ます|です|ません|でしょう|るん|たん|ない|る|た|の|だ)(?:よね|よな|よ|ね|か|の|かな|っけ)*[?!。…]*$|(?:入って|含まれて|使って|して)(?:る|ます)"
)
_WH = re.compile(
    r"何|なに|なん(?:で|の|に|か月|日|年)|どんな|どの|どれ|どこ|どう|だれ|誰|いつ|いくら|いくつ|なぜ|全部|すべて|全て|一覧|教え|おしえ|おせえ|知りた"
)


def asks_for_all(question: str) -> bool:
    """Whether everything of a kind is wanted: which data, what for, in which cases."""
    return _ALL.search(folded(question)) is not None


def asks_yes_or_no(question: str) -> bool:
    """Whether it is asked if something is so: the sentence on it answers, not the whole list it stands in."""
    text = folded(question)
    return _YES_NO.search(text) is not None and _WH.search(text) is None
