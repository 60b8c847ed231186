"""What the register refuses, in the words of whoever pressed the button; nothing of a member stands in them."""

from __future__ import annotations

from bot.console.frame.forms import FormIsWrongError
from bot.errors import BadInputError
from bot.register import errors
from bot.register.details import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_REMARKS
from bot.register.forgetting.hold import LONGEST_REASON
from bot.register.thread.files import MOST_FILES
from bot.register.thread.messages import LONGEST_MESSAGE
from bot.register.thread.models import LARGEST_FILE

_SENTENCES: dict[type[BadInputError], str] = {
    errors.StateForbidsError: "いまの状態では、この操作はできません。最新の状態を確認してください。",
    errors.SecondPersonIsMissingError: "同じ人が二つの役をすることはできません。別の担当者が行ってください。",
    errors.StaffOnlyError: "名前のある担当者だけができる操作です。",
    errors.PersonIsUnverifiedError: "本人確認がまだ足りないため、できません。本人確認の欄をご覧ください。",
    errors.DecisionIsUnknownError: "この決定はありません。",
    errors.DecisionDoesNotFitError: "この種類の請求には選べない結果か、説明・内容が足りません（各4,000文字まで）。",
    errors.GroundIsNotAllowedError: "この結果には、選べる根拠がひとつ必要です。",
    errors.ReleaseIsUnknownError: "この回答はありません。",
    errors.ReleaseDoesNotFitError: "この方法では送れません。ファイルか、お問い合わせ番号を確かめてください。",
    errors.LinkDoesNotFitError: "この組み合わせでは関連づけられません。",
    errors.SomethingIsLeftToDoError: "決めたことの対応か、回答の送付がまだです。済ませてから完了にしてください。",
    errors.ProofIsContradictoryError: (
        "照合は2つ以上の項目を比べます。住所などの宛先は、書類か、その項目を比べたときだけ確認済みにできます。"
    ),
    errors.ArrivalIsFixedError: "受付日時は確定しているため、変えられません。",
    errors.ArrivalIsImpossibleError: "受付日時は、2003年から入力した時刻までの間にしてください。",
    errors.DetailsWereGivenError: "連絡先はすでに入力されています。",
    errors.RequestIsUnknownError: "この受付番号の請求はありません。",
    errors.FileIsUnknownError: "このファイルはないか、消去されています。",
    errors.HoldReasonIsUnusableError: f"保全する理由は{LONGEST_REASON}文字以内で入力してください。",
    errors.AlertIsUnknownError: "この知らせはありません。",
}
_MEGABYTES = LARGEST_FILE // (1024 * 1024)
_FILES = {
    "empty": "ファイルを選んでください。",
    "too_large": f"ファイルは1つ{_MEGABYTES}MBまでです。",
    "wrong_type": "この種類のファイルは保管できません。",
    "too_many": f"ファイルは{MOST_FILES}個までです。",
}
_MESSAGES = {
    "missing": "本文を入力してください。",
    "too_long": f"本文は{LONGEST_MESSAGE:,}文字以内にしてください。",
    "too_many": "この請求への書き込みが多すぎます。",
}
_FIELDS = {
    "role": "請求者の区分",
    "name": f"氏名（{LONGEST_NAME}文字まで）",
    "subject": f"本人の氏名（{LONGEST_NAME}文字まで）",
    "reply_by": "回答の方法",
    "email": "メールアドレス",
    "phone": "電話番号",
    "postal_code": "郵便番号（7桁）",
    "address": f"住所（{LONGEST_ADDRESS}文字まで）",
    "remarks": f"補足（{LONGEST_REMARKS:,}文字まで）",
}


def told(error: BadInputError) -> str:
    """The sentence beside the form."""
    if isinstance(error, FormIsWrongError):
        return str(error)
    if isinstance(error, errors.FileIsUnusableError):
        return _FILES[error.fault]
    if isinstance(error, errors.MessageIsUnusableError):
        return _MESSAGES[error.fault]
    if isinstance(error, errors.DetailsAreUnusableError):
        return f"次の欄を確かめてください：{'、'.join(_FIELDS.get(name, name) for name in error.faults)}"
    return _SENTENCES.get(type(error), "この操作はできませんでした。入力した内容を確かめてください。")
