"""Canaries: made-up personal data of which each is written once in the world, so that a single hit says who leaks."""

from __future__ import annotations

import json
import secrets
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import BytesAhoCorasick
from stdnum import luhn

_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class Canary:
    """What one member has: what masking takes out of typed text, and what only pages take.

    Attributes:
        mail: an e-mail address.
        phone: a telephone number.
        card: a card's number, with the right check digit.
        my_number: an individual number (マイナンバー), with the right check digit.
        postal_code: where they live.
        name: given on pages alone.
        words: said on pages and by staff alone.
    """

    mail: str
    phone: str
    card: str
    my_number: str
    postal_code: str
    name: str
    words: str

    @property
    def typed(self) -> str:
        """What they type into a chat though they should not."""
        return (
            f"連絡先は{self.mail}、電話は{self.phone}、住所は〒{self.postal_code}です。カード番号は{self.card}、"
            f"マイナンバーは{self.my_number}です。口座情報は何に使われますか"
        )

    @property
    def masked(self) -> tuple[str, ...]:
        """What of it must be nowhere at all, in the spellings in which it could have been kept."""
        plain = (self.mail, self.mail.partition("@")[0], self.phone, self.card, self.my_number)
        return tuple(dict.fromkeys((*plain, self.phone.replace("-", ""))))

    @property
    def kept(self) -> tuple[str, ...]:
        """What is kept sealed and shown to those it is for."""
        return self.name, self.words

    def spelled(self) -> dict[bytes, str]:
        """Every secret as files and streams could hold it: as it is, as JSON and as an address spells it."""
        return {
            spelling.encode(*encoding): secret
            for secret in (*self.masked, *self.kept)
            for spelling in (secret, json.dumps(secret).strip('"'), urllib.parse.quote(secret))
            for encoding in (("utf-8",), ("utf-16-le",))
        }


def canary() -> Canary:
    """A new one."""
    digits = f"{secrets.randbelow(10**8):08}"
    card = f"4{secrets.randbelow(10**14):014}"
    bare = f"{secrets.randbelow(9 * 10**10) + 10**10}"
    rest = sum(int(digit) * weight for digit, weight in zip(bare, _WEIGHTS, strict=True)) % 11
    return Canary(
        mail=f"c{secrets.token_hex(6)}@example.jp",
        phone=f"090-{digits[:4]}-{digits[4:]}",
        card=card + luhn.calc_check_digit(card),
        my_number=bare + str(0 if rest < 2 else 11 - rest),
        postal_code=f"{secrets.randbelow(900) + 100}-{secrets.randbelow(9000) + 1000}",
        name=f"鳥{_kanji(6)}",
        words=f"秘密は{_kanji(10)}",
    )


def leaked(canaries: Sequence[Canary], contents: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """Which secrets stand where, in any spelling; each content is read once, however many canaries there are."""
    spelled = {spelling: secret for one in canaries for spelling, secret in one.spelled().items()}
    spellings = list(spelled)
    search = BytesAhoCorasick(spellings)
    return {
        (name, spelled[spellings[which]])
        for name, content in contents.items()
        for which, _, _ in search.find_matches_as_indexes(content)
    }


def _kanji(length: int) -> str:
    # Any of a thousand common characters: six of them are nobody's name, and in no other text.
    return "".join(chr(0x5000 + secrets.randbelow(0x800)) for _ in range(length))
