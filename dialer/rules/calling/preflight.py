"""Before a start: who can be called when, how long the list takes, and what it may cost.

An estimate in ranges, from what is known: the leads' windows, the pace, and how past calls went.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.rules.calling.window import CallingRules, Closed, Open, Profile, window

HOUR = timedelta(hours=1)
HORIZON = timedelta(days=30)
"""Further ahead nobody plans a list; what is left by then is told as not finished."""

FEWEST_CALLS, MOST_CALLS = 1.3, 3.0
"""Calls for each lead, where nothing is known of past ones: our own default range."""

_A_CALL = 0.5
_DAY = 24
CALLS_A_DAY = 1.0
"""A list's calls to one lead spread over days: so many in 24 hours, for the estimate."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Leads that are alike in all that decides when they may be called.

    Attributes:
        profile: Where they may be; None where that can't be read.
        leads: How many.
        barred: How many of them are on the do-not-call list.
        agreed: Whether they have the consent that the campaign needs.
        listed: How many of the others the do-not-call registry lists, where it is asked.
    """

    profile: Profile | None
    leads: int
    barred: int
    agreed: bool
    listed: int = 0

    @property
    def callable(self) -> int:
        """How many may be called at some time, by all that time does not change."""
        if self.profile is None or not self.agreed:
            return 0
        return self.leads - self.barred - self.listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How a list would go.

    Attributes:
        now: Leads that may be called at once.
        later: Leads that may be called later, by what they wait for.
        never: Leads that will not be called as things are, by the reason.
        by_zone: Callable leads by their first candidate zone.
        opens: Callable leads by the hour (UTC) in which their next window opens.
        finish: First and last instant at which every lead may have been called; None where the
            list does not end within `HORIZON`.
        calls: Fewest and most calls that the list may take.
    """

    now: int
    later: Counter[str]
    never: Counter[str]
    by_zone: Counter[str]
    opens: Counter[datetime]
    finish: tuple[datetime | None, datetime | None]
    calls: tuple[int, int]


def forecast(
    kinds: Sequence[Kind], rules: CallingRules, now: datetime, *, per_minute: float | None
) -> Forecast:
    """Say how a list would go from now on.

    Args:
        kinds: The waiting leads.
        rules: The campaign's.
        now: Campaign time.
        per_minute: The pace that all levels allow together; None is no limit.
    """
    later: Counter[str] = Counter()
    never: Counter[str] = Counter()
    zones: Counter[str] = Counter()
    opens: Counter[datetime] = Counter()
    groups: Counter[Profile] = Counter()
    at_once = 0
    for kind in kinds:
        never.update(dict(_never(kind)))
        if not kind.callable or kind.profile is None:
            continue
        match window(rules, kind.profile, now):
            case Open():
                at_once += kind.callable
                opens[_hour(now)] += kind.callable
            case Closed(opens=instant, why=why):
                if instant is None:
                    never[why] += kind.callable
                    continue
                later[why] += kind.callable
                opens[_hour(instant)] += kind.callable
        zones[kind.profile.zones[0]] += kind.callable
        groups[kind.profile] += kind.callable
    reachable = at_once + later.total()
    hours = {profile: _open_hours(rules, profile, now) for profile in groups}
    return Forecast(
        now=at_once,
        later=later,
        never=never,
        by_zone=zones,
        opens=opens,
        finish=(
            _finish(groups, hours, now, per_minute, FEWEST_CALLS),
            _finish(groups, hours, now, per_minute, MOST_CALLS),
        ),
        calls=(round(reachable * FEWEST_CALLS), round(reachable * MOST_CALLS)),
    )


def _never(kind: Kind) -> Iterator[tuple[str, int]]:
    if kind.profile is None:
        yield "gate_unreadable", kind.leads
        return
    if kind.barred:
        yield "suppressed", kind.barred
    if kind.listed:
        yield "dnc_listed", kind.listed
    left = kind.leads - kind.barred - kind.listed
    if left and not kind.agreed:
        yield "no_consent", left


def _open_hours(rules: CallingRules, profile: Profile, now: datetime) -> frozenset[int]:
    """The hours from now on, within `HORIZON`, in some part of which the window is open."""
    hours: set[int] = set()
    at, end = now, now + HORIZON
    while at < end:
        match window(rules, profile, at):
            case Open(until=until):
                hours.update(range((at - now) // HOUR, -((now - min(until, end)) // HOUR)))
                at = until
            case Closed(opens=opens):
                at = opens or end
    return frozenset(hours)


def _finish(
    groups: Mapping[Profile, int],
    hours: Mapping[Profile, frozenset[int]],
    now: datetime,
    per_minute: float | None,
    calls_each: float,
) -> datetime | None:
    """When the last call is made, hour by hour: each open group has its share of the pace."""
    left = {profile: leads * calls_each for profile, leads in groups.items()}
    today = dict.fromkeys(left, 0.0)
    for hour in range(HORIZON // HOUR):
        if not left:
            return now + hour * HOUR
        if hour % _DAY == 0:
            today = {profile: groups[profile] * CALLS_A_DAY for profile in left}
        ready = {p: min(work, today[p]) for p, work in left.items() if hour in hours[p]}
        wanted = sum(ready.values())
        share = 1.0 if per_minute is None else min(1.0, per_minute * 60 / max(wanted, 1e-9))
        for profile, work in ready.items():
            left[profile] -= work * share
            today[profile] -= work * share
            if left[profile] < _A_CALL:
                del left[profile]
    return None


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
