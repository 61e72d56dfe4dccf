"""The rules over all campaigns, as they are shown and changed."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field

from dialer.pipeline.reports.replay import MOST_CALLS, MOST_EXAMPLES, Replayed
from service.shapes.parts import Input, Sentence, View, Whole

MAX_TABLE = 200_000


class RulesLimits(View):
    """Caps and pauses over all campaigns."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    paused_states: list[str] = Field(description="Nobody who may be in one of them is called.")
    per_number_24h: int | None = Field(
        description="Rings of one number in any 24 hours; the law's cap of a state holds besides."
    )
    per_number_7d: int | None = Field(description="Rings of one number in any seven days.")
    gap_minutes: int = Field(description="Least time between two rings of one number.")


class LawRowView(View):
    """One row of the law's table: when a state lets calls of a purpose be made; cells as text."""

    state: str = Field(description="Two letters; `*` binds everywhere.")
    name: str
    profile: str = Field(description="sales, ai_voice, debt or informational.")
    weekday_start: str = Field(description="Such as 08:00, in the lead's own time, or `closed`.")
    weekday_end: str
    sat_start: str
    sat_end: str
    sun_start: str
    sun_end: str
    holiday_set: str = Field(description="Whose holidays are closed; empty: none.")
    max_attempts_24h: str
    max_attempts_7d: str
    lifted_by_consent: str
    source: str = Field(description="Where the rule stands.")
    confidence: str
    reviewed_on: str = Field(description="When somebody last compared the row with its source.")
    note: str


class Rules(View):
    """The rules in force, or a version of them."""

    version: int = Field(description="0: as shipped, never changed.")
    limits: RulesLimits
    calling_hours: list[LawRowView]
    own_calling_hours: bool = Field(description="Whether the table differs from the shipped one.")
    own_outcomes: bool = Field(description="The same of the table of outcomes.")


class RulesTable(View):
    """A whole table."""

    version: int = Field(description="Whose table it is: send it along with an edit.")
    csv: str


class RulesVersion(View):
    """Who changed the rules, and when."""

    version: int
    at: datetime
    by: str | None
    note: str | None
    own_calling_hours: bool
    own_outcomes: bool


class RulesVersions(View):
    """Versions, newest first."""

    items: list[RulesVersion]


class LimitsPatch(Input):
    """The limits that change; absent ones stay, null lifts a cap."""

    paused_states: list[str] | None = None
    per_number_24h: Whole | None = None
    per_number_7d: Whole | None = None
    gap_minutes: Whole | None = None


class RulesPatch(Input):
    """What changes; absent parts stay."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"limits": {"per_number_24h": 2}, "note": "Fewer calls, says legal."}]
        },
    )

    limits: LimitsPatch | None = None
    calling_hours: str | None = Field(
        default=None,
        max_length=MAX_TABLE,
        description="The whole table as CSV; empty: the shipped one again.",
    )
    outcomes: str | None = Field(
        default=None,
        max_length=MAX_TABLE,
        description="The whole table of outcomes as CSV; empty: the shipped one again.",
    )
    version: Whole | None = Field(
        default=None, description="The version that was read; another by now is a conflict."
    )
    note: Sentence = Field(description="Why, for the record.")


class OutcomesPreviewPost(Input):
    """A table of outcomes to try."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "outcomes": "value,outcome,retryable,counts_attempt,scope,source\n"
                    "customer-busy,busy,yes,yes,lead,vapi\n"
                }
            ]
        },
    )

    outcomes: str = Field(
        max_length=MAX_TABLE,
        description="The whole table of outcomes as CSV; empty: the shipped one.",
    )


class OutcomesMoved(View):
    """Past calls that would mean something else."""

    before: str = Field(description="The outcome that they have.")
    after: str = Field(description="The outcome that they would have.")
    calls: int


class OutcomesExample(View):
    """A past call that would mean something else."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    call_id: UUID
    ended_reason: str | None = Field(description="The platform's words, 300 characters at most.")
    before: str
    after: str
    by: str = Field(
        description="What would decide it: structured_data, transcript, ended_reason, pattern, "
        "status or unknown."
    )


class OutcomesPreview(View):
    """What a table would make of past calls; nothing was changed."""

    calls: int = Field(
        description=f"Calls that were looked at: the newest, {MOST_CALLS:,} at most."
    )
    changed: int = Field(description="How many of them would mean something else.")
    changes: list[OutcomesMoved] = Field(description="By outcome before and after, most first.")
    examples: list[OutcomesExample] = Field(
        description=f"A few of each kind, {MOST_EXAMPLES} at most, newest first."
    )

    @classmethod
    def said(cls, found: Replayed) -> Self:
        """Show what was found."""
        return cls(
            calls=found.calls,
            changed=found.changes.total(),
            changes=[
                OutcomesMoved(before=before, after=after, calls=calls)
                for (before, after), calls in found.changes.most_common()
            ],
            examples=[OutcomesExample.model_validate(one) for one in found.examples],
        )
