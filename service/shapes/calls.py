"""Calls as they are shown."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from service.http.paging import Page
from service.shapes.parts import View


class CallView(View):
    """One attempt to reach a lead."""

    id: UUID
    lead_id: UUID
    campaign_id: UUID
    agent_id: UUID
    phone: str
    attempt: int = Field(description="Which attempt of the lead this is, from 1.")
    campaign_version: int = Field(description="The version of the plan that it was made under.")
    rulebook: int = Field(description="The version of the rules that it was made under.")
    variant_id: UUID | None = Field(description="Which of the campaign's variants called.")
    state: str
    outcome: str | None
    ended_reason: str | None = Field(description="The upstream's own words.")
    partner_call_id: str | None
    partner_status: str | None
    claimed_at: datetime = Field(description="When the decision to ring was written down.")
    place_at: datetime = Field(description="Its slot in the pace.")
    armed_at: datetime | None = Field(description="When the request was about to leave.")
    answered_at: datetime | None = Field(description="When the upstream answered the request.")
    started_at: datetime | None
    ended_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None
    summary: str | None
    recording_url: str | None


class Evidence(View):
    """What the upstream answered at one moment; appended, never changed."""

    at: datetime
    kind: str
    body: dict[str, Any]


class CallDetail(CallView):
    """A call with what was said and what proves it."""

    transcript: str | None
    structured_data: dict[str, Any]
    evidence: list[Evidence] = Field(description="Oldest first.")


class CallPage(Page):
    """A page of calls."""

    items: list[CallView]
