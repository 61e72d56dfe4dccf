"""Turns hours on a clock into spans of time: exact over daylight saving.

A minute belongs to a span when the clock on the wall shows a time within the hours. So when the
clock is set back, the hour that is read twice counts twice; when it is set forward, the hour
that nobody reads is in no span.

Instants are seconds since 1970 in UTC, days are days since then; spans are (start, end), the
end exclusive, sorted, apart from each other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dialer.rules.law.row import Minutes

DAY = 86_400

Span = tuple[int, int]
DaySpans = Callable[[int], Sequence[Minutes]]
"""The hours of a local day: days since 1970 -> minutes, sorted, none overlapping."""

_MINUTE = 60


def zone_spans(zone: str, hours: DaySpans, start: int, end: int) -> list[Span]:
    """The spans of one IANA zone between two instants, cut off at both.

    Raises:
        KeyError: The zone is not known.
        ValueError: It is not even a name.
    """
    found: list[Span] = []
    for begin, finish, offset in _offsets(zone, start, end):
        found += _steady_spans(hours, begin, finish, offset)
    return merged(found)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Sorted spans, those that meet made one."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def intersection(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """What lies in both: in seconds, or minutes, or any unit that they share."""
    common: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            common.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return common


def _steady_spans(hours: DaySpans, start: int, end: int, offset: int) -> Iterator[Span]:
    # Where the offset does not change, local time is UTC moved by it.
    first, last = start + offset, end + offset
    for day in range(first // DAY, (last - 1) // DAY + 1):
        for opens, closes in hours(day):
            begin = max(first, day * DAY + opens * _MINUTE)
            finish = min(last, day * DAY + closes * _MINUTE)
            if begin < finish:
                yield begin - offset, finish - offset


@lru_cache(maxsize=16_384)
def _offsets(zone: str, start: int, end: int) -> tuple[tuple[int, int, int], ...]:
    # The module zoneinfo does not tell its transitions, so they are looked for a day at a time.
    clock = ZoneInfo(zone)
    found: list[tuple[int, int, int]] = []
    begin, before, offset = start, start, _offset(clock, start)
    for probe in (*range(start + DAY, end, DAY), end - 1):
        later = _offset(clock, probe)
        if later != offset:
            change = _change(clock, before, probe)
            found.append((begin, change, offset))
            begin, offset = change, later
        before = probe
    return (*found, (begin, end, offset))


def _change(clock: ZoneInfo, before: int, after: int) -> int:
    old = _offset(clock, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(clock, middle) == old:
            before = middle
        else:
            after = middle
    return after


def _offset(clock: ZoneInfo, instant: int) -> int:
    local = datetime.fromtimestamp(instant, UTC).astimezone(clock)
    offset = local.utcoffset()
    return round(offset.total_seconds()) if offset else 0
