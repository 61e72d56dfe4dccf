"""Leads as they come in and as they are shown."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from dialer.pipeline.intake.intake import MAX_BULK
from dialer.rules.intake.lead_input import LeadInput
from service.http.paging import Page
from service.http.problems import ProblemFault
from service.shapes.calls import CallView
from service.shapes.parts import Input, Sentence, View, Whole, Word

_EXAMPLE_CAMPAIGN = "0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b10"
_EXAMPLE_LEAD: dict[str, Any] = {
    "phone": "(412) 555-0151",
    "name": "Owen Castillo",
    "external_id": "row-1187",
    "email": "owen@example.com",
    "context": "Asked for a roof inspection after the storm.",
    "image_urls": ["https://cdn.example.com/roof.jpg"],
    "attributes": {"product": "roof inspection"},
    "timezone": "America/New_York",
    "priority": 10,
}


_REPEATED = "An earlier row with this external_id made the lead; this one added nothing."
_NOTE = "What of a repeated row was left aside, such as another number."


class LeadPost(LeadInput):
    """A person to call, and the campaign to call them in. Only phone and campaign are required."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"campaign_id": _EXAMPLE_CAMPAIGN, **_EXAMPLE_LEAD},
                {"campaign_id": _EXAMPLE_CAMPAIGN, "phone": "4125550152"},
            ]
        }
    )

    campaign_id: UUID = Field(description="The campaign that will call.")
    priority: Whole = Field(default=0, ge=-100, le=100, description="Higher is called sooner.")


class BulkPost(Input):
    """Up to 1,000 leads; each is judged by itself, so a bad row costs no other row."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "campaign_id": _EXAMPLE_CAMPAIGN,
                    "leads": [_EXAMPLE_LEAD, {"phone": "911", "external_id": "row-1188"}],
                }
            ]
        },
    )

    campaign_id: UUID = Field(description="The campaign that will call.")
    leads: list[Any] = Field(
        min_length=1,
        max_length=MAX_BULK,
        description="Leads with the fields of a single one, without campaign_id.",
    )


class LeadReceipt(View):
    """A lead that was taken. It stands in the database: no restart loses it."""

    lead_id: UUID | None = Field(description="The lead.")
    status: Literal["accepted", "duplicate"] = Field(
        description="`duplicate`: an unfinished lead of the campaign has this number already; "
        "lead_id names that one."
    )
    phone: str = Field(description="The number that will be called, +1 and ten digits.")
    phone_code: str = Field(description="What was repaired in the number; `ok` for nothing.")
    external_id: str | None = Field(default=None, description="Your id, as you sent it.")
    repeated: bool = Field(default=False, description=_REPEATED)
    note: str | None = Field(default=None, description=_NOTE)


class RowReceipt(View):
    """What became of one row."""

    index: int = Field(description="The row's place in what was sent, from 0.")
    status: Literal["accepted", "duplicate", "rejected", "stopped", "no_such_lead"] = Field(
        description="Of a webhook's row that says won, lost or do not call: `stopped`, or "
        "`no_such_lead`."
    )
    word: str | None = Field(default=None, description="What such a row said.")
    lead_id: UUID | None = None
    external_id: str | None = None
    phone: str | None = None
    phone_code: str | None = None
    repeated: bool = Field(default=False, description=_REPEATED)
    note: str | None = Field(default=None, description=_NOTE)
    errors: list[ProblemFault] = Field(
        default_factory=list, description="Pointers are into the row."
    )


class BulkReceipt(View):
    """What became of each row, in the order sent."""

    accepted: int = Field(description="Rows that made a lead.")
    repeated: int = Field(description="Rows whose external_id made its lead earlier.")
    duplicates: int = Field(description="Rows whose number an unfinished lead has already.")
    rejected: int
    rows: list[RowReceipt]


class LeadView(View):
    """A lead."""

    id: UUID
    campaign_id: UUID
    source_id: UUID
    state: str = Field(description="Its bucket: waiting, calling, held, done, …")
    reason: str | None = Field(description="Why it waits, or why it is finished.")
    stop_word: str | None = Field(
        default=None, description="What the CRM said of it during a call that runs: won, lost, …"
    )
    last_outcome: str | None
    attempts: int = Field(description="Calls so far that count.")
    due_at: datetime = Field(description="When a waiting lead is looked at next.")
    phone: str
    raw_phone: str = Field(description="As it came.")
    phone_code: str
    name: str | None
    external_id: str | None
    email: str | None
    partner_lead_id: str | None
    context: str | None
    additional_info: str | None
    image_urls: list[str]
    attributes: dict[str, Any]
    timezone: str | None
    postal_code: str | None
    us_state: str | None
    priority: int
    urgency: int = Field(
        description="3: asked to be called now; 2: has just come; 1: came by itself and had to "
        "wait; 0: of a list, or called before. The more, the sooner, whatever its priority."
    )
    variant_id: UUID | None = Field(description="Which of the campaign's variants calls it.")
    origin_id: UUID | None = Field(description="The lead that this one, in a run, is a copy of.")
    not_before: datetime | None
    expires_at: datetime | None
    consent: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class TimelineEntry(View):
    """One thing that happened to a lead."""

    id: int
    at: datetime
    name: str
    call_id: UUID | None
    body: dict[str, Any]


class LeadDetail(LeadView):
    """A lead with all that happened to it."""

    timeline: list[TimelineEntry] = Field(description="Oldest first, at most 500.")
    calls: list[CallView] = Field(description="Its calls, oldest first, at most 200.")


class LeadCancelled(View):
    """A lead after its cancellation."""

    lead: LeadView
    in_flight: int = Field(description="Calls of it that ring or are talked on, and run on.")


class LeadRelease(Input):
    """How a lead is called whose `partner_lead_id` the upstream doesn't know."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "The CRM was moved."}]}
    )

    partner_lead_id: Word | None = Field(
        default=None, description="The right id; null, or left out, to call without one."
    )
    note: Sentence | None = Field(
        default=None, description="Why, for whoever reads the timeline; 1 to 500 characters."
    )


class LeadPage(Page):
    """A page of leads."""

    items: list[LeadView]
