"""Schedules as they are planned and shown."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from dialer.pipeline.planning.schedules import Timetable, upcoming
from dialer.rules.recurrence import LAST, LONGEST_MONTH, MAX_BLACKOUT_DATES
from service.http.paging import Page
from service.shapes.parts import Input, View, Word

DayOfMonth = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": LONGEST_MONTH},
                {"const": LAST},
                {"type": "null"},
            ]
        }
    ),
]
"""A day of the month, or its last; the rules say what else it can't be."""

_RULE: dict[str, Any] = {"every": "weekday", "at": "09:00", "timezone": "America/Chicago"}
_MONTHLY: dict[str, Any] = {
    "every": "month",
    "day_of_month": "last",
    "at": "10:30",
    "timezone": "America/New_York",
}
_EXAMPLE: dict[str, Any] = {
    "name": "Every morning",
    "campaign_id": "0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b10",
    "segment_id": "0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b11",
    "rule": _RULE,
    "blackout_dates": ["2026-12-24"],
}


def _as_sent(value: object) -> object:
    # The rules read dates from text, and name what is wrong with them.
    return value.isoformat() if isinstance(value, date) else value


Day = Annotated[
    str, BeforeValidator(_as_sent), WithJsonSchema({"type": "string", "format": "date"})
]


class ScheduleRule(Input):
    """How often, by the clock of one time zone."""

    # Names that it doesn't know go on to the rules, which name the nearest that there is.
    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "additionalProperties": False,
            "required": ["every", "at", "timezone"],
            "examples": [_RULE, _MONTHLY],
        },
    )

    every: Word | None = Field(
        default=None,
        description="day, weekday (Monday to Friday), week (on `days`) or month (on "
        "`day_of_month`); required.",
    )
    days: list[Word] | None = Field(
        default=None, max_length=7, description="monday to sunday; for every week."
    )
    day_of_month: DayOfMonth = Field(
        default=None,
        description="1 to 31, or last; for every month. A shorter month has its last day instead.",
    )
    at: Word | None = Field(
        default=None,
        description="HH:MM, required. A time that the change of the clock skips is the first "
        "instant after the gap; of one that comes twice, the first counts.",
    )
    timezone: Word | None = Field(
        default=None, description="IANA name such as America/Chicago; required."
    )
    starts_on: Day | None = Field(default=None, description="No run before this day.")
    ends_on: Day | None = Field(default=None, description="No run after this day.")

    def given(self) -> dict[str, object]:
        """As the rules read it."""
        return self.model_dump(mode="json", exclude_none=True)


class SchedulePatch(Input):
    """The parts of a schedule that change; absent (or null) parts stay."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"state": "paused"}, {"rule": _MONTHLY}]},
    )

    name: Word | None = Field(default=None, description="For people; unique.")
    campaign_id: UUID | None = Field(
        default=None, description="The template: every run is a campaign with its plan."
    )
    segment_id: UUID | None = Field(
        default=None, description="Whom a run calls, as they are by then."
    )
    rule: ScheduleRule | None = Field(default=None, description="When; always as a whole.")
    blackout_dates: list[date] | None = Field(
        default=None,
        max_length=MAX_BLACKOUT_DATES,
        description="Days, in the rule's time zone, on which nothing runs.",
    )
    state: Literal["active", "paused"] | None = Field(
        default=None, description="While it is paused, no run is made, now or later."
    )

    def timetable(self) -> Timetable:
        """As the core takes it."""
        return Timetable(
            name=self.name,
            campaign_id=self.campaign_id,
            segment_id=self.segment_id,
            rule=self.rule.given() if self.rule else None,
            blackout_dates=self.blackout_dates,
            state=self.state,
        )


class SchedulePost(SchedulePatch):
    """A new schedule."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    name: Word = Field(description="For people; 1 to 200 characters, unique.")
    campaign_id: UUID = Field(
        description="The template: every run is a campaign with its plan, started at once."
    )
    segment_id: UUID = Field(description="Whom a run calls, as they are by then.")
    rule: ScheduleRule = Field(description="When.")


class ScheduleView(View):
    """A campaign that is run again and again."""

    id: UUID
    name: str
    state: str = Field(description="active or paused.")
    problem: str | None = Field(description="Why the last occurrence made no run.")
    campaign_id: UUID
    campaign_name: str
    segment_id: UUID
    segment_name: str
    rule: dict[str, Any]
    blackout_dates: list[date]
    next_occurrences: list[datetime] = Field(description="The next three; none while paused.")
    last_run_at: datetime | None = Field(description="The occurrence that was run last.")
    created_at: datetime

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        """Show a row."""
        return cls.model_validate({**row, "next_occurrences": upcoming(row)})


class SchedulePage(Page):
    """A page of schedules."""

    items: list[ScheduleView]
