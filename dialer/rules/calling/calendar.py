"""The spans in which one kind of lead may be called, worked out by the fortnight when asked for.

Everything that leads of one campaign have in common is done once: a calendar is kept for each
set of zones, states and consent, so the next opening of the next such lead is a look into a list.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dialer.rules.calling.day_parts import Part
from dialer.rules.calling.hours import STOP_MARGIN
from dialer.rules.calling.spans import DAY, Span, intersection, zone_spans
from dialer.rules.law.holidays import public_holidays
from dialer.rules.law.row import Minutes

SEARCH_DAYS = 400
"""How far ahead an opening is looked for: a year and the holidays around it."""

Week = tuple[tuple[Minutes, ...], ...]
"""The hours of Monday to Sunday: sorted, none overlapping."""

_FORTNIGHT = 14 * DAY
_MARGIN = round(STOP_MARGIN.total_seconds())
_EPOCH = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = date(1970, 1, 1).weekday()
_Listed = tuple[tuple[int, ...], tuple[int, ...]]


class Calendar:
    """When calls may start: in every zone at once, on no closed day, not in the last minute.

    Args:
        zones: IANA names; `part` is by the clock of the first. Without one there are no spans.
        week: The hours of a local week, none of whose windows lasts as long as a day.
        closed: Local days without calls.
        holiday_sets: Whose public holidays are without calls too.
        part: The part of the day that a call has to start in; None for any.

    Raises:
        KeyError: A zone is not known.
        ValueError: A zone is not even a name.
    """

    def __init__(
        self,
        *,
        zones: Sequence[str],
        week: Week,
        closed: frozenset[date],
        holiday_sets: Sequence[str],
        part: Part | None,
    ) -> None:
        self._clocks = tuple(_clock(zone) for zone in zones)
        self._zones = tuple(zones)
        self._week = week
        self._first_week = tuple(_within(day, part) for day in week) if part else week
        self._closed = frozenset(day.toordinal() - _EPOCH for day in closed)
        self._holiday_sets = tuple(holiday_sets)
        self._fortnights: dict[int, _Listed] = {}
        self._following: dict[int, int | None] = {}

    def find(self, instant: float) -> Span | None:
        """The span that is open at `instant`, else the next one; seconds since 1970.

        The end is the first instant at which no call may start any more. None when there is no
        span within `SEARCH_DAYS`.
        """
        number = int(instant // _FORTNIGHT)
        starts, ends = self._fortnight(number)
        i = bisect_right(ends, instant)
        if i < len(ends):
            return starts[i], ends[i]
        following = self._next_with_spans(number)
        if following is None:
            return None
        starts, ends = self._fortnight(following)
        return (starts[0], ends[0]) if starts[0] <= instant + SEARCH_DAYS * DAY else None

    def closed_day(self, instant: float) -> str | None:
        """`closed_date` or `holiday` when it is such a day in any of the zones, else None."""
        utc = datetime.fromtimestamp(instant, UTC)
        days = [utc.astimezone(clock).toordinal() - _EPOCH for clock in self._clocks]
        if any(day in self._closed for day in days):
            return "closed_date"
        return "holiday" if any(self._is_holiday(day) for day in days) else None

    def _fortnight(self, number: int) -> _Listed:
        known = self._fortnights.get(number)
        if known is None:
            known = self._fortnights[number] = self._list(number * _FORTNIGHT)
        return known

    def _next_with_spans(self, number: int) -> int | None:
        if number not in self._following:
            last = number + SEARCH_DAYS * DAY // _FORTNIGHT + 1
            ahead = (n for n in range(number + 1, last + 1) if self._fortnight(n)[0])
            self._following[number] = next(ahead, None)
        return self._following[number]

    def _list(self, start: int) -> _Listed:
        # No span is as long as a day, so a day more on both sides shows each as a whole.
        end = start + _FORTNIGHT
        found = ((a, b - _MARGIN) for a, b in self._common(start - DAY, end + DAY))
        whole = [(a, b) for a, b in found if a < b and a < end and b > start]
        return tuple(a for a, _ in whole), tuple(b for _, b in whole)

    def _common(self, start: int, end: int) -> Sequence[Span]:
        if not self._zones:
            return ()
        common = zone_spans(self._zones[0], self._first_hours, start, end)
        for zone in self._zones[1:]:
            common = intersection(common, zone_spans(zone, self._hours, start, end))
        return common

    def _first_hours(self, day: int) -> Sequence[Minutes]:
        return () if self._is_closed(day) else self._first_week[(day + _EPOCH_WEEKDAY) % 7]

    def _hours(self, day: int) -> Sequence[Minutes]:
        return () if self._is_closed(day) else self._week[(day + _EPOCH_WEEKDAY) % 7]

    def _is_closed(self, day: int) -> bool:
        return day in self._closed or self._is_holiday(day)

    def _is_holiday(self, day: int) -> bool:
        if not self._holiday_sets:
            return False
        year = date.fromordinal(day + _EPOCH).year
        return any(day in _holidays(of, year) for of in self._holiday_sets)


def _clock(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except OSError:
        # A folder of the time zone data, such as "America", is no zone either.
        raise KeyError(f"{zone[:100]!r} is not a time zone") from None


@lru_cache(maxsize=1024)
def _holidays(of: str, year: int) -> frozenset[int]:
    return frozenset(day.toordinal() - _EPOCH for day in public_holidays(of, year))


def _within(day: Sequence[Minutes], part: Part) -> tuple[Minutes, ...]:
    return tuple(intersection(day, (part.span,)))
