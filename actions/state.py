"""Where a running request stands: the content of the slot `request`. Ids and names of kinds only, never a word."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

Step = Literal["kind", "which", "scope", "words", "wording", "rewrite", "confirm", "withdraw", "details"]
"""What a member is asked for: which right, which of several that the words may mean, which data, the words of a
complaint, whether a question goes to the desk as it was asked, other words for it, whether to file, which filed
request to take back; or `details`, when it is filed and only the secure page remains."""

_STEPS = frozenset(get_args(Step))


@dataclass(frozen=True)
class RequestState:
    """One request on its way from the first wish to the receipt.

    Attributes:
        step: what the member is asked for now.
        kinds: what is asked for, as the register names it.
        scope: title of the data meant, one of the desk's, or None before it was chosen.
        suggested: scope that the member's own words named; offered first, never taken silently.
        draft: id of the register's draft from the summary on.
        words: ids of the messages whose text goes with the request.
        narrowing: name of the question that tells apart what the words may mean (`actions.narrowing`).
        stops_advertising: whether the use to be stopped is advertising; its scope is known then.
    """

    step: Step
    kinds: tuple[str, ...] = ()
    scope: str | None = None
    suggested: str | None = None
    draft: str | None = None
    words: tuple[str, ...] = ()
    narrowing: str | None = None
    stops_advertising: bool = False

    @classmethod
    def from_slot(cls, slot: dict[str, Any] | None) -> RequestState | None:
        """Reads the slot; what this version does not understand counts as no request, never as a wrong one."""
        if not slot or slot.get("step") not in _STEPS:
            return None
        return cls(
            step=slot["step"],
            kinds=tuple(slot.get("kinds") or ()),
            scope=slot.get("scope"),
            suggested=slot.get("suggested"),
            draft=slot.get("draft"),
            words=tuple(slot.get("words") or ()),
            narrowing=slot.get("narrowing"),
            stops_advertising=bool(slot.get("stops_advertising")),
        )

    def to_slot(self) -> dict[str, Any]:
        """The JSON that Rasa keeps."""
        return {**asdict(self), "kinds": list(self.kinds), "words": list(self.words)}

    @property
    def is_running(self) -> bool:
        """Whether something is being put together that is not filed yet."""
        return self.step not in ("withdraw", "details")

    def at(self, step: Step, **changes: Any) -> RequestState:  # noqa: ANN401 - the fields above
        """The same request at another step."""
        return replace(self, step=step, **changes)
