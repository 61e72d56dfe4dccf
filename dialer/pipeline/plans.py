"""What a manager says of a campaign: read, checked as a whole, and made into columns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from dialer.rules.calling.hours import ALWAYS, WeeklyHours
from dialer.rules.errors import Fault, InvalidInputError
from dialer.rules.intake.briefing import template_faults
from dialer.rules.outcomes.cadence import Cadence

MAX_RATE = 6_000
MAX_CONCURRENCY = 1_000
MAX_CLOSED_DATES = 366
MAX_EXPIRE_HOURS = 24 * 366
MAX_ATTESTATION = 2_000

LimitName = Literal["calls_per_minute", "concurrency"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a manager says of a campaign; None leaves a part as it is (or at its default).

    `lifts` names the limits that were taken away on purpose, which None alone can't say.
    """

    name: str | None = None
    hours: Mapping[str, list[list[str]]] | None = None
    purpose: str | None = None
    holidays: bool | None = None
    closed_dates: Sequence[date] | None = None
    consent: str | None = None
    consent_attestation: str | None = None
    expire_after_hours: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    cadence: Mapping[str, object] | None = None
    context_template: str | None = None
    additional_info_template: str | None = None
    priority: int | None = None
    absence_proof: str | None = None
    same_number: str | None = None
    call_without_lead: bool | None = None
    calls_per_minute: int | None = None
    concurrency: int | None = None
    lifts: frozenset[LimitName] = frozenset()


_PLAIN = (
    "name",
    "purpose",
    "holidays",
    "consent",
    "consent_attestation",
    "expire_after_hours",
    "starts_at",
    "ends_at",
    "context_template",
    "additional_info_template",
    "priority",
    "absence_proof",
    "same_number",
    "call_without_lead",
)
VERSIONED = (*_PLAIN, "hours", "closed_dates", "cadence", "calls_per_minute", "concurrency")
"""What a version of a campaign's plan keeps."""


def columns(plan: Plan, was: Mapping[Any, Any] | None) -> dict[str, object]:
    """The columns that a plan changes.

    Args:
        plan: What is asked for.
        was: The campaign as it is; None for a new one, which takes every default.

    Raises:
        InvalidInputError: naming each part that can't be, alone or together with the others.
    """
    values = {name: getattr(plan, name) for name in _PLAIN if getattr(plan, name) is not None}
    if plan.closed_dates is not None:
        values["closed_dates"] = sorted({day.isoformat() for day in plan.closed_dates})
    faults = [*_template_faults(plan), *_take_hours(plan, was, values)]
    faults += [*_take_cadence(plan, was, values)]
    after = {**(was or {}), **values}
    faults += [*_date_faults(after), *_consent_faults(after)]
    if faults:
        raise InvalidInputError("the campaign can't be planned so", faults=tuple(faults))
    return values


def _take_hours(
    plan: Plan, was: Mapping[Any, Any] | None, values: dict[str, object]
) -> Iterator[Fault]:
    if plan.hours is None and was is not None:
        return
    hours = dict(plan.hours if plan.hours is not None else ALWAYS)
    values["hours"] = hours
    try:
        WeeklyHours(hours)
    except ValueError as error:
        yield Fault("/hours", "invalid_hours", str(error))


def _take_cadence(
    plan: Plan, was: Mapping[Any, Any] | None, values: dict[str, object]
) -> Iterator[Fault]:
    if plan.cadence is None and was is not None and plan.hours is None:
        return
    given = plan.cadence if plan.cadence is not None else (was or {}).get("cadence", {})
    try:
        cadence = Cadence.parse(given)
    except ValueError as error:
        yield Fault("/cadence", "invalid_cadence", str(error))
        return
    values["cadence"] = cadence.as_dict()
    hours = values.get("hours") or (was or {}).get("hours")
    with suppress(ValueError):  # hours that can't be read have a fault of their own
        week = WeeklyHours(hours)  # type: ignore[arg-type]  # as sent or stored
        try:
            cadence.check_against(week)
        except ValueError as error:
            yield Fault("/cadence", "cadence_never_fires", str(error))


def _template_faults(plan: Plan) -> Iterator[Fault]:
    for name in ("context_template", "additional_info_template"):
        for message in template_faults(getattr(plan, name) or ""):
            yield Fault(f"/{name}", "invalid_template", message)


def _date_faults(after: Mapping[Any, Any]) -> Iterator[Fault]:
    starts, ends = after.get("starts_at"), after.get("ends_at")
    if starts and ends and ends <= starts:
        yield Fault("/ends_at", "ends_before_start", "the campaign ends before it starts")


def _consent_faults(after: Mapping[Any, Any]) -> Iterator[Fault]:
    if after.get("consent") == "attested" and not after.get("consent_attestation"):
        yield Fault(
            "/consent_attestation",
            "attestation_missing",
            "say who agreed to be called, how and when: it is kept as the evidence",
        )
