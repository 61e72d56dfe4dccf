"""When a lead may be called: open now and until when, or closed, why, and the next opening.

A call is allowed at an instant when, by the clock of every zone that the lead may be in, it lies
within the federal hours, those of every state that the lead may be in, and the campaign's, on a
day that none of them closes. What clocks show decides: see `calling_spans` on daylight saving.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from dialer.rules.calling.calendar import Calendar
from dialer.rules.calling.day_parts import Part
from dialer.rules.calling.hours import WeeklyHours
from dialer.rules.calling.spans import intersection
from dialer.rules.law.holidays import NATIONAL
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose

WHY_CLOSED = (
    *("outside_calling_hours", "holiday", "closed_date", "state_paused", "no_common_window"),
    *("campaign_not_started", "campaign_ended"),
)
"""Every reason that a window is closed for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingRules:
    """What a campaign, with its law, says about when its leads may be called.

    Attributes:
        hours: The campaign's week in the lead's own time.
        closed_dates: Local dates on which nobody is called.
        holidays: Whether the campaign keeps the federal holidays free by its own choice; those
            that a state's law closes are closed either way.
        paused_states: Nobody who may be in one of them is called.
        starts_at: Aware; None when it has begun.
        ends_at: Aware, exclusive; None when it does not end.
    """

    hours: WeeklyHours
    law: Law
    purpose: Purpose
    closed_dates: frozenset[date] = frozenset()
    holidays: bool = False
    paused_states: frozenset[str] = frozenset()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What decides when a lead may be called, shared by many leads.

    Attributes:
        zones: IANA names of every zone that the lead may be in.
        states: Two-letter codes of every state that it may be in.
        consented: Whether its consent is on record, which lifts some states' rows.
    """

    zones: tuple[str, ...]
    states: tuple[str, ...]
    consented: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """A call may start now, and until `until` (exclusive)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """No call may start now.

    Attributes:
        opens: The next instant at which one may; None when there is none to be foreseen.
        why: One of `WHY_CLOSED`.
    """

    opens: datetime | None
    why: str


def window(
    rules: CallingRules, profile: Profile, now: datetime, part: Part | None = None
) -> Open | Closed:
    """Say whether a lead of this profile may be called at `now` (aware).

    Args:
        rules: The campaign's.
        profile: The lead's; without a zone or a state it is never called.
        now: Any instant.
        part: Asks for a call in this part of the day, by the first of the profile's zones.

    Raises:
        KeyError: A zone is not known.
        ValueError: A zone is not even a name, a state is not known, or `now` is naive.
    """
    calendar = _calendar_of(rules, profile, part)
    if _is_paused(rules, profile):
        return Closed(None, "state_paused")
    found = _next(rules, calendar, now)
    if found is None:
        return Closed(None, _why_never(rules, calendar, now))
    opens, until = found
    return Open(until) if opens <= now else Closed(opens, _why(rules, calendar, now))


def next_opening(
    rules: CallingRules, profile: Profile, now: datetime, part: Part | None = None
) -> datetime | None:
    """The first instant at or after `now` at which a call may start; arguments as for `window`.

    Returns:
        `now` itself when the window is open. None when there is no opening within 400 days, or
        when a state is paused.
    """
    calendar = _calendar_of(rules, profile, part)
    found = None if _is_paused(rules, profile) else _next(rules, calendar, now)
    return found[0] if found else None


def _is_paused(rules: CallingRules, profile: Profile) -> bool:
    return not rules.paused_states.isdisjoint(profile.states)


def _next(
    rules: CallingRules, calendar: Calendar, now: datetime
) -> tuple[datetime, datetime] | None:
    if now.tzinfo is None:
        raise ValueError("now has no time zone; give an aware instant")
    earliest = max(now, rules.starts_at) if rules.starts_at else now
    instant = earliest.timestamp()
    span = calendar.find(instant)
    if span is None:
        return None
    opens = earliest if span[0] <= instant else datetime.fromtimestamp(span[0], UTC)
    until = datetime.fromtimestamp(span[1], UTC)
    if rules.ends_at:
        until = min(until, rules.ends_at)
    return (opens, until) if opens < until else None


def _why_never(rules: CallingRules, calendar: Calendar, now: datetime) -> str:
    if rules.ends_at and (rules.ends_at <= now or calendar.find(now.timestamp())):
        return "campaign_ended"
    return "no_common_window"


def _why(rules: CallingRules, calendar: Calendar, now: datetime) -> str:
    if rules.starts_at and now < rules.starts_at:
        return "campaign_not_started"
    return calendar.closed_day(now.timestamp()) or "outside_calling_hours"


def _calendar_of(rules: CallingRules, profile: Profile, part: Part | None) -> Calendar:
    # The campaign's dates and paused states are left out of the key: they change often and
    # decide nothing about the spans.
    return _calendar(
        (rules.hours, rules.law, rules.purpose, rules.closed_dates, rules.holidays),
        profile,
        part,
    )


_Key = tuple[WeeklyHours, Law, Purpose, frozenset[date], bool]


@lru_cache(maxsize=8192)
def _calendar(key: _Key, profile: Profile, part: Part | None) -> Calendar:
    hours, law, purpose, closed, holidays = key
    bound = law.binding(profile.states, purpose, consented=profile.consented)
    pairs = zip(hours.spans, bound.week, strict=True)
    return Calendar(
        zones=profile.zones if profile.states else (),
        week=tuple(
            tuple(intersection(own, (law_day,)) if law_day else ()) for own, law_day in pairs
        ),
        closed=closed,
        holiday_sets=tuple({*bound.holiday_sets, *((NATIONAL,) if holidays else ())}),
        part=part,
    )
