"""What an entry of the do-not-call list looks like when it comes in with many others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from dialer.rules.errors import Fault
from dialer.rules.intake.lead_input import MAX_PHONE, Instant, faults_of
from dialer.rules.intake.payload import clean_text
from dialer.rules.phones import phone as phones

MAX_REASON = 500


def _plain(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return clean_text(value) if isinstance(value, str) else value


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class SuppressionInput(BaseModel):
    """A number that nobody may call."""

    model_config = ConfigDict(extra="forbid")

    phone: Annotated[str, StringConstraints(max_length=MAX_PHONE), BeforeValidator(_plain)] = (
        Field(description="As typed.")
    )
    reason: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_REASON),
        BeforeValidator(_plain),
    ] = Field(description="For people; 1 to 500 characters.")
    until: Instant = Field(default=None, description="When it lapses; absent: never.")
    campaign_id: Annotated[UUID | None, BeforeValidator(_blank_is_none)] = Field(
        default=None, description="Only for this campaign."
    )


@dataclass(frozen=True, slots=True)
class ReadSuppression:
    """An entry that can be taken, and its number in E.164."""

    fields: SuppressionInput
    e164: str


def read_suppression(
    given: Mapping[str, object], *, now: datetime
) -> ReadSuppression | tuple[Fault, ...]:
    """Read one entry, or name everything that is wrong with it."""
    try:
        fields = SuppressionInput.model_validate(dict(given))
    except ValidationError as error:
        return faults_of(error, known=tuple(SuppressionInput.model_fields))
    if fields.until is not None and fields.until <= now:
        return (Fault("/until", "already_past", "the entry would have lapsed on arrival"),)
    match phones.normalise(fields.phone, allow_territories=True):
        case phones.Accepted(e164=e164):
            return ReadSuppression(fields, e164)
        case phones.Rejected(code=code, suggestion=suggestion):
            message = phones.REJECTED_CODES[code]
            return (Fault("/phone", f"phone.{code}", message, suggestion),)
