"""Segments as they are saved and shown."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from dialer.rules.segment import MAX_ATTEMPTS, MAX_ATTRIBUTES, MAX_DAYS, MAX_IDS
from service.http.paging import Page
from service.shapes.parts import Input, View, Whole, Word

_FILTER: dict[str, Any] = {
    "last_outcomes": ["no_answer", "voicemail"],
    "us_states": ["TX", "OK"],
    "not_called_for_days": 30,
}


class SegmentFilter(Input):
    """A choice among the organization's leads; each part narrows it, absent ones don't."""

    # Names that it doesn't know go on to the rules, which name the nearest that there is.
    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"additionalProperties": False, "examples": [_FILTER]},
    )

    campaign_ids: list[UUID] | None = Field(
        default=None, max_length=MAX_IDS, description="Leads of one of these campaigns."
    )
    source_ids: list[UUID] | None = Field(
        default=None, max_length=MAX_IDS, description="Leads that came through these sources."
    )
    states: list[Word] | None = Field(
        default=None,
        max_length=20,
        description="The buckets they are in. Absent: done and expired alone, since a lead that "
        "is still being called elsewhere would be called by two campaigns.",
    )
    last_outcomes: list[Word] | None = Field(
        default=None, max_length=50, description="How their last call ended."
    )
    us_states: list[Word] | None = Field(
        default=None,
        max_length=60,
        description="Two-letter codes: by the lead's address, else by its area code.",
    )
    attributes: dict[str, Any] | None = Field(
        default=None,
        max_length=MAX_ATTRIBUTES,
        description='Names and the values that they must have, of the same kind: 5 is not "5".',
    )
    attempts_min: Whole | None = Field(
        default=None, ge=0, le=MAX_ATTEMPTS, description="Calls that counted, at least."
    )
    attempts_max: Whole | None = Field(
        default=None, ge=0, le=MAX_ATTEMPTS, description="Calls that counted, at most."
    )
    not_called_for_days: Whole | None = Field(
        default=None,
        ge=1,
        le=MAX_DAYS,
        description="Their number didn't ring in the last days, for any campaign.",
    )
    created_within_days: Whole | None = Field(
        default=None, ge=1, le=MAX_DAYS, description="Taken in within the last days."
    )

    def given(self) -> dict[str, object]:
        """As the rules read it."""
        return self.model_dump(mode="json", exclude_none=True)


class SegmentPost(Input):
    """A new segment."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Quiet Texans", "filter": _FILTER}]},
    )

    name: Word = Field(description="For people; 1 to 200 characters, unique.")
    filter: SegmentFilter


class SegmentView(View):
    """A saved choice among the organization's leads, read anew whenever it is used."""

    id: UUID
    name: str
    filter: dict[str, Any]
    created_at: datetime


class SegmentPage(Page):
    """A page of segments."""

    items: list[SegmentView]


class SegmentCount(View):
    """How many leads are in a segment now."""

    count: int
    at_least: bool = Field(description="Whether there may be more: counting stops at 100,000.")
