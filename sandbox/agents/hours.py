"""Decides what activated hours are valid, and when they open and close; DST in their own zone.

Wall-clock time decides: an instant is open when the zone's clocks then show a time within one
of the weekday's spans. A span that DST skips doesn't open; one that DST repeats opens twice.
"""

import re
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox.errors import ApiError
from sandbox.model.agents import ActivatedHours, OnDutySpan

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ALWAYS = ActivatedHours(
    timezone="UTC",
    hours=tuple(OnDutySpan(day=day, start_time="00:00", end_time="24:00") for day in WEEKDAYS),
)
"""The guide's default."""

CLOSED = "CLOSED"
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
END_OF_DAY = "24:00"
DAY_MINUTES = 1440
DAY_SECONDS = 86_400
MAX_SPANS = 100
LOOK_BACK_DAYS = 15
"""Hours repeat each week; DST can swallow a span in one week, never in two."""

NOT_ZONES = frozenset({"Factory", "localtime", "posixrules"})
Text = Annotated[str, Field(max_length=100)]


class HoursPart(BaseModel):
    """A part of a body; what the guide doesn't name is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)


class SpanBody(HoursPart):
    """A span as it is sent."""

    day: Text
    start_time: Text
    end_time: Text


class HoursBody(HoursPart):
    """Activated hours as they are sent."""

    timezone: Text
    hours: list[SpanBody] = Field(max_length=MAX_SPANS)

    def checked(self) -> ActivatedHours:
        """The hours, closed days left out, days in lower case, in the order of the week.

        Raises:
            ApiError: The zone, a day or a time is none, a span ends before it starts, only one
                end is CLOSED, or spans of a day overlap (400).
        """
        if self.timezone not in known_zones():
            raise ApiError(400, f"activatedHours.timezone: {self.timezone!r} is no IANA time zone")
        read = [_read(span, number) for number, span in enumerate(self.hours)]
        spans = sorted((span for span in read if span is not None), key=_position)
        _refuse_overlaps(spans)
        return ActivatedHours(timezone=self.timezone, hours=tuple(spans))


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """The names of the IANA zones, aliases included; they are case-sensitive."""
    return frozenset(zoneinfo.available_timezones()) - NOT_ZONES


def is_open(hours: ActivatedHours, instant: float) -> bool:
    """Whether the hours are open at an instant (Unix seconds)."""
    local = datetime.fromtimestamp(instant, zoneinfo.ZoneInfo(hours.timezone))
    day = WEEKDAYS[local.weekday()]
    minute = local.hour * 60 + local.minute
    return any(
        span.day == day and minutes(span.start_time) <= minute < minutes(span.end_time)
        for span in hours.hours
    )


def last_change(hours: ActivatedHours, after: float, until: float) -> float | None:
    """When the hours last opened or closed.

    Args:
        hours: The hours.
        after: No earlier change counts, nor one at this instant.
        until: The latest instant that counts.

    Returns:
        The instant in Unix seconds, or None where nothing changed in between. Spans that meet,
        such as one to 24:00 and one from 00:00 on, change nothing.
    """
    edges = _edges(hours)
    if not edges or until <= after:
        return None
    last = datetime.fromtimestamp(until, UTC).date()
    first = max(datetime.fromtimestamp(after, UTC).date(), last - timedelta(days=LOOK_BACK_DAYS))
    for back in range((last - first).days + 1):
        day = last - timedelta(days=back)
        marks = {mark for mark in _marks(hours, edges, day) if after < mark <= until}
        for mark in sorted(marks, reverse=True):
            if is_open(hours, mark) != is_open(hours, mark - 1):
                return mark
    return None


def minutes(clock: str) -> int:
    """Minutes since midnight of HH:MM, 1440 for 24:00."""
    return int(clock[:2]) * 60 + int(clock[3:])


def _edges(hours: ActivatedHours) -> frozenset[int]:
    # In minutes of the week. Where one span ends and the next starts, both cancel out.
    edges: set[int] = set()
    for span in hours.hours:
        midnight = WEEKDAYS.index(span.day) * DAY_MINUTES
        for clock in (span.start_time, span.end_time):
            edges ^= {(midnight + minutes(clock)) % (7 * DAY_MINUTES)}
    return frozenset(edges)


def _marks(hours: ActivatedHours, edges: frozenset[int], day: date) -> Iterator[float]:
    # Instants within a UTC day at which the hours may change.
    zone = zoneinfo.ZoneInfo(hours.timezone)
    begin = datetime.combine(day, time(), UTC).timestamp()
    end = begin + DAY_SECONDS
    for beside in (-1, 0, 1):
        local = day + timedelta(days=beside)
        for edge in edges:
            weekday, minute = divmod(edge, DAY_MINUTES)
            if weekday != local.weekday():
                continue
            wall = datetime.combine(local, time(*divmod(minute, 60)), zone)
            for instant in (wall.timestamp(), wall.replace(fold=1).timestamp()):
                if begin <= instant < end:
                    yield instant
    yield from _shift(zone, begin, end)


def _shift(zone: zoneinfo.ZoneInfo, low: float, high: float) -> Iterator[float]:
    # The second at which the zone's clocks are changed on this day, if they are.
    def offset(instant: float) -> timedelta | None:
        return datetime.fromtimestamp(instant, zone).utcoffset()

    before = offset(low)
    if before == offset(high):
        return
    while high - low > 1:
        middle = (low + high) // 2
        if offset(middle) == before:
            low = middle
        else:
            high = middle
    yield high


def _read(span: SpanBody, number: int) -> OnDutySpan | None:
    where = f"activatedHours.hours.{number}"
    day = span.day.lower()
    if day not in WEEKDAYS:
        raise ApiError(400, f"{where}.day must be one of {', '.join(WEEKDAYS)}")
    if (span.start_time == CLOSED) != (span.end_time == CLOSED):
        raise ApiError(400, f"{where}: startTime and endTime must both be CLOSED, or neither")
    if span.start_time == CLOSED:
        return None
    if CLOCK.fullmatch(span.start_time) is None:
        raise ApiError(400, f"{where}.startTime must be HH:MM on a 24-hour clock, or CLOSED")
    if CLOCK.fullmatch(span.end_time) is None and span.end_time != END_OF_DAY:
        raise ApiError(400, f"{where}.endTime must be HH:MM on a 24-hour clock, 24:00 or CLOSED")
    if minutes(span.start_time) >= minutes(span.end_time):
        raise ApiError(400, f"{where}: startTime must be before endTime")
    return OnDutySpan(day=day, start_time=span.start_time, end_time=span.end_time)


def _position(span: OnDutySpan) -> tuple[int, str]:
    return WEEKDAYS.index(span.day), span.start_time


def _refuse_overlaps(spans: list[OnDutySpan]) -> None:
    for earlier, later in pairwise(spans):
        if earlier.day == later.day and later.start_time < earlier.end_time:
            raise ApiError(400, f"activatedHours: spans of {later.day} overlap")
