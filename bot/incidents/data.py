"""What personal data there are, in the words of a report, and where each of them lies sealed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Data(StrEnum):
    """One sort of personal data, as a report names it (施行規則8条1項2号)."""

    NAME = "氏名"
    SUBJECT = "本人の氏名（代理の場合）"
    EMAIL = "メールアドレス"
    PHONE = "電話番号"
    ADDRESS = "住所"
    REMARKS = "補足の記入"
    CONTACT = "連絡先"
    WORDS = "請求の文面"
    PARTICULARS = "請求の記入事項"
    MESSAGES = "やり取りの文面"
    FILES = "添付ファイルとその名前"
    DECISION = "決定の説明"
    TRACKING = "郵便の追跡番号"
    CODE = "確認コード"
    TALK = "会話の内容"
    MASKED_TALK = "会話の内容（個人情報を伏せたもの）"
    ACCOUNT = "チャネルの利用者ID"
    NOTE = "職員のメモ"


FREE_TEXT = frozenset(
    {Data.REMARKS, Data.WORDS, Data.PARTICULARS, Data.MESSAGES, Data.FILES, Data.TALK, Data.NOTE, Data.DECISION}
)
"""What people wrote in their own words: only a person can say whether 要配慮個人情報 stands in it."""


class Owner(StrEnum):
    """What a row with something sealed belongs to."""

    REQUEST = "request"
    DRAFT = "draft"
    TALK = "talk"
    MEMBER = "member"


@dataclass(frozen=True)
class Place:
    """A table with sealed columns: whose its rows are, since when they are there, and what each column holds."""

    owner: Owner
    owner_column: str
    since_column: str
    holds: dict[str, Data]


PLACES = {
    "answer_release": Place(Owner.REQUEST, "request_id", "prepared_at", {"sealed_tracking": Data.TRACKING}),
    "code": Place(Owner.REQUEST, "request_id", "asked_at", {"sealed_code": Data.CODE, "sealed_number": Data.CODE}),
    "contact": Place(
        Owner.DRAFT,
        "draft_id",
        "given_at",
        {
            "sealed_name": Data.NAME,
            "sealed_subject": Data.SUBJECT,
            "sealed_email": Data.EMAIL,
            "sealed_phone": Data.PHONE,
            "sealed_address": Data.ADDRESS,
            "sealed_remarks": Data.REMARKS,
        },
    ),
    "conversation": Place(Owner.TALK, "id", "started_at", {"sealed_review_note": Data.NOTE}),
    "decision": Place(
        Owner.REQUEST,
        "request_id",
        "decided_at",
        {"sealed_explanation": Data.DECISION, "sealed_detail": Data.DECISION},
    ),
    "draft": Place(Owner.DRAFT, "id", "created_at", {"sealed_words": Data.WORDS}),
    "inbox": Place(Owner.TALK, "conversation_id", "received_at", {"sealed_event": Data.TALK}),
    "member": Place(Owner.MEMBER, "id", "created_at", {"sealed_user": Data.ACCOUNT}),
    "open_question": Place(Owner.TALK, "conversation_id", "at", {"sealed_vector": Data.TALK}),
    "request": Place(
        Owner.REQUEST,
        "id",
        "received_at",
        {"sealed_words": Data.WORDS, "sealed_particulars": Data.PARTICULARS, "sealed_hold_reason": Data.NOTE},
    ),
    "stored_file": Place(Owner.DRAFT, "draft_id", "at", {"sealed_name": Data.FILES, "sealed_content": Data.FILES}),
    "thread_message": Place(Owner.REQUEST, "request_id", "at", {"sealed_text": Data.MESSAGES}),
    "transcript": Place(Owner.TALK, "conversation_id", "at", {"sealed_message": Data.TALK, "sealed_trace": Data.TALK}),
}
"""Every table that holds something of a member; a test compares it with the database."""

NOT_OF_MEMBERS = frozenset({"staff_account", "trial_verdict"})
"""Sealed as well, but of the staff's: keys of their second factor, and what they said while trying."""

SHOWN = {
    "name": Data.NAME,
    "subject": Data.SUBJECT,
    "email": Data.EMAIL,
    "phone": Data.PHONE,
    "address": Data.ADDRESS,
    "remarks": Data.REMARKS,
    "contact": Data.CONTACT,
    "words": Data.WORDS,
    "particulars": Data.PARTICULARS,
    "messages": Data.MESSAGES,
    "file": Data.FILES,
}
"""What the trails' names of what was shown mean; `role` and `reply_by` name nobody."""
