"""What a manager says of a campaign: read, checked as a whole, and made into columns."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic import SecretStr

from dialer.rules.calling.hours import ALWAYS, WeeklyHours
from dialer.rules.errors import Fault, InvalidInputError
from dialer.rules.intake.briefing import template_faults
from dialer.rules.outcomes.cadence import Cadence
from dialer.rules.precall import url_faults
from dialer.rules.where.zones import known_zones, unknown_zone

MAX_RATE = 6_000
MAX_CONCURRENCY = 1_000
MAX_CLOSED_DATES = 366
MAX_EXPIRE_HOURS = 24 * 366
MAX_ATTESTATION = 2_000

MAX_WEIGHT = 1_000
MAX_CALLS = 100_000_000
MAX_PRICE = Decimal(10_000)
MAX_BUDGET = Decimal(1_000_000_000)
LEAST_SECRET = 16

LimitName = Literal["calls_per_minute", "concurrency"]
LIMITS: tuple[LimitName, ...] = get_args(LimitName)
"""The limits that pacers hold; all else of a plan is the campaign's own."""

LIFTABLE = (
    *LIMITS,
    "starts_at",
    "ends_at",
    "expire_after_hours",
    "max_calls_per_day",
    "max_calls",
    "price_per_minute",
    "budget",
    "precall_url",
)
"""The parts of a plan that can be taken away again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a manager says of a campaign; None leaves a part as it is (or at its default).

    `lifts` names the parts that were taken away on purpose, which None alone can't say; each is
    one of `LIFTABLE`. The price and the budget are in the same currency, whichever that is.
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
    weight: int | None = None
    max_calls_per_day: int | None = None
    max_calls: int | None = None
    day_zone: str | None = None
    price_per_minute: Decimal | None = None
    budget: Decimal | None = None
    dnc: str | None = None
    precall_url: str | None = None
    precall_secret: SecretStr | None = None
    absence_proof: str | None = None
    same_number: str | None = None
    call_without_lead: bool | None = None
    calls_per_minute: int | None = None
    concurrency: int | None = None
    lifts: frozenset[str] = frozenset()


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
    "weight",
    "max_calls_per_day",
    "max_calls",
    "day_zone",
    "price_per_minute",
    "budget",
    "dnc",
    "precall_url",
    "absence_proof",
    "same_number",
    "call_without_lead",
)
VERSIONED = (*_PLAIN, "hours", "closed_dates", "cadence", "calls_per_minute", "concurrency")
"""What a version of a campaign's plan keeps: all but the secret."""


def columns(plan: Plan, was: Mapping[Any, Any] | None) -> dict[str, object]:
    """The columns that a plan changes.

    Args:
        plan: What is asked for.
        was: The campaign as it is; None for a new one, which takes every default.

    Raises:
        InvalidInputError: naming each part that can't be, alone or together with the others.
    """
    values = {name: getattr(plan, name) for name in _PLAIN if getattr(plan, name) is not None}
    values |= dict.fromkeys(plan.lifts - {*LIMITS})
    if plan.closed_dates is not None:
        values["closed_dates"] = sorted({day.isoformat() for day in plan.closed_dates})
    faults = [*_template_faults(plan), *_take_hours(plan, was, values)]
    faults += [*_take_cadence(plan, was, values)]
    after = {**(was or {}), **values}
    faults += [*_date_faults(after), *_consent_faults(after), *_budget_faults(after)]
    faults += [*_day_faults(plan), *_precall_faults(plan, after)]
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
    hours = values.get("hours", (was or {}).get("hours", {}))
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


def _budget_faults(after: Mapping[Any, Any]) -> Iterator[Fault]:
    if after.get("budget") is not None and not after.get("price_per_minute"):
        message = "a budget needs price_per_minute: what a minute of a call costs"
        yield Fault("/price_per_minute", "price_missing", message)


def _day_faults(plan: Plan) -> Iterator[Fault]:
    if plan.day_zone is not None and plan.day_zone not in known_zones():
        yield Fault("/day_zone", "unknown_zone", unknown_zone(plan.day_zone))


def _precall_faults(plan: Plan, after: Mapping[Any, Any]) -> Iterator[Fault]:
    for message in url_faults(plan.precall_url) if plan.precall_url is not None else ():
        yield Fault("/precall_url", "invalid_url", message)
    given = None if plan.precall_secret is None else plan.precall_secret.get_secret_value()
    if given is not None and len(given) < LEAST_SECRET:
        message = f"a secret has at least {LEAST_SECRET} characters; try `openssl rand -hex 32`"
        yield Fault("/precall_secret", "too_short", message)
    if after.get("precall_url") and given is None and after.get("precall_secret") is None:
        message = "requests to precall_url are signed with precall_secret; send one"
        yield Fault("/precall_secret", "secret_missing", message)


def _consent_faults(after: Mapping[Any, Any]) -> Iterator[Fault]:
    if after.get("consent") == "attested" and not after.get("consent_attestation"):
        yield Fault(
            "/consent_attestation",
            "attestation_missing",
            "say who agreed to be called, how and when: it is kept as the evidence",
        )
