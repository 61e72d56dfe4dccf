"""Hours on a clock become spans of time that every minute of the clock agrees with."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from dialer.rules.calling.spans import DAY, Span, intersection, merged, zone_spans
from dialer.rules.law.row import Minutes
from tests.support.slow_window import clock

EPOCH = date(1970, 1, 1).toordinal()
ALL_DAY = 24 * 60
ZONES = sorted(available_timezones())


def _start(day: date) -> int:
    return (day.toordinal() - EPOCH) * DAY


def _spans(zone: str, hours: Sequence[Minutes], day: date, days: int = 1) -> list[Span]:
    return zone_spans(zone, lambda _: hours, _start(day), _start(day) + days * DAY)


def _as_clock(spans: Sequence[Span], zone: str) -> list[tuple[str, str]]:
    return [(_read(a, zone), _read(b, zone)) for a, b in spans]


def _read(instant: int, zone: str) -> str:
    return f"{datetime.fromtimestamp(instant, ZoneInfo(zone)):%m-%d %H:%M %z}"


def test_the_hour_that_nobody_reads_is_in_no_span() -> None:
    spans = _spans("America/New_York", [(60 + 30, 3 * 60 + 30)], date(2026, 3, 8))
    assert _as_clock(spans, "America/New_York") == [("03-08 01:30 -0500", "03-08 03:30 -0400")]
    assert spans[0][1] - spans[0][0] == 3600
    assert _spans("America/New_York", [(2 * 60, 3 * 60)], date(2026, 3, 8)) == []


def test_the_hour_that_is_read_twice_counts_twice() -> None:
    spans = _spans("America/New_York", [(60 + 15, 60 + 45)], date(2026, 11, 1))
    assert _as_clock(spans, "America/New_York") == [
        ("11-01 01:15 -0400", "11-01 01:45 -0400"),
        ("11-01 01:15 -0500", "11-01 01:45 -0500"),
    ]


def test_a_span_over_the_whole_hour_that_is_read_twice_is_one() -> None:
    spans = _spans("America/New_York", [(30, 3 * 60)], date(2026, 11, 1))
    assert _as_clock(spans, "America/New_York") == [("11-01 00:30 -0400", "11-01 03:00 -0500")]
    assert spans[0][1] - spans[0][0] == round(3.5 * 3600)


def test_hours_that_meet_at_midnight_are_one_span() -> None:
    spans = _spans("America/Denver", [(0, 2 * 60), (22 * 60, ALL_DAY)], date(2026, 6, 1), days=2)
    assert ("06-01 22:00 -0600", "06-02 02:00 -0600") in _as_clock(spans, "America/Denver")


def test_half_an_hour_of_daylight_saving() -> None:
    zone = "Australia/Lord_Howe"
    spans = _spans(zone, [(60 + 30, 3 * 60)], date(2026, 10, 3), days=1)
    assert _as_clock(spans, zone) == [("10-04 01:30 +1030", "10-04 03:00 +1100")]
    assert spans[0][1] - spans[0][0] == 3600


def test_a_day_that_a_zone_left_out_has_no_hours() -> None:
    skipped = date(2011, 12, 30).toordinal() - EPOCH
    found = zone_spans(
        "Pacific/Apia",
        lambda day: [(0, ALL_DAY)] if day == skipped else [],
        _start(date(2011, 12, 28)),
        _start(date(2012, 1, 2)),
    )
    assert found == []


def test_no_hours_no_spans() -> None:
    assert _spans("America/New_York", [], date(2026, 3, 8), days=30) == []


@pytest.mark.parametrize(("zone", "error"), [("America/Nowhere", KeyError), ("../x", ValueError)])
def test_a_zone_that_is_none_raises(zone: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _spans(zone, [(0, ALL_DAY)], date(2026, 3, 8))


def test_spans_that_meet_or_overlap_are_made_one() -> None:
    assert merged([(5, 6), (0, 2), (2, 3), (1, 2), (8, 9)]) == [(0, 3), (5, 6), (8, 9)]


def test_what_lies_in_both() -> None:
    left, right = [(0, 5), (7, 9), (12, 20)], [(1, 2), (4, 8), (9, 12), (13, 14), (19, 30)]
    common = [(1, 2), (4, 5), (7, 8), (13, 14), (19, 20)]
    assert intersection(left, right) == common
    assert intersection(right, left) == common
    assert intersection(left, []) == []


@pytest.mark.parametrize("seed", range(60))
def test_every_minute_of_a_clock_around_a_change_agrees(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- reproducible schedules
    zone = chance.choice(ZONES)
    start = _near_a_change(zone, chance) - timedelta(days=1)
    week = {day: _hours(chance) for day in range(7)}
    shown = _minutes_of(
        zone_spans(zone, lambda day: week[day % 7], _start(start), _start(start) + 3 * DAY), start
    )
    assert shown == _by_the_clock(zone, week, start), (zone, start, week)


def _near_a_change(zone: str, chance: random.Random) -> date:
    year = datetime(chance.choice((2026, 2027)), 1, 1, tzinfo=UTC)
    days = [year + timedelta(days=n) for n in range(365)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    changes = [
        day for day, a, b in zip(days, offsets, offsets[1:], strict=False) if a != b
    ] or days
    return chance.choice(changes).date()


def _hours(chance: random.Random) -> list[Minutes]:
    cuts = sorted(chance.sample(range(0, ALL_DAY + 1, chance.choice((1, 15, 60))), 4))
    return chance.choice(([(cuts[0], cuts[1]), (cuts[2], cuts[3])], [(0, cuts[0] or 1)], []))


def _minutes_of(spans: Sequence[Span], start: date) -> set[int]:
    first = _start(start)
    return {m for a, b in spans for m in range((a - first) // 60, (b - first) // 60)}


def _by_the_clock(zone: str, week: Mapping[int, Sequence[Minutes]], start: date) -> set[int]:
    found: set[int] = set()
    for number in range(3):
        for minute, reading in enumerate(clock(zone, start.toordinal() + number)):
            day, local = divmod(reading, ALL_DAY)
            if any(a <= local < b for a, b in week[(day - EPOCH) % 7]):
                found.add(number * ALL_DAY + minute)
    return found
