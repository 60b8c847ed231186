"""What members hold in their hands: the receipt (控え), the form to fill in by hand, the label of a letter.

They say what the register and the policy's folder hold and leave blank what is to be written; no rule, document,
fee or address is added to what the owner filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.channels.timeline.texts import sibling_words
from bot.channels.wall_clock import moment
from bot.desk import Desk
from bot.register.filing import Filed
from bot.register.groups import Standing
from bot.register.kinds import Kind
from bot.register.life import TO_THE_DESK

if TYPE_CHECKING:
    from bot.channels.papers.sheets import Sheet

_CORRECTING = frozenset({Kind.CORRECTION, Kind.ADDITION, Kind.DELETION})
_LABEL_SIZE = (100.0, 60.0)
_LABEL_MARGIN = 6.0
_LABEL_LETTERS = (14.0, 12.0, 10.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0)
_LINE = 10.0
_FIELD = 22.0


class ReceiptsAreMissingError(ValueError):
    """A paper about requests needs at least one."""


@dataclass(frozen=True)
class Frame:
    """What every paper of one installation shares.

    Attributes:
        desk: the desk file of the policy.
        page_url: where a member opens the request's page.
        made_at: when the paper was asked for.
        caution: that nothing real is taken, as long as that is so.
    """

    desk: Desk
    page_url: str
    made_at: datetime
    caution: str = ""


@dataclass(frozen=True)
class Asked:
    """What a member asked for in the chat, as the form repeats it; blank where nothing was said."""

    scope: str = ""
    words: str = field(repr=False, default="")


def receipt_pdf(
    receipts: Sequence[Filed], frame: Frame, *, resume_code: str = "", siblings: Sequence[Standing] = ()
) -> bytes:
    """The receipt of everything that was filed with one press; it holds no name and no contact.

    It takes some tenths of a second, so that a server has it made in a thread.

    Args:
        receipts: of one draft.
        frame: what every paper shares.
        resume_code: opens the request's page without a mail, before and after the contact details are given; printed
            only when there is one.
        siblings: where the other companies' requests stand that were filed together with it; only where the member
            asks for the paper, since the company's staff do not see that.

    Raises:
        ReceiptsAreMissingError: there is none.
    """
    sheet = begin("受付の控え", receipts, frame)
    sheet.paragraph("個人情報についてのお申し出を、次のとおり受け付けました。")
    _filed_rows(sheet, receipts)
    _sibling_rows(sheet, siblings, frame)
    _time_to_answer(sheet, receipts, frame.desk)
    sheet.heading("この後の進み具合を確かめるには")
    sheet.paragraph(f"次のページを開き、受付番号を入力してください。\n{frame.page_url}")
    if resume_code:
        sheet.row("再開コード", resume_code)
        sheet.paragraph(
            "メールを使わずに、受付番号とこのコードで、進み具合の確認や、ご連絡先の入力の続きができます。",
            size=sheet.SMALL,
        )
        sheet.paragraph("受付番号とコードの両方を、ほかの方に見せないでください。", size=sheet.SMALL)
    desks(sheet, frame.desk)
    return sheet.content()


def form_pdf(receipts: Sequence[Filed], frame: Frame, asked: Asked) -> bytes:
    """The request on paper, for those who fill in by hand what the page would ask.

    Args:
        receipts: of one draft.
        frame: what every paper shares.
        asked: what the member said already.

    Raises:
        ReceiptsAreMissingError: there is none.
    """
    sheet = begin("個人情報に関する請求書", receipts, frame)
    sheet.paragraph(f"{frame.desk.controller}　御中")
    sheet.paragraph("空いている欄に、手書きでご記入ください。", size=sheet.SMALL)
    _filed_rows(sheet, receipts)
    sheet.row("対象となる情報", asked.scope, height=_LINE)
    sheet.row("請求の内容", asked.words, height=_FIELD)
    if any(receipt.kind in _CORRECTING for receipt in receipts):
        sheet.row("訂正・追加・削除する項目", height=_LINE)
        sheet.row("正しい内容", height=_FIELD)
    _person_rows(sheet)
    _owner_rows(sheet, frame.desk)
    sheet.paragraph(f"同じ内容は、次のページでも入力できます。\n{frame.page_url}", size=sheet.SMALL)
    sheet.paragraph("郵送の宛先は、次の窓口へお尋ねください。", size=sheet.SMALL)
    desks(sheet, frame.desk)
    return sheet.content()


def label_pdf(name: str, address: str, *, made_at: datetime) -> bytes:
    """The label of a letter, 100 × 60 mm; long addresses are set smaller until they fit.

    A character that the font lacks is printed as 〓, for a person to write in.
    """
    sheet = blank("宛名", made_at=made_at, size=_LABEL_SIZE, margin=_LABEL_MARGIN, has_foot=False)
    text = f"{address.strip()}\n\n{name.strip()}　様"
    size = next((size for size in _LABEL_LETTERS if sheet.fits(text, size=size)), _LABEL_LETTERS[-1])
    sheet.paragraph(text, size=size)
    return sheet.content()


def blank(title: str, *, made_at: datetime, **looks: Any) -> Sheet:  # noqa: ANN401 - what a sheet takes
    """An empty sheet, with what `Sheet` takes."""
    # What draws costs a second and a half to load: a server pays when the first paper is wanted, not at its start.
    from bot.channels.papers.sheets import Sheet  # noqa: PLC0415

    return Sheet(title, made_at=made_at, **looks)


def begin(title: str, receipts: Sequence[Filed], frame: Frame) -> Sheet:
    """A paper about these requests with its head.

    Raises:
        ReceiptsAreMissingError: there is none.
    """
    if not receipts:
        raise ReceiptsAreMissingError("a paper about requests needs at least one receipt")
    sheet = blank(f"{title} {receipts[0].number}", made_at=frame.made_at)
    if frame.caution:
        sheet.paragraph(frame.caution)
    sheet.title(title)
    sheet.paragraph(f"{frame.desk.service}　個人情報の窓口", size=sheet.SMALL)
    return sheet


def _filed_rows(sheet: Sheet, receipts: Sequence[Filed]) -> None:
    for receipt in receipts:
        sheet.row("受付番号", receipt.number)
        sheet.row("種類", receipt.kind.title)
        sheet.row("受付日時（日本時間）", moment(receipt.received_at))
        sheet.gap(2)


def _sibling_rows(sheet: Sheet, siblings: Sequence[Standing], frame: Frame) -> None:
    if not siblings:
        return
    sheet.heading("いっしょに受け付けた会社")
    for one in siblings:
        sheet.row(one.sibling.company, f"{one.sibling.number}\n{sibling_words(one)}")
    sheet.paragraph(f"進み具合は、{moment(frame.made_at)}のものです。", size=sheet.SMALL)


def _time_to_answer(sheet: Sheet, receipts: Sequence[Filed], desk: Desk) -> None:
    quote = desk.quotes.get("identity_check")
    if quote is None or all(receipt.kind in TO_THE_DESK for receipt in receipts):
        return
    sheet.heading("回答の時期")
    sheet.paragraph(f"プライバシーポリシーには、次のように書かれています。\n「{quote}」")


def _person_rows(sheet: Sheet) -> None:
    sheet.heading("ご記入欄")
    sheet.row("記入日", height=_LINE)
    sheet.row("お名前", height=_LINE)
    sheet.row("ご本人との関係", "□ 本人　□ 法定代理人　□ 委任による代理人　□ ご遺族など")
    sheet.row("情報の本人のお名前\n（ご本人でない場合）", height=_LINE)
    sheet.row("希望する回答の方法", "□ メール　□ 郵送　□ 電話")
    sheet.row("メールアドレス", height=_LINE)
    sheet.row("ご住所", height=_FIELD)
    sheet.row("電話番号", height=_LINE)
    sheet.row("補足", height=_FIELD)
    sheet.gap(2)


def _owner_rows(sheet: Sheet, desk: Desk) -> None:
    owner = desk.owner
    told = {
        "本人確認の書類": owner.identity_documents,
        "代理人の書類": owner.agent_documents,
        "手数料": owner.fee,
    }
    for label, text in told.items():
        if text:
            sheet.row(label, text)
    sheet.gap(2)


def desks(sheet: Sheet, desk: Desk) -> None:
    """Whom to turn to, in the policy's words: the foot of a paper."""
    sheet.heading("窓口（プライバシーポリシーの記載）")
    for entry in desk.desks:
        sheet.row(entry.about, entry.quote)
    if "hours" in desk.quotes:
        sheet.row("受付時間", desk.quotes["hours"])
