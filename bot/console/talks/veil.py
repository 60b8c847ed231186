"""What staff see of a member's words before they ask for more: masked once again, and without any number.

A conversation is stored masked already. The masks have grown since older ones were stored, and a number that is no
telephone may still be a birthday or a room. Names that the masks do not find stay, so that a veil is no promise.
"""

from __future__ import annotations

import re

from bot.channels.masking.mask import mask

HIDDEN = "●"
# \d knows full-width digits as well.
_NUMBER = re.compile(r"\d(?:[\d,，.．/／:：-]*\d)?")


def veiled(text: str, spared: frozenset[str] = frozenset()) -> str:
    """A member's words without contact data, names that are found, and numbers of any kind.

    Args:
        text: as it is stored.
        spared: what may stay, as `personal_data` gives it for the policy.
    """
    return _NUMBER.sub(HIDDEN, mask(text, spared=spared).text)


def without_numbers(text: str) -> str:
    """A value that was worked out for one member, such as a receipt number, as it is shown veiled."""
    return _NUMBER.sub(HIDDEN, re.sub(r"K\d{6}-?[0-9A-Z]{4}-?[0-9A-Z]{5}", HIDDEN, text))
