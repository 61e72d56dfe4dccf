"""Why a lead is not called, why a campaign is idle, and what a start would come to."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import ConfigDict, Field

from dialer.pipeline.reports.preflight import Preflight
from dialer.rules.calling.preflight import HORIZON
from service.shapes.parts import View

_BEYOND = f"null: not within {HORIZON.days} days."


class VerdictView(View):
    """What one gate says."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    gate: str = Field(description="Such as campaign, agent, suppression, number, calling_hours.")
    open: bool
    says: str = Field(description="In a sentence.")
    why: str | None = Field(description="The reason's name, where the gate is shut.")
    until: datetime | None = Field(
        description="When it opens by itself; null when it is open or that can't be foreseen."
    )


class WhyView(View):
    """Where a lead stands and what it waits for."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    at: datetime = Field(description="Campaign time.")
    state: str = Field(description="The lead's bucket.")
    blocks: VerdictView | None = Field(description="The first gate that is shut.")
    next_at: datetime | None = Field(
        description="The first instant at which time alone has opened every gate of the lead."
    )
    ahead: int = Field(description="Due leads of its campaign that come before it.")
    estimate_at: datetime | None = Field(
        description="About when its phone rings by the pace in force; null when a person has to "
        "act first."
    )
    verdicts: list[VerdictView] = Field(description="Every gate, in the order they are asked.")


class WaitingView(View):
    """Leads that wait for the same thing."""

    reason: str = Field(description="`new`: no gate and no call has said anything yet.")
    leads: int
    due: int
    next_due_at: datetime | None


class IdleView(View):
    """Why a campaign does what it does."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    at: datetime
    says: str = Field(description="The answer in a sentence.")
    pace: float | None = Field(description="Calls a minute that all levels allow; null: no limit.")
    in_flight: int = Field(description="Calls that hold a place under the concurrency limits.")
    verdicts: list[VerdictView]
    waiting: list[WaitingView] = Field(description="Waiting leads by what they wait for.")


class ReasonView(View):
    """Leads that have a reason in common."""

    reason: str
    leads: int


class ZoneLeads(View):
    """Leads that can be called, by where they are."""

    zone: str = Field(description="An IANA name: the first of those that they may be in.")
    leads: int


class HourLeads(View):
    """Leads that can be called from an hour on."""

    hour: datetime = Field(description="Its start, UTC.")
    leads: int


class WholeRange(View):
    """From the fewest to the most."""

    least: int
    most: int


class NumberRange(View):
    """From the least to the most."""

    least: float
    most: float


class FinishView(View):
    """When every lead may have been called as often as it takes."""

    first: datetime | None = Field(description=f"If few calls are needed; {_BEYOND}")
    last: datetime | None = Field(description=f"If many are; {_BEYOND}")


class CautionView(View):
    """Something to look at before the start."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    code: str = Field(description="Stable, such as agent_off_duty, no_consent or too_slow.")
    says: str = Field(description="In a sentence.")
    leads: int = Field(description="How many leads it is about; 0: all, or none in particular.")


class PreflightView(View):
    """What starting a campaign would come to: an estimate, in ranges."""

    at: datetime = Field(description="Campaign time.")
    leads: int = Field(description="Waiting leads.")
    now: int = Field(description="Leads that may be called at once.")
    later: list[ReasonView] = Field(description="Leads that may be called later, most first.")
    never: list[ReasonView] = Field(description="Leads that will not be called as things are.")
    by_zone: list[ZoneLeads] = Field(description="Callable leads by zone, most first.")
    by_hour: list[HourLeads] = Field(
        description="Callable leads by the hour in which they can first be called."
    )
    pace: float | None = Field(description="Calls a minute that all levels allow; null: no limit.")
    calls: WholeRange = Field(description="Calls that the list may take.")
    minutes: NumberRange = Field(description="Minutes on the phone that it may take.")
    cost: NumberRange | None = Field(
        description="By the campaign's price_per_minute; null without one."
    )
    finish: FinishView
    warnings: list[CautionView]

    @classmethod
    def said(cls, found: Preflight) -> Self:
        """Show what was found."""
        seen = found.forecast
        return cls(
            at=found.at,
            leads=found.leads,
            now=seen.now,
            later=_reasons(seen.later),
            never=_reasons(seen.never),
            by_zone=[ZoneLeads(zone=z, leads=n) for z, n in seen.by_zone.most_common()],
            by_hour=[HourLeads(hour=h, leads=n) for h, n in sorted(seen.opens.items())],
            pace=found.pace,
            calls=WholeRange(least=seen.calls[0], most=seen.calls[1]),
            minutes=_range(found.minutes),
            cost=None if found.cost is None else _range(found.cost),
            finish=FinishView(first=seen.finish[0], last=seen.finish[1]),
            warnings=[CautionView.model_validate(one) for one in found.warnings],
        )


def _reasons(counted: Counter[str]) -> list[ReasonView]:
    return [ReasonView(reason=why, leads=leads) for why, leads in counted.most_common()]


def _range(ends: tuple[float, float] | tuple[Decimal, Decimal]) -> NumberRange:
    return NumberRange(least=float(ends[0]), most=float(ends[1]))
