"""Campaigns as they are planned and shown."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from dialer.pipeline.planning.plans import (
    LIFTABLE,
    MAX_ATTESTATION,
    MAX_BUDGET,
    MAX_CALLS,
    MAX_CLOSED_DATES,
    MAX_CONCURRENCY,
    MAX_EXPIRE_HOURS,
    MAX_PRICE,
    MAX_RATE,
    MAX_WEIGHT,
    Plan,
)
from dialer.rules.intake.briefing import MAX_TEMPLATE
from dialer.rules.intake.payload import clean_text
from service.http.paging import Page
from service.shapes.parts import Input, Instant, Money, View, Whole, Word

DEFAULT_RATE = 60
DEFAULT_CONCURRENCY = 20
"""What a plan that says nothing is held to: a forgotten limit must not ring everybody."""

Template = Annotated[str, AfterValidator(clean_text)]
_EXAMPLE: dict[str, Any] = {
    "name": "Spring roof inspections",
    "hours": {"monday": [["09:00", "12:00"], ["13:00", "18:00"]], "tuesday": [["09:00", "18:00"]]},
    "calls_per_minute": 30,
    "concurrency": 10,
    "context_template": 'Call {{ first_name | "there" }} about {{ attributes.product }}.',
    "cadence": {
        "max_attempts": 3,
        "by_outcome": {"no_answer": [240, {"after_minutes": 1440, "part": "other"}], "busy": [20]},
    },
}


class StepInput(Input):
    """One wait before the next call."""

    after_minutes: Whole = Field(description="From the call's end, at least; 1 to 86,400.")
    part: Literal["any", "morning", "afternoon", "evening", "other"] = Field(
        default="any",
        description="The part of the lead's day to call in (from 08:00, 12:00 and 17:00); "
        "`other`: the one tried least, of those that open within a week of the soonest.",
    )


class CadenceInput(Input):
    """When to call again, by outcome; absent parts are at their default."""

    max_attempts: Whole | None = Field(
        default=None, description="Calls in all that count, 1 to 20; 6 if absent."
    )
    per_day: Whole | None = Field(
        default=None, description="Calls that count in a day of the lead's, 1 to 10; 2 if absent."
    )
    max_voicemails: Whole | None = Field(
        default=None, description="Voicemails after which nobody calls again; 1 if absent."
    )
    max_technical: Whole | None = Field(
        default=None, description="Technical failures after which nobody does; 3 if absent."
    )
    by_outcome: dict[str, list[StepInput | Whole]] | None = Field(
        default=None,
        description="Outcome -> what follows the first, second, ... call that ended so; minutes "
        "alone are a step at any time of the day. The list's end, and an outcome left out, is "
        "the end of trying. Absent: six attempts over ten days, in different parts of the day.",
    )
    delays: dict[str, list[Whole]] | None = Field(
        default=None, description="The earlier shape of `by_outcome`: minutes alone."
    )
    technical: list[str] | None = Field(
        default=None, description="Outcomes that spend no attempt; failed and capacity if absent."
    )
    stop_on: list[str] | None = Field(
        default=None, description="Outcomes after which nobody is called again."
    )


class CampaignPatch(Input):
    """The parts of a plan that change; absent (or null) parts stay; null lifts a limit."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"calls_per_minute": 60}, {"priority": 5}]},
    )

    name: Word | None = Field(default=None, description="For people; 1 to 200 characters.")
    hours: dict[str, list[list[str]]] | None = Field(
        default=None,
        description="Calling hours in the lead's own time, by day, such as "
        '{"monday": [["09:00", "17:00"]]}; a day left out is closed. They narrow the lawful '
        "08:00 to 21:00, never widen it.",
    )
    purpose: Literal["sales", "ai_voice", "debt", "informational"] | None = Field(
        default=None,
        description="Which rows of the law's table bind its calls, besides the federal one; "
        "`ai_voice`, the strictest, is the default.",
    )
    holidays: bool | None = Field(
        default=None,
        description="Whether nobody is called on federal holidays. Holidays that a state's law "
        "closes are closed either way.",
    )
    closed_dates: list[date] | None = Field(
        default=None,
        max_length=MAX_CLOSED_DATES,
        description="Dates, in the lead's own time, on which nobody is called.",
    )
    consent: Literal["not_needed", "required", "attested"] | None = Field(
        default=None,
        description="`required`: a lead without `consent.given` waits. `attested`: all leads of "
        "the campaign agreed, as `consent_attestation` says.",
    )
    consent_attestation: Template | None = Field(
        default=None,
        max_length=MAX_ATTESTATION,
        description="Who agreed to be called, how and when; kept as evidence with the version.",
    )
    expire_after_hours: Whole | None = Field(
        default=None,
        ge=1,
        le=MAX_EXPIRE_HOURS,
        description="A lead that was accepted so long ago is not called any more.",
    )
    starts_at: Instant | None = Field(default=None, description="No call before this instant.")
    ends_at: Instant | None = Field(
        default=None, description="No call from this instant on; the campaign completes."
    )
    cadence: CadenceInput | None = Field(default=None, description="When to call again.")
    context_template: Template | None = Field(
        default=None,
        max_length=MAX_TEMPLATE,
        description="What the agent is told, with {{ name }} and {{ attributes.NAME }}.",
    )
    additional_info_template: Template | None = Field(
        default=None, max_length=MAX_TEMPLATE, description="Appended to the context."
    )
    priority: Whole | None = Field(
        default=None, ge=-100, le=100, description="Among the agent's campaigns: higher first."
    )
    weight: Whole | None = Field(
        default=None,
        ge=1,
        le=MAX_WEIGHT,
        description="Its part of the agent's calls among campaigns of the same priority; 1 if "
        "absent: all alike.",
    )
    max_calls_per_day: Whole | None = Field(
        default=None,
        ge=1,
        le=MAX_CALLS,
        description="Calls in a calendar day of `day_zone`; absent: as it is; null: no limit.",
    )
    max_calls: Whole | None = Field(
        default=None,
        ge=1,
        le=MAX_CALLS,
        description="Calls in all, after which the campaign is parked; null: no limit.",
    )
    day_zone: Word | None = Field(
        default=None, description="Whose days are counted; America/New_York if absent."
    )
    price_per_minute: Money | None = Field(
        default=None, gt=0, le=MAX_PRICE, decimal_places=4, description="What a minute costs."
    )
    budget: Money | None = Field(
        default=None,
        gt=0,
        le=MAX_BUDGET,
        decimal_places=2,
        description="What all calls may cost, in the currency of the price. Calls in progress "
        "count five minutes each, or longer if they last longer; then the campaign is parked.",
    )
    dnc: Literal["not_needed", "required"] | None = Field(
        default=None,
        description="`required`: only numbers that a do-not-call registry copy of the last 31 "
        "days doesn't list are called.",
    )
    precall_url: Template | None = Field(
        default=None,
        max_length=2_000,
        description="Asked before each call, signed; only a clear yes lets the phone ring. "
        "null: nobody is asked.",
    )
    precall_secret: SecretStr | None = Field(
        default=None,
        max_length=4_000,
        description="Signs the questions to `precall_url`; 16 characters or more. Never shown.",
    )
    absence_proof: Literal["strict", "balanced"] | None = Field(
        default=None, description="How sure to be that a lost call never rang."
    )
    same_number: Literal["once", "each"] | None = Field(
        default=None, description="Whether a number may have several unfinished leads."
    )
    call_without_lead: bool | None = Field(
        default=None, description="Call without partner_lead_id when the upstream doesn't know it."
    )
    calls_per_minute: Whole | None = Field(
        default=None, ge=1, le=MAX_RATE, description="Pace; absent: as it is; null: no limit."
    )
    concurrency: Whole | None = Field(
        default=None,
        ge=1,
        le=MAX_CONCURRENCY,
        description="Calls at the same time; absent: as it is; null: no limit.",
    )

    def plan(self) -> Plan:
        """As the core takes it."""
        plain = Plan.__dataclass_fields__.keys() - {"cadence", "lifts"}
        cadence = self.cadence.model_dump(exclude_none=True) if self.cadence else None
        lifts = frozenset(
            name
            for name in LIFTABLE
            if name in self.model_fields_set and getattr(self, name) is None
        )
        return Plan(**{n: getattr(self, n) for n in plain}, cadence=cadence, lifts=lifts)


class CampaignPost(CampaignPatch):
    """A new campaign; it starts as a draft."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"partner_business_id": "biz_1", "partner_agent_id": "agent_1", **_EXAMPLE}
            ]
        },
    )

    name: Word = Field(description="For people; 1 to 200 characters.")
    calls_per_minute: Whole | None = Field(
        default=DEFAULT_RATE,
        ge=1,
        le=MAX_RATE,
        description=f"Pace; absent: {DEFAULT_RATE}; null: no limit of the campaign's own.",
    )
    concurrency: Whole | None = Field(
        default=DEFAULT_CONCURRENCY,
        ge=1,
        le=MAX_CONCURRENCY,
        description=f"Calls at the same time; absent: {DEFAULT_CONCURRENCY}; null: no limit of "
        "the campaign's own.",
    )
    partner_business_id: Word = Field(description="The business's id in the calling platform.")
    partner_agent_id: Word = Field(description="The agent's id in the calling platform.")


class CampaignView(View):
    """A campaign."""

    id: UUID
    name: str
    state: str = Field(description="draft, running, paused, completed or cancelled.")
    business_id: UUID
    agent_id: UUID
    partner_business_id: str
    partner_agent_id: str
    agent_name: str
    version: int = Field(
        description="Counts the edits; each call names the one it was made under."
    )
    purpose: str
    hours: dict[str, Any]
    holidays: bool
    closed_dates: list[date]
    consent: str
    consent_attestation: str | None
    expire_after_hours: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    cadence: dict[str, Any]
    context_template: str | None
    additional_info_template: str | None
    priority: int
    weight: int
    max_calls_per_day: int | None
    max_calls: int | None
    day_zone: str
    price_per_minute: Money | None
    budget: Money | None
    dnc: str
    precall_url: str | None
    parent_id: UUID | None = Field(description="The campaign that this one is a run of.")
    absence_proof: str
    same_number: str
    call_without_lead: bool
    calls_per_minute: int | None
    concurrency: int | None
    parked_reason: str | None = Field(description="Why it can't dial until it is resumed.")
    agent_parked_reason: str | None = Field(
        description="Why its agent can't dial, as last found; the leads wait. null: nothing known."
    )
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class CampaignMoved(View):
    """A campaign after a command."""

    campaign: CampaignView
    in_flight: int = Field(
        description="Calls that ring or are talked on, which a pause can no longer stop."
    )


class CampaignPage(Page):
    """A page of campaigns."""

    items: list[CampaignView]


class CampaignVersion(View):
    """A campaign's plan as it was after one edit."""

    version: int
    at: datetime
    by: str | None = Field(description="The name of the API key; null: the command line's own.")
    plan: dict[str, Any]


class CampaignVersions(View):
    """A campaign's versions, newest first."""

    items: list[CampaignVersion]
