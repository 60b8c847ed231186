"""What a short text wishes for: a right, the way to it, other words, the desk."""

from __future__ import annotations

import re

_WISH = re.compile(
    r"たい|ほしい|欲しい|ください|下さい|くれ|お願い|おねがい|もらえ|もらい|いただ|頂|求め|希望|やめて|止めて|消して|直して|見せて"
)
_HOW = re.compile(r"どの|どこ|どう(すれば|したら|やって|やったら)|方法|手順|やり方|しかた|仕方")
_ASKED = re.compile(r"[？?]\s*$|(?:か|の|かな|かね|っけ)[。！!\s]*$")
_CAN = re.compile(r"(?:でき|頼め|たのめ|申し込め|出せ)(?:ます|る|ません)")
# What would be done in a case that has not come: a question, although it is worded like a wish.
_IF_SO = re.compile(
    r"(?:たら|だら|なら|れば|場合).*(?:か|の)[？?。！!\s]*$"
    r"|(?:とき|時|際|あと|後)(?:に|は|には|、)?.{0,24}(?:もらえ|いただけ|くれ|され|でき|なり|なる|し)(?:ます|る|るん|るの|てい)?(?:です)?(?:か|の)"
)
# Conditions only in form: 「できれば」, 「どうすれば」.
_NO_CASE = re.compile(
    r"どう(?:すれば|したら|やれば|やったら)|(?:でき|よ|良|よろし|可能であ|差し支えな)(?:けれ|れ)ば|(?:でき|よかっ|よろしかっ|可能だっ)たら|可能なら"
)
_HERE = re.compile(r"ここ|こちら|この(?:チャット|画面|ページ|場)|今すぐ|いまから|今から")
# How a sentence ends that tells the company to do something.
_DEMAND = re.compile(
    r"(?:(?:て|(?<!ま)で)(?:くださー*い|下さい|くれ|ほしい|欲しい|もらい?たい|(?:いただき|頂き)たい)?"
    r"|(?:くれ|くださり|もらえ|いただけ|頂け)(?:ます|ません|る|ない)(?:でしょう)?か?"
    r"|たい|お願い(?:しま?す|いたします|致します|申し上げます)?|おねがい(?:しま?す|いたします)?|願います|頼む|たのむ"
    r"|(?:お願い|おねがい)でき(?:る|ます|ません)か?|いらない|いらん|要らない|不要|結構"
    r"|(?<!だろ)(?<!しょ)[うくすつぬむるぐぶ]な|[せけめれろ]|助かります|たすかります"
    r"|(?:求め|もとめ)(?:ます|る)|(?:請求|せいきゅう|希望|きぼう|要求|申請)(?:しま?す|する|いたします|致します)?|存じます)"
    r"(?:と(?:思い|おもい|存じ)ます)?(?:です|んです|のです|ので|んだ|のだ|だ)?(?:けれ?ど|けども?|が)?(?:よ|ね|な|わ)?[\W_ー]*$"
)
_TELL = re.compile(r"(?:(?:教え|おしえ|聞かせ|きかせ)(?:て|ろ)|(?:知り|しり|聞き|きき|教わり)たい).{0,8}$")
# The three below match only a whole text: a question that mentions the desk stays a question.
_LEAD = r"(?:はい|うん|ええ|では|じゃあ?|それ(?:なら|では|じゃあ?)|なら|お願いします|そうですね|ぜひ|[、。,\s])*"
_END = r"(?:か|よ|ね)?[。!！?？\s]*"
_ASK_DESK = re.compile(
    _LEAD
    + r"(?:この|その|今の|さっきの)?(?:質問|内容|件|こと|これ|それ)?(?:を|について|は)?"
    + r"(?:窓口|担当(?:者|の方)?|そちら|会社)?(?:に|へ|で|の方に)?(?:質問(?:を)?|問い合わせ(?:を)?)?"
    + r"(?:聞い|きい|訊い|尋ね|たずね|問い合わせ|確認し|送っ|伝え|質問し|回し|お願いし)(?:て|で)?"
    + r"(?:みる|みて|みます|みたい(?:です)?|おいて|ほしい(?:です)?|欲しい(?:です)?"
    + r"|もらえますか|もらえる|もらいたい(?:です)?)?"
    + r"(?:くれますか|くれる|いただけますか|ください|下さい|たい(?:です)?|ます|る)?"
    + _END
)
_REWRITES = re.compile(r"(?:文を?)?(?:書き直|書きなお|書き換え|書きかえ|直し|なおし|修正|変え|編集)\w{0,8}[。!！\s]*")
_AS_IT_IS = re.compile(
    _LEAD
    + r"(?:この|その)?(?:文|まま|ままの文|それ)?(?:で|を|の)?(?:このまま|そのまま)?(?:で|の文で)?"
    + r"(?:いい|良い|よい|大丈夫|ok|進む|進めて|送る|送って|送信)(?:です|ください|下さい|して)?"
    + _END,
    re.IGNORECASE,
)


def is_wish(text: str) -> bool:
    """Whether it is worded as a wish."""
    return _WISH.search(text) is not None


def asks_how(text: str) -> bool:
    """Whether it asks for the way, and wishes for nothing yet."""
    return _HOW.search(text) is not None and not is_wish(text)


def asks_whether(text: str) -> bool:
    """Whether it asks if something can be done; the one who asks may well want it."""
    return _CAN.search(text) is not None


def asks(text: str) -> bool:
    """Whether it asks something and wishes for nothing now: what would be, whether one may, which way there is.

    Asking whether it can be done here is how many begin.
    """
    if _ASKED.search(text) is None or _HERE.search(text):
        return False
    return _IF_SO.search(_NO_CASE.sub("", text)) is not None or not is_wish(text)


def demands(text: str) -> bool:
    """Whether it ends in telling the company to do something; to tell something is no such thing."""
    return _DEMAND.search(text.strip()) is not None and not demands_telling(text)


def demands_telling(text: str) -> bool:
    """Whether it wants to be told something."""
    return _TELL.search(text) is not None


def wants_desk(text: str) -> bool:
    """Whether it only says to take to the desk what was asked before."""
    return _ASK_DESK.fullmatch(text.strip()) is not None


def wants_rewriting(text: str) -> bool:
    """Whether it only says that words shall be changed."""
    return _REWRITES.fullmatch(text.strip()) is not None


def wants_as_it_is(text: str) -> bool:
    """Whether it only says that words may stay as they are."""
    return _AS_IT_IS.fullmatch(text.strip()) is not None
