"""The parts that shapes are made of: bounded words, instants, and views of rows."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    Strict,
    StringConstraints,
)

from dialer.rules.intake.payload import clean_text

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


def _sane(at: datetime) -> datetime:
    # Far from today an instant no longer fits in another zone, and nobody means it.
    if not _FIRST_YEAR <= at.year < _LAST_YEAR:
        raise ValueError(f"the year must be {_FIRST_YEAR} to {_LAST_YEAR - 1}")
    return at


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("an amount is a number")  # noqa: TRY004 -- pydantic reports a ValueError
    return str(value) if isinstance(value, float) else value


def _cleaned(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


Whole = Annotated[int, Strict()]
"""A whole number: neither true nor a text of digits is meant as one."""

Money = Annotated[
    Decimal,
    BeforeValidator(_no_bool),
    PlainSerializer(float, return_type=float, when_used="json"),
]
"""An amount in some currency, sent and shown as a JSON number (a text of digits is read too)."""

Instant = Annotated[AwareDatetime, AfterValidator(_sane)]
"""An instant with an offset, within this century."""

Word = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    BeforeValidator(_cleaned),
]
"""A name or an id: 1 to 200 characters."""

Sentence = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    BeforeValidator(_cleaned),
]
"""A reason for people: 1 to 500 characters."""

Secret = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=r"^[!-~]+$")]
"""A credential: printable ASCII, as a header must be."""


class Input(BaseModel):
    """A body that is sent to us; a field that it does not know is refused by name."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """What is shown of a row; columns that it does not name stay inside."""

    model_config = ConfigDict(extra="ignore")

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        """Show a row."""
        return cls.model_validate(dict(row))
