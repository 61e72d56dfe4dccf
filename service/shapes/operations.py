"""Agents, limits, the ledger and events as they are shown."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from dialer.pipeline.planning.plans import MAX_CONCURRENCY, MAX_RATE
from service.shapes.parts import Input, Sentence, View, Whole


class AgentView(View):
    """An agent of the upstream, which is a lane here: the unit of pacing."""

    id: UUID
    business_id: UUID
    partner_agent_id: str
    partner_business_id: str
    name: str
    kind: str | None
    deployed: bool | None = Field(description="As last read from the upstream; null: never.")
    on_duty: bool | None = Field(description="As last read from the upstream; null: never.")
    checked_at: datetime | None
    paused_at: datetime | None = Field(description="Since when a person paused it.")
    parked_reason: str | None = Field(description="Why it can't dial; its leads wait.")
    parked_at: datetime | None
    probe_at: datetime | None = Field(description="When a parked agent is looked at again.")
    calls_per_minute: int | None
    concurrency: int | None
    factor: float | None = Field(
        description="Share of its pace since the upstream asked for less."
    )


class AgentList(View):
    """All agents."""

    items: list[AgentView]


class AgentMoved(View):
    """An agent after a command."""

    agent: AgentView
    in_flight: int = Field(description="Calls that a pause can no longer stop.")


class StopPost(Input):
    """Why a state is paused or resumed."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "A hurricane; says legal."}]}
    )

    note: Sentence = Field(description="1 to 500 characters, for the record.")


class StopView(View):
    """What a stop came to: the proof that nothing else rings."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    paused: bool
    in_flight: int = Field(
        description="Calls that ring, are talked on, or may be: nothing stops them any more."
    )
    last_ring_at: datetime | None = Field(
        description="When the last phone rang, or may have: after a pause none rings later."
    )


class BusinessView(View):
    """A business of the upstream."""

    id: UUID
    partner_business_id: str
    name: str
    calls_per_minute: int | None
    concurrency: int | None
    created_at: datetime


class BusinessList(View):
    """All businesses."""

    items: list[BusinessView]


class Limits(Input):
    """Pace and concurrency; null means no limit of its own."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"calls_per_minute": 120, "concurrency": 40}]},
    )

    calls_per_minute: Whole | None = Field(default=None, ge=1, le=MAX_RATE)
    concurrency: Whole | None = Field(default=None, ge=1, le=MAX_CONCURRENCY)


class Buckets(View):
    """Accepted leads, and the buckets they are in."""

    accepted: int = Field(description="Counted from the timeline, not from the buckets.")
    waiting: int
    calling: int
    held: int
    done: int
    suppressed: int
    expired: int
    cancelled: int
    balanced: bool = Field(description="Whether the buckets add up to the accepted.")


class CampaignBuckets(Buckets):
    """A campaign's buckets."""

    campaign_id: UUID
    name: str
    state: str


class Ledger(View):
    """Where every accepted lead is, and what became of the calls."""

    total: Buckets
    campaigns: list[CampaignBuckets]
    calls: dict[str, int] = Field(description="Calls by state.")
    outcomes: dict[str, int] = Field(description="Ended calls by outcome.")
    waiting_reasons: dict[str, int] = Field(description="Why waiting leads wait.")


class Event(View):
    """One thing that happened."""

    id: int
    at: datetime
    name: str
    campaign_id: UUID | None
    lead_id: UUID | None
    call_id: UUID | None
    body: dict[str, Any]


class EventList(View):
    """Events in order."""

    items: list[Event]
    last_id: int = Field(description="Send it as `after` for what comes next.")
