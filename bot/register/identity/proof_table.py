"""The least proof of who asks, by kind, scope and role: a table that the owner may edit (`proofs.yml`)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import BadInputError
from bot.register.identity.models import ProofSort
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.models import ReplyBy, Role

BUILT_IN = Path(__file__).with_name("proofs.yml")

NO_PROOF = "none"


class ProofTableIsWrongError(BadInputError):
    """The table of proofs cannot be used; the message names the file, the row and the fault."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ProofRow(_Shape):
    """One row: what it is for, which proof it takes, and why, in words that a member reads."""

    kinds: tuple[Kind, ...] = Field(FILED_KINDS, min_length=1)
    scopes: tuple[str, ...] = ()
    roles: tuple[Role, ...] = Field(tuple(Role), min_length=1)
    after_failed_collation: bool = False
    proof: Literal["none", "mailbox_code", "collation", "document"]
    reason: str = Field(min_length=1)

    @property
    def sort(self) -> ProofSort | None:
        """The least sort of proof that suffices; None when nobody has to be identified."""
        return None if self.proof == NO_PROOF else ProofSort(self.proof)

    def fits(self, kind: Kind, scope: str, role: Role, *, collation_failed: bool) -> bool:
        """Whether this row is for such a request."""
        return (
            kind in self.kinds
            and role in self.roles
            and (not self.scopes or any(word in scope for word in self.scopes))
            and (collation_failed or not self.after_failed_collation)
        )

    @property
    def fits_everything(self) -> bool:
        """Whether no request can be without a row once this one is the last."""
        return (
            not self.scopes
            and not self.after_failed_collation
            and {*self.kinds} == {*FILED_KINDS}
            and {*self.roles} == {*Role}
        )


class ProofTable(_Shape):
    """The whole table, with the names of facts that staff may compare."""

    rows: tuple[ProofRow, ...] = Field(min_length=1)
    facts: tuple[str, ...] = Field(min_length=1)
    least_facts: int = Field(ge=1)
    address_facts: dict[ReplyBy, str]

    @model_validator(mode="after")
    def _leaves_nothing_open(self) -> Self:
        if not self.rows[-1].fits_everything:
            raise ValueError("the last row must fit every kind, scope and role")
        if not {*self.address_facts.values()} <= {*self.facts}:
            raise ValueError("address_facts names something that facts does not")
        return self

    def row(self, kind: Kind, scope: str | None, role: Role, *, collation_failed: bool) -> ProofRow:
        """The first row that fits."""
        return next(row for row in self.rows if row.fits(kind, scope or "", role, collation_failed=collation_failed))


@lru_cache(maxsize=4)
def load_proof_table(path: Path | None = None) -> ProofTable:
    """The owner's table, or the built-in one.

    Raises:
        ProofTableIsWrongError: it is missing, no YAML, or says something that cannot be.
    """
    path = path or BUILT_IN
    try:
        return ProofTable.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ProofTableIsWrongError(path, f"cannot be read ({type(error).__name__})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProofTableIsWrongError(path, f"no YAML (line {mark.line + 1 if mark else '?'})") from None
    except ValidationError as error:
        raise ProofTableIsWrongError(path, _first_fault(error)) from None


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    # People count rows from 1.
    place = ".".join(str(step + 1) if isinstance(step, int) else str(step) for step in fault["loc"])
    return f"{place.replace('rows.', 'row ')}: {fault['msg']}" if place else fault["msg"]
