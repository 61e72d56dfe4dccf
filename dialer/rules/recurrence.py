"""When a schedule runs: every day, weekday, week or month, by the clock on somebody's wall.

Local times are turned into instants one day at a time, so both changes of a year's clock come out
right: a time that a change skips is the first instant after the gap, and one that comes twice is
the first of the two. A month that is shorter than the day asked for has its last day instead, so
nothing that is due monthly is left out.
"""

from calendar import monthrange
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, cast
from zoneinfo import ZoneInfo

from dialer.rules.calling.hours import DAYS
from dialer.rules.members import Members, nearest, quoted
from dialer.rules.where.zones import known_zones

Every = Literal["day", "weekday", "week", "month"]

EVERY: tuple[Every, ...] = ("day", "weekday", "week", "month")
LAST = "last"
LONGEST_MONTH = 31
MAX_BLACKOUT_DATES = 366

_FIELDS = ("every", "days", "day_of_month", "at", "timezone", "starts_on", "ends_on")
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_END_OF_TIME = date(2199, 12, 31)
_FAULTY = "the rule can't be so"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """How often something runs, in one zone's local time.

    Attributes:
        every: `day`, `weekday` (Monday to Friday), `week` (on `days`) or `month`.
        at: Hour and minute on the zone's clock.
        timezone: IANA name.
        days: Monday to Sunday in lower case, in the week's order; for `week` alone.
        day_of_month: 1 to 31, or `last`; for `month` alone. The last day in a shorter month.
        starts_on: The first local day; None for any.
        ends_on: The last local day, included; None for any.
    """

    every: Every
    at: time
    timezone: str
    days: tuple[str, ...] = ()
    day_of_month: int | Literal["last"] | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @classmethod
    def parse(cls, given: Mapping[str, object], *, pointer: str = "/rule") -> "Recurrence":
        """Read a rule as stored or sent.

        Raises:
            InvalidInputError: naming each member that can't be, with a suggestion where one is
                near.
        """
        of = Members(given, pointer=pointer, known=_FIELDS)
        of.need("every", "say how often: day, weekday, week or month")
        of.need("at", "say at what time of the day, such as 09:00")
        of.need("timezone", "say by whose clock: an IANA time zone such as America/Chicago")
        starts_on, ends_on = of.day("starts_on"), of.day("ends_on")
        read = {
            "every": of.choice("every", EVERY),
            "at": of.clock("at"),
            "timezone": _zone(of),
            "days": of.choices("days", DAYS),
            "day_of_month": _day_of_month(of),
            "starts_on": starts_on,
            "ends_on": ends_on,
        }
        _check_parts(of, read["every"])
        _check_span(of, starts_on, ends_on)
        of.check(_FAULTY)
        return cls(**read)  # type: ignore[arg-type]  # what is wrong with one was raised above

    def as_dict(self) -> dict[str, object]:
        """The rule as JSON members, without those that say nothing."""
        shown: dict[str, object] = {
            "every": self.every,
            "at": self.at.strftime("%H:%M"),
            "timezone": self.timezone,
            "days": list(self.days),
            "day_of_month": self.day_of_month,
            "starts_on": self.starts_on and self.starts_on.isoformat(),
            "ends_on": self.ends_on and self.ends_on.isoformat(),
        }
        return {name: value for name, value in shown.items() if value}

    def falls_on(self, day: date) -> bool:
        """Whether it runs on a local day, blackout dates aside."""
        if (self.starts_on and day < self.starts_on) or (self.ends_on and day > self.ends_on):
            return False
        match self.every:
            case "day":
                return True
            case "weekday":
                return day.weekday() < _SATURDAY
            case "week":
                return DAYS[day.weekday()] in self.days
            case "month":
                return day.day == self._day_in(day.year, day.month)

    def _day_in(self, year: int, month: int) -> int:
        length = monthrange(year, month)[1]
        asked = LONGEST_MONTH if self.day_of_month == LAST else cast("int", self.day_of_month)
        return min(asked, length)


def occurrences(
    rule: Recurrence, after: datetime, *, blackout: Collection[date] = ()
) -> Iterator[datetime]:
    """The instants (UTC) at which a rule runs, in order, each later than `after`.

    Endless unless the rule ends, or the year 2200 does it.

    Args:
        rule: The rule.
        after: Aware.
        blackout: Local days on which nothing runs; what falls on one is left out, not moved.
    """
    clock = ZoneInfo(rule.timezone)
    day = after.astimezone(clock).date() - _ONE_DAY
    if rule.starts_on:
        day = max(day, rule.starts_on)
    while day <= min(rule.ends_on or _END_OF_TIME, _END_OF_TIME):
        if rule.falls_on(day) and day not in blackout:
            instant = _instant(day, rule.at, clock)
            # Where a zone left a whole day out, two days' times are one instant.
            if instant > after:
                yield instant
                after = instant
        day += _ONE_DAY


def _instant(day: date, at: time, clock: ZoneInfo) -> datetime:
    local = datetime.combine(day, at, clock)
    instant = local.astimezone(UTC)
    if instant.astimezone(clock).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _after_gap(local, clock)


def _after_gap(skipped: datetime, clock: ZoneInfo) -> datetime:
    # Read by the offset after the change, a skipped time lies before it, and the other way round
    # (PEP 495): the change is between the two.
    before = int(skipped.replace(fold=1).timestamp())
    after = int(skipped.replace(fold=0).timestamp())
    old = _offset(before, clock)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, clock) == old:
            before = middle
        else:
            after = middle
    return datetime.fromtimestamp(after, UTC)


def _offset(seconds: int, clock: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(seconds, UTC).astimezone(clock).utcoffset()


def _zone(of: Members) -> str | None:
    given = of.get("timezone")
    if given is None or given in known_zones():
        return given
    told = f"{quoted(given)} is not an IANA time zone such as America/Chicago"
    of.fault("timezone", "unknown_timezone", told, nearest(str(given), sorted(known_zones())))
    return None


def _day_of_month(of: Members) -> object:
    if of.get("day_of_month") == LAST:
        return LAST
    if of.has("day_of_month") and not isinstance(of.get("day_of_month"), int):
        of.fault("day_of_month", "invalid", f"this must be 1 to {LONGEST_MONTH}, or {LAST!r}")
        return None
    return of.whole("day_of_month", 1, LONGEST_MONTH)


def _check_parts(of: Members, every: object) -> None:
    for part, needs in (("days", "week"), ("day_of_month", "month")):
        given = bool(of.get(part))
        if every == needs and not given:
            of.fault(part, "required", f"a rule for every {needs} needs {part}")
        if every in EVERY and every != needs and given:
            of.fault(part, "not_here", f"{part} goes with every {needs}, not with every {every}")


def _check_span(of: Members, starts_on: date | None, ends_on: date | None) -> None:
    if starts_on and ends_on and ends_on < starts_on:
        of.fault("ends_on", "ends_before_start", "the rule ends before it starts")
