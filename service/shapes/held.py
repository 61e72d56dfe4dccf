"""Calls that wait for a person as they are shown, and what that person decides."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from dialer.rules.proof.decision import Decision
from service.http.paging import Page
from service.shapes.calls import Evidence
from service.shapes.leads import TimelineEntry
from service.shapes.parts import Input, Sentence, View


class LookedFor(View):
    """What is looked for in the calling platform's history, to look it up by hand."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    phone: str = Field(description="Whom the call was to ring, E.164.")
    partner_business_id: str
    partner_agent_id: str
    partner_call_id: str | None = Field(
        description="The platform's id of the call, if it gave one."
    )
    start: datetime = Field(description="The earliest start that would fit.")
    end: datetime | None = Field(
        description="The latest start that would fit; null where the call is looked up by its id."
    )


class HeldView(View):
    """A call that waits for a person, and why."""

    id: UUID
    state: str = Field(description="held: nobody can prove whether it rang. stale: never ended.")
    held_at: datetime | None = Field(description="Since when it waits.")
    why: str | None = Field(description="The reason's code, such as `conflict`.")
    says: str = Field(description="The reason in a sentence.")
    name: str | None = Field(description="The lead's.")
    phone: str
    lead_id: UUID
    campaign_id: UUID
    campaign_name: str
    agent_id: UUID
    agent_name: str
    attempt: int
    armed_at: datetime = Field(description="When the request was about to leave.")
    closed_at: datetime | None = Field(
        description="When its sender had an answer, or was proven dead; null: neither is known."
    )
    answer: str | None = Field(description="What the answer meant: placed, unknown or conflict.")
    answer_status: int | None = Field(description="Its HTTP status; null: none arrived.")
    answer_code: str | None = Field(description="How the request ended, such as `read_timeout`.")
    sweeps: int = Field(description="Complete sweeps of the history that did not find it.")
    swept_at: datetime | None = Field(description="When the last sweep was.")
    looked_for: LookedFor


class HeldDetail(HeldView):
    """A call that waits for a person, with what proves and what happened to it."""

    evidence: list[Evidence] = Field(description="Oldest first.")
    timeline: list[TimelineEntry] = Field(description="The call's own, oldest first, at most 200.")


class HeldPage(Page):
    """A page of calls that wait for a person."""

    items: list[HeldView]


class UnknownView(View):
    """A call that may or may not have rung. It needs nobody: it is looked for."""

    id: UUID
    name: str | None = Field(description="The lead's.")
    phone: str
    lead_id: UUID
    campaign_id: UUID
    campaign_name: str
    agent_id: UUID
    agent_name: str
    attempt: int
    armed_at: datetime = Field(description="When the request was about to leave.")
    closed_at: datetime | None = Field(
        description="When its sender had an answer, or was proven dead; null: neither is known."
    )
    answer: str | None = Field(description="What the answer meant: unknown, or conflict for 409.")
    sweeps: int = Field(description="Complete sweeps of the history that did not find it, of 3.")
    waits_for: str = Field(description="What it waits for, as a code, such as `settling`.")
    says: str = Field(description="The same in a sentence.")
    settled_at: datetime = Field(
        description="From when on a look that doesn't show the call proves something."
    )
    held_at: datetime = Field(description="When a person is asked, if nothing is proven before.")


class UnknownPage(Page):
    """A page of calls that are looked for."""

    items: list[UnknownView]


class DecisionPost(Input):
    """What a person found out, or wants, of a call that is held or stale."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"decision": "call_again", "note": "She says nobody ever called."}]
        },
    )

    decision: Decision = Field(
        description="`reached`: the person was talked to, the lead is done. `drop`: the lead is "
        "cancelled. `call_again`: the lead is due now, this call spends no attempt, and the phone "
        "may ring a second time."
    )
    note: Sentence | None = Field(
        default=None, description="Why, for whoever reads the timeline; 1 to 500 characters."
    )
