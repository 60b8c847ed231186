"""Which requests only some of the staff may read: those about health and bank accounts."""

from __future__ import annotations

# The titles under which a desk file lists these data; health is 要配慮個人情報 (個人情報保護法 2条3項).
_SENSITIVE = ("健康", "口座")


def is_sensitive(scope: str | None) -> bool:
    """Whether a request's scope names such data; one that names none at all may mean them, but shows none."""
    return any(word in (scope or "") for word in _SENSITIVE)
