"""Lawful and chosen calling hours: open now, and until when, or the next opening.

The floor is 47 CFR 64.1200(c)(1) and 16 CFR 310.4(c): no sales call before 8 a.m. or after
9 p.m. at the called person's location. A campaign may narrow it, never widen it. Where a
person may be in several zones, the call must be allowed in all of them at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAWFUL = (time(8), time(21))
STOP_MARGIN = timedelta(minutes=1)
"""No call starts in the last minute of a window: the phone rings on a little."""

_SEARCH = timedelta(days=9)
_END_OF_DAY = "24:00"

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Open:
    """Calling is allowed now, and stays so until `until` (exclusive)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """Calling is not allowed now; `opens` is the next start, None when there is none."""

    opens: datetime | None


class WeeklyHours:
    """A week of calling hours in the lead's own time, such as weekdays 09:00 to 17:00.

    Build it from `{"monday": [["09:00", "17:00"]], ...}`: 24-hour HH:MM, the end exclusive,
    `24:00` allowed as an end; a day left out is closed.

    Raises:
        ValueError: with a message that names the day and what is wrong.
    """

    def __init__(self, week: Mapping[str, Sequence[Sequence[str]]]) -> None:
        unknown = set(week) - set(DAYS)
        if unknown:
            raise ValueError(f"{min(unknown)!r} is not a day; use monday to sunday")
        self.spans = tuple(_day_spans(day, week.get(day, ())) for day in DAYS)
        if not any(self.spans):
            raise ValueError("the week has no hours at all, so no call could ever be made")
        self._key = self.spans

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WeeklyHours) and self._key == other._key


ALWAYS: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType(
    {day: [["00:00", _END_OF_DAY]] for day in DAYS}
)
"""No limits of the campaign's own; the lawful floor still holds."""


def window(hours: WeeklyHours, zones: Sequence[str], now: datetime) -> Open | Closed:
    """Say whether a lead who may be in any of `zones` (IANA names) may be called at `now`.

    Exact over daylight-saving changes; a zone that is not known raises `KeyError`.
    """
    spans = _common_spans(hours, tuple(zones), now.astimezone(UTC).date())
    for start, end in spans:
        last = end - STOP_MARGIN
        if start <= now < last:
            return Open(until=last)
        if now < start < last:
            return Closed(opens=start)
    return Closed(opens=None)


@lru_cache(maxsize=4096)
def _common_spans(hours: WeeklyHours, zones: tuple[str, ...], day: date) -> tuple[Span, ...]:
    common: list[Span] | None = None
    for name in zones:
        own = _zone_spans(hours, ZoneInfo(name), day)
        common = own if common is None else _intersection(common, own)
    return tuple(common or ())


def _zone_spans(hours: WeeklyHours, zone: ZoneInfo, day: date) -> list[Span]:
    spans: list[Span] = []
    for offset in range(-2, _SEARCH.days + 1):
        local = day + timedelta(days=offset)
        for start, end in hours.spans[local.weekday()]:
            begin = _instant(local, max(start, _minutes(LAWFUL[0])), zone)
            finish = _instant(local, min(end, _minutes(LAWFUL[1])), zone)
            if begin < finish:
                spans.append((begin, finish))
    return spans


def _intersection(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    both = [(max(a, c), min(b, d)) for a, b in left for c, d in right if max(a, c) < min(b, d)]
    return sorted(both)


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone).astimezone(UTC)


def _day_spans(day: str, spans: Sequence[Sequence[str]]) -> tuple[tuple[int, int], ...]:
    parsed = sorted(_span(day, span) for span in spans)
    for (_, end), (start, _) in pairwise(parsed):
        if start < end:
            raise ValueError(f"{day} has hours that overlap")
    return tuple(_joined(parsed))


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    # Hours that meet are one window: the stop margin belongs to its end alone.
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _span(day: str, span: Sequence[str]) -> tuple[int, int]:
    if len(span) != 2:  # noqa: PLR2004 -- a span is a start and an end
        raise ValueError(f"{day} needs pairs of a start and an end, such as 09:00 and 17:00")
    start, end = _clock(day, span[0]), _clock(day, span[1])
    if start >= end:
        raise ValueError(f"{day} starts at {span[0]}, which is not before its end {span[1]}")
    if max(start, _minutes(LAWFUL[0])) >= min(end, _minutes(LAWFUL[1])):
        raise ValueError(f"{day} {span[0]}-{span[1]} lies outside the lawful 08:00-21:00")
    return start, end


def _clock(day: str, text: str) -> int:
    if text == _END_OF_DAY:
        return 24 * 60
    try:
        parsed = time.fromisoformat(text)
    except (ValueError, TypeError):
        parsed = None
    if parsed is None or len(text) != len("HH:MM"):
        raise ValueError(f"{day}: {text!r} is not a time of day; write it as HH:MM")
    return _minutes(parsed)


def _minutes(of: time) -> int:
    return of.hour * 60 + of.minute
