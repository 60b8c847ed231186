"""Which limits there are, and the error of whoever has reached one."""

from __future__ import annotations

from enum import StrEnum

from limits import RateLimitItem

from bot.channels.rates.wording import waiting_time
from bot.errors import MadoguchiError
from bot.notation import read_rates
from bot.settings import Settings


class Limit(StrEnum):
    """What is limited, by what it is counted for; the setting is called `rate_` and the same name."""

    ADDRESS_SESSIONS = "address_sessions"
    ALL_SESSIONS = "all_sessions"
    SESSION_MESSAGES = "session_messages"
    ADDRESS_MESSAGES = "address_messages"
    ALL_MESSAGES = "all_messages"
    MEMBER_MESSAGES = "member_messages"
    ADDRESS_PAGE_POSTS = "address_page_posts"
    ALL_PAGE_POSTS = "all_page_posts"
    ADDRESS_CODE_WISHES = "address_code_wishes"
    ALL_CODE_WISHES = "all_code_wishes"
    ADDRESS_CODE_TRIES = "address_code_tries"
    ALL_CODE_TRIES = "all_code_tries"

    def rates(self, settings: Settings) -> tuple[RateLimitItem, ...]:
        """How much is let through in which time; all of it holds. None, when the limit is switched off."""
        return read_rates(getattr(settings, f"rate_{self}"))


class LimitIsReachedError(MadoguchiError):
    """More came than may; nothing was changed. The message is for the member.

    Attributes:
        limit: which limit it was.
        seconds: after how many seconds there is room again.
    """

    def __init__(self, limit: Limit, seconds: int) -> None:
        super().__init__(f"{_REASONS[limit]}{waiting_time(seconds)}、もう一度お試しください。")
        self.limit = limit
        self.seconds = seconds


_OWN = "短い時間に続けて送られたため、いまはお受けできません。"
_ADDRESS = "お使いの回線からのご利用が続いているため、いまはお受けできません。"
_EVERYBODY = "申し訳ありません。ただいまご利用が多く、お受けできません。"
_REASONS = {limit: {"all": _EVERYBODY, "address": _ADDRESS}.get(limit.partition("_")[0], _OWN) for limit in Limit}
