"""What can be wrong with a draft, a request or its page; every message is free of personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot.errors import BadInputError


class NothingIsAskedForError(BadInputError):
    """A draft needs at least one kind, and only kinds that are filed."""


class DraftIsUnknownError(BadInputError):
    """No draft has this id."""


class DraftWasDroppedError(BadInputError):
    """The member gave this draft up; it cannot be filed any more."""


class TooMuchWasFiledError(BadInputError):
    """As much was filed in this conversation as may be in one stretch of time; the draft stays as it is.

    Attributes:
        until: from when on there is room again.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__("this conversation has filed as much as it may for now; nothing was filed")
        self.until = until


class NothingWasFiledError(BadInputError):
    """What is not filed with the first company is not filed with others either."""


class CompanyIsNoSisterError(BadInputError):
    """This company cannot be asked together with the other."""


class RequestIsUnknownError(BadInputError):
    """No request has this id or number."""


class StateForbidsError(BadInputError):
    """The request stands where this step is not possible."""


class PageIsUnknownError(BadInputError):
    """No page was issued with this token."""


class PageIsClosedError(BadInputError):
    """The page's time is over; a new one can be issued."""


class DetailsWereGivenError(BadInputError):
    """The page was submitted before; nothing was changed."""


class DetailsAreUnusableError(BadInputError):
    """Some fields of the page cannot be used as they are.

    Attributes:
        faults: field name to the reason, one of `missing`, `too_long`, `malformed`; never a value.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("unusable fields: " + ", ".join(f"{field} ({fault})" for field, fault in faults.items()))
        self.faults = dict(faults)


class FileIsUnknownError(BadInputError):
    """No file has this id, or its content was removed."""


class FileIsUnusableError(BadInputError):
    """A file cannot be taken.

    Attributes:
        fault: one of `empty`, `too_large`, `wrong_type`, `too_many`.
    """

    def __init__(self, fault: str) -> None:
        super().__init__(f"unusable file: {fault}")
        self.fault = fault


class MessageIsUnusableError(BadInputError):
    """A message cannot be taken.

    Attributes:
        fault: one of `missing`, `too_long`, `too_many`.
    """

    def __init__(self, fault: str) -> None:
        super().__init__(f"unusable message: {fault}")
        self.fault = fault


class HoldReasonIsUnusableError(BadInputError):
    """A hold has no reason, or a longer one than may be."""


class CodeIsGoneError(BadInputError):
    """No one-time code of this id waits to be sent."""


class StaffFileIsWrongError(BadInputError):
    """The list of staff cannot be used; the message names the file and the first fault."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")


class AlertIsUnknownError(BadInputError):
    """No alert has this id."""


class MailCannotBeReadError(BadInputError):
    """A file is no mail, or none that can be read."""


class ArrivalIsImpossibleError(BadInputError):
    """Nothing can have arrived at this moment: it lies ahead, before the law, or after it was entered or verified."""


class OriginalWasEnteredError(BadInputError):
    """The letter or mail was entered before.

    Attributes:
        numbers: the receipt numbers it already has.
    """

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(f"this original was entered before as {', '.join(numbers)}; nothing was entered")
        self.numbers = tuple(numbers)


class ArrivalIsFixedError(BadInputError):
    """The time of arrival stands: the request came by a conversation, or a second person has checked it."""


class SecondPersonIsMissingError(BadInputError):
    """A second person has to do this, and the same one tried."""


class StaffOnlyError(BadInputError):
    """Only a named member of staff can do this."""


class PersonIsUnverifiedError(BadInputError):
    """Only somebody who has been verified may be told this, or given that."""


class DecisionIsUnknownError(BadInputError):
    """No decision has this id."""


class DecisionDoesNotFitError(BadInputError):
    """A request of this kind cannot be decided so, or something that has to be told is missing."""


class GroundIsNotAllowedError(BadInputError):
    """There is no such ground, or it cannot be chosen for this kind and outcome under the owner's rules."""


class ReleaseIsUnknownError(BadInputError):
    """No answer was prepared under this id."""


class ReleaseDoesNotFitError(BadInputError):
    """This answer cannot be handed over, or not in this way."""


class LinkDoesNotFitError(BadInputError):
    """These two requests cannot be linked so."""


class SomethingIsLeftToDoError(BadInputError):
    """What was granted has not been done or handed over."""


class ProofIsContradictoryError(BadInputError):
    """A proof was said to show what a proof of its sort cannot show."""


class MemberTokenIsRefusedError(BadInputError):
    """A signed member token is not accepted; nobody learns why."""
