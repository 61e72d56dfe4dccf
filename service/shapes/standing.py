"""What keeps phones from ringing, as it is shown, and what a person may lift of it."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from service.shapes.parts import Input, Sentence, View


class QuarantineView(View):
    """The time after a restored database in which nothing dials. It ends by itself."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    since: datetime = Field(description="When the restore was noticed.")
    looked_from: datetime = Field(description="From when on lost calls are looked for.")
    ends_at: datetime = Field(description="The earliest instant at which it may end.")
    waits_for: str = Field(
        description="What it waits for: credentials, first_look, lag or complete_look."
    )
    says: str = Field(description="The same in a sentence.")
    problem: str | None = Field(description="Why the last look at the history came to nothing.")


class DisbelievedView(View):
    """An answer that is no longer taken for a refusal, since a call so answered had rung."""

    answer: str = Field(description="Such as `bad_request`, for 400.")
    since: datetime
    call_id: UUID = Field(description="The call that had rung.")
    lead_id: UUID


class Status(View):
    """What stands in the way of an organization's calls, and what waits for somebody."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    at: datetime = Field(description="Campaign time.")
    dials: bool = Field(
        description="Whether a phone may ring at all; agents and campaigns may be parked yet."
    )
    quarantine: QuarantineView | None = Field(description="After a restored database.")
    paused_at: datetime | None
    parked_reason: str | None = Field(description="Why nothing dials for a while.")
    parked_until: datetime | None = Field(description="From then on one call tries.")
    disbelieved: list[DisbelievedView] = Field(
        description="Calls so answered are unknown, until a person believes the answer again."
    )
    unknown_calls: int = Field(description="They are looked for: `GET /v1/unknown`.")
    unknown_since: datetime | None = Field(description="When the oldest of them was armed.")
    held_calls: int = Field(description="They wait for a person: `GET /v1/held`.")
    mistaken_leads: int = Field(
        description="Leads held with the reason `partner_lead_unknown`, to release or cancel."
    )
    parked_agents: int
    parked_campaigns: int = Field(description="They wait to be resumed.")


class BelievePost(Input):
    """Why an answer counts as a refusal again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"note": "The platform mended it, says their ticket."}]},
    )

    note: Sentence = Field(description="What was found out; 1 to 500 characters, for the record.")
