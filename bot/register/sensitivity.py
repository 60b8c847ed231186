"""Which requests only some of the staff may read: those about health and bank accounts."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

# Words of the titles under which a desk file lists these data; health is 要配慮個人情報 (個人情報保護法 2条3項). Each
# company has titles of its own, and a word too many only keeps a request from staff who are not marked.
_HEALTH = ("健康", "要配慮", "アレルギー", "病歴", "症状", "診療", "薬", "障害")
_ACCOUNTS = ("口座",)
_SENSITIVE = (*_HEALTH, *_ACCOUNTS)


def is_sensitive(scope: str | None) -> bool:
    """Whether a request's scope names such data; one that names none at all may mean them, but shows none."""
    return _names(scope, _SENSITIVE)


def names_health(scope: str | None) -> bool:
    """Whether a request's scope names data about health."""
    return _names(scope, _HEALTH)


def names_accounts(scope: str | None) -> bool:
    """Whether a request's scope names bank accounts."""
    return _names(scope, _ACCOUNTS)


def is_ordinary(scope: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """The opposite of `is_sensitive` as a condition of a query, for lists of those who may not read such requests."""
    return or_(scope.is_(None), and_(*(~scope.contains(word) for word in _SENSITIVE)))


def _names(scope: str | None, words: tuple[str, ...]) -> bool:
    return any(word in (scope or "") for word in words)
