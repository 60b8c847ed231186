"""Text that names or reaches a person: every rendering of it is a mask, and only `reveal` gives the text itself."""

from __future__ import annotations

from typing import Final, NoReturn, final

MASK: Final = "＊＊＊"
"""What stands wherever somebody prints, formats or logs what should have been revealed; as long for every text."""


@final
class Pii:
    """A name, an address, a remark: carried about masked, and revealed where a person or a machine is to read it.

    It is no `str`: whatever takes a string (a join, a JSON encoder, a database) would take its characters past every
    method of ours. It is no dataclass either, for `dataclasses.asdict` looks into those. Nothing that says something
    about the text is answered: neither its length nor its order. Being compared with a guess is no way in, since
    nobody from outside is ever told what came of it; so equality is the plain one.
    """

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "_text", text)

    def reveal(self) -> str:
        """The text, for the line that hands it to whom it is meant for."""
        return self._text

    def __str__(self) -> str:
        """The mask."""
        return MASK

    __repr__ = __str__

    def __format__(self, _spec: str) -> str:
        """The mask, however wide it is asked to be."""
        return MASK

    def __bool__(self) -> bool:
        """Whether there is any text."""
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same text; no bare text is equal to one that is masked."""
        return self._text == other._text if isinstance(other, Pii) else NotImplemented

    def __hash__(self) -> int:
        """Equal ones share it."""
        return hash((Pii, self._text))

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        """Refuses: it is the text that it was made of."""
        raise AttributeError(f"{name} of a Pii cannot be set")

    def __copy__(self) -> Pii:
        """Itself; nothing about it changes."""
        return self

    def __deepcopy__(self, _memo: object) -> Pii:
        """Itself, so that a record that holds one can be taken apart and stays masked."""
        return self

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        """Refuses: a pickle would hold the text in clear.

        Raises:
            TypeError: always.
        """
        raise TypeError("a Pii cannot be pickled; reveal what is to be kept, and seal it")


def masked(text: str | None) -> Pii | None:
    """The same, masked; None stays None."""
    return None if text is None else Pii(text)


def revealed(pii: Pii | None) -> str | None:
    """The text itself, where there is one: for the line that hands it over."""
    return None if pii is None else pii.reveal()
