"""What a short text wishes for: a right, the way to it, other words, the desk."""

from __future__ import annotations

import re

_WISH = re.compile(
    r"たい|ほしい|欲しい|ください|下さい|くれ|お願い|おねがい|もらえ|もらい|いただ|頂|求め|希望|やめて|止めて|消して|直して|見せて"
)
_HOW = re.compile(r"どの|どこ|どう(すれば|したら|やって|やったら)|方法|手順|やり方|しかた|仕方")
_ASKED = re.compile(r"[？?]\s*$|(?:か|の|かな|かね|っけ|(?:だろう|でしょう)[なね]?|どうやって[^。！!？?]*)[。！!\s]*$")
_CAN = re.compile(r"(?:でき|頼め|たのめ|申し込め|出せ)(?:ます|る|ません)")
# What would be done in a case that has not come: a question, although it is worded like a wish.
_IF_SO = re.compile(
    r"(?:たら|だら|なら|れば|場合)[^。！!？?\n]*(?:か|の)[？?。！!\s]*$"
    r"|(?:とき|時|際|あと|(?<!今)(?<!この)後)(?:に|は|には|、)?[^。！!？?\n]{0,24}(?:もらえ|いただけ|くれ|され|でき|なり|なる|し)(?:ます|る|るん|るの|てい)?(?:です)?(?:か|の)"
)
# Conditions only in form: 「できれば」, 「どうすれば」.
_NO_CASE = re.compile(
    r"(?:と|て)(?:いただけれ|頂けれ|もらえれ|くれれ)ば|どう(?:すれば|したら|やれば|やったら)|(?:でき|よ|良|よろし|可能であ|差し支えな)(?:けれ|れ)ば|(?:でき|よかっ|よろしかっ|可能だっ)たら|可能なら"
)
_HERE = re.compile(r"ここ|こちら|この(?:チャット|画面|ページ|場)|今すぐ|いまから|今から")
# How a sentence ends that tells the company to do something.
_DEMAND = re.compile(
    r"(?:(?:て|(?<!ま)で)(?:くださー*い(?:ませ)?|下さい(?:ませ)?|くれ|おくれ|やってくれ|ほしい|欲しい|もらい?たい|(?:いただき|頂き)た[いく]|ちょうだい|頂戴|みろ?|や|んか|いや)?"
    r"|と(?:いて|いで|って|くれ|けや?|き)(?:くださー*い|下さい|くれ|ほしい|欲しい|もらえ(?:ます|る)か)?"
    r"|(?:を|お\w{1,6}|ご\w{1,6})(?:ください|下さい|くれ|(?:いただき|頂き)た[いく])(?:ませ)?"
    r"|なさい|なはれ|おくれ|くんな|んな|ろや|(?:おな|おね)しゃす|たのんます|頼んます|頼みます|たのみます|ちょうだい|頂戴|(?:困り|こまり)ます|困る|(?:お断り|拒否|きょひ)(?:しま?す|する|いたします|致します)?|(?:同意|承諾|許可)(?:し|でき|いたし)(?:ません|ない)|不可|ほしい|欲しい|嫌|いや(?=[だでなっ。！!\s]|$)|無理|望みます|求む"
    r"|(?:くれ|くださり|ください|下さい|もらえ|いただけ|頂け|願え|ねがえ|でき)(?:ます|ません|る|ない|へん)(?:でしょう)?(?:か|かな|やろか)?"
    r"|(?:いただけ|頂け|もらえ|くださ|くれ|願え|ねがえ|いただ)(?:れば|ると|りますと|ますと|れ|たら)(?:と|幸い|さいわい|ありがた|有り?難|嬉し|うれし|助か)?(?:いです|く|い)?(?:に|でございます)?"
    r"|幸い(?:です|に存じます|でございます|に思います)?|(?:ありがた|有り?難|嬉し|うれし)い"
    r"|たい|お願い(?:しま?す|いたします|致します|申し上げます)?|おねがい(?:しま?す|いたします)?|願います|頼む|たのむ"
    r"|(?:お願い|おねがい)でき(?:る|ます|ません)か?|いらない|いらん|要らない|不要|結構"
    r"|(?<!だろ)(?<!しょ)[うくすつぬむるぐぶ]な|[えせけめれろ]|助かります|たすかります"
    r"|(?:求め|もとめ)(?:ます|る)|(?:請求|せいきゅう|希望|きぼう|要求|申請)(?:しま?す|する|いたします|致します)?|存じます)"
    r"(?:と(?:思い|おもい|存じ)ます)?(?:です|でございます|なんです|んです|のです|のや|ねん|んやけど|ので|んだ|のだ|だ)?(?:けれ?ど|けども?|が)?(?:よ|ね|な|わ|や|ぞ|ぜ|w)*[\W_ー]*$"
)
_TELL = re.compile(
    r"(?:(?:教え|おしえ|聞かせ|きかせ|知らせ|しらせ|答え|こたえ)(?:て|ろ|なさい|いただ|頂|下さ|くださ|願)"
    r"|(?:知り|しり|聞き|きき|教わり|伺い)た[いく]|(?:知り|聞き)とう|(?:言う|言っ|ゆう|ゆっ)て(?:み|くれ|ください|や|$)"
    r"|(?:説明|回答|通知|ご教示)(?:し[てろ]|せ[えい]|を|くださ|いただ|願)|(?:示し|明かし)て|お示し|明らかに"
    r")[^、,]{0,12}$"
)
# What belongs to a right without being it: the way there, what it costs, whom to write to.
_AROUND = re.compile(
    r"方法|手順|やり方|しかた|仕方|手続き?(?:の|に|は|と|って)|手数料|費用|料金|いくら|期間|何日|いつ|必要|書類|宛先|連絡先|請求先|申し?出先"
    r"|窓口|条件|場合|とは|って何|の意味|定義|例外|理由|流れ|できる(?:か|の)|でき(?:ます)?か|対象|範囲|違い|ルール|方針|ポリシー"
)
_SENTENCE = re.compile(r"[^。．！!？?\n]+[。．！!？?\n]*")
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
    """Whether a sentence of it tells the company to do something; to tell something is no such thing."""
    return any(_is_demand(sentence.strip()) for sentence in _SENTENCE.findall(text))


def demands_telling(text: str) -> bool:
    """Whether it wants to be told something, and that is not how a right is used or what it takes."""
    return _AROUND.search(text) is None and any(_tells(sentence.strip()) for sentence in _SENTENCE.findall(text))


def wants_desk(text: str) -> bool:
    """Whether it only says to take to the desk what was asked before."""
    return _ASK_DESK.fullmatch(text.strip()) is not None


def wants_rewriting(text: str) -> bool:
    """Whether it only says that words shall be changed."""
    return _REWRITES.fullmatch(text.strip()) is not None


def wants_as_it_is(text: str) -> bool:
    """Whether it only says that words may stay as they are."""
    return _AS_IT_IS.fullmatch(text.strip()) is not None


def _is_demand(sentence: str) -> bool:
    return _DEMAND.search(sentence) is not None and not _tells(sentence)


def _tells(sentence: str) -> bool:
    return _TELL.search(sentence) is not None
