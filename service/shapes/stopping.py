"""A word from the CRM, and entries for the do-not-call list by the hundred."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from dialer.pipeline.compliance.suppress_bulk import MAX_ROWS
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.intake.payload import clean_text
from service.http.problems import ProblemFault
from service.shapes.parts import Input, View, Word


def _as_text(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return clean_text(value) if isinstance(value, str) else value


ExternalId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    BeforeValidator(_as_text),
]
"""A CRM's id, as a lead's is read: a number is taken as its digits."""


class LeadStop(Input):
    """Which leads are done with, and why. Name them by exactly one of the first three."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"external_id": "row-1187", "word": "won"},
                {"phone": "(412) 555-0151", "word": "do_not_call"},
            ]
        },
    )

    lead_id: UUID | None = Field(default=None, description="The lead's id here.")
    external_id: ExternalId | None = Field(
        default=None, description="Your id, as the lead was sent with."
    )
    phone: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        default=None, description="As typed: every lead with this number."
    )
    source: Word | None = Field(
        default=None, description="Only leads of this source: its name or id."
    )
    campaign_id: UUID | None = Field(default=None, description="Only leads of this campaign.")
    word: StopWord = Field(
        description="`do_not_call` puts their numbers on the do-not-call list, for good."
    )

    @model_validator(mode="after")
    def _names_one_thing(self) -> "LeadStop":
        given = [n for n in (self.lead_id, self.external_id, self.phone) if n is not None]
        if len(given) != 1:
            raise ValueError("name the leads by exactly one of lead_id, external_id and phone")
        return self


class LeadsStopped(View):
    """What became of the leads that were named."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    ended: list[UUID] = Field(description="Leads that waited, or were held, and are finished.")
    in_call: list[UUID] = Field(description="Leads in a call; nothing follows that call.")
    finished: int = Field(description="How many were finished before, at most 1,000.")
    in_flight: int = Field(description="Calls that nothing stops any more.")
    suppressed: list[str] = Field(description="Numbers that are called no more.")


class SuppressionBulkPost(Input):
    """Up to 1,000 numbers that nobody may call; each row is judged by itself."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"rows": [{"phone": "(412) 555-0151", "reason": "asked on the phone"}]},
            ]
        },
    )

    rows: list[Any] = Field(
        min_length=1,
        max_length=MAX_ROWS,
        description="Members `phone`, `reason`, and `until` and `campaign_id` where they are "
        "meant.",
    )


class SuppressionReceipt(View):
    """What became of one row."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    index: int = Field(description="The row's place in what was sent, from 0.")
    status: Literal["listed", "known", "rejected"] = Field(
        description="`known`: an entry of that number and campaign holds for as long already."
    )
    id: UUID | None = Field(default=None, description="The entry.")
    phone: str | None = None
    errors: list[ProblemFault] = Field(
        default_factory=list, description="Pointers are into the row."
    )


class SuppressionBulkReceipt(View):
    """What became of each row, in the order sent."""

    listed: int
    known: int
    rejected: int
    rows: list[SuppressionReceipt]
