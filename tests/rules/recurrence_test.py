"""When schedules run: every rule agrees with a slow oracle, over both changes of the clock."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.calling.hours import DAYS
from dialer.rules.errors import InvalidInputError
from dialer.rules.recurrence import EVERY, Recurrence, occurrences

ZONES = (
    *("America/New_York", "America/Chicago", "America/Phoenix", "America/St_Johns", "UTC"),
    *("Australia/Lord_Howe", "America/Havana", "Europe/London", "Asia/Kathmandu", "Asia/Beirut"),
)
MINUTE = timedelta(minutes=1)


def _rule(**given: object) -> Recurrence:
    return Recurrence.parse({"every": "day", "at": "09:00", "timezone": "UTC", **given})


def _minutes_of(day: date, clock: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Every minute of a local day: the instant, and what the clock on the wall shows then."""
    instant = datetime.combine(day, time(), UTC) - timedelta(hours=26)
    while instant < datetime.combine(day, time(), UTC) + timedelta(hours=52):
        local = instant.astimezone(clock).replace(tzinfo=None)
        if local.date() == day:
            yield instant, local
        instant += MINUTE


def _slow(rule: Recurrence, day: date) -> datetime:
    """The first minute of the day at which the clock shows the time, or has passed it."""
    clock = ZoneInfo(rule.timezone)
    asked = datetime.combine(day, rule.at)
    return next(instant for instant, shown in _minutes_of(day, clock) if shown >= asked)


def _is_due(rule: Recurrence, day: date) -> bool:
    tomorrow = day + timedelta(days=1)
    match rule.every:
        case "day":
            return True
        case "weekday":
            return day.isoweekday() <= 5
        case "week":
            return day.strftime("%A").lower() in rule.days
        case "month" if rule.day_of_month == "last":
            return tomorrow.month != day.month
        case "month":
            late = tomorrow.month != day.month and day.day < int(rule.day_of_month or 0)
            return day.day == rule.day_of_month or late


rules = st.builds(
    lambda every, days, of_month, at, zone: _rule(
        every=every,
        at=f"{at.hour:02d}:{at.minute:02d}",
        timezone=zone,
        days=sorted(days) if every == "week" else None,
        day_of_month=of_month if every == "month" else None,
    ),
    st.sampled_from(EVERY),
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.one_of(st.integers(1, 31), st.just("last")),
    st.one_of(st.times(), st.sampled_from([time(0), time(1, 30), time(2), time(2, 30), time(3)])),
    st.sampled_from(ZONES),
)


@given(rule=rules, first=st.dates(date(2024, 1, 1), date(2031, 1, 1)), skipped=st.integers(0, 9))
@settings(max_examples=120, deadline=None)
def test_the_days_are_those_of_a_slow_look_at_each(
    rule: Recurrence, first: date, skipped: int
) -> None:
    clock = ZoneInfo(rule.timezone)
    after = datetime.combine(first, time(), clock).astimezone(UTC) - MINUTE
    days = [first + timedelta(days=n) for n in range(400)]
    due = [day for day in days if _is_due(rule, day)]
    blackout = {due[skipped]}
    found = occurrences(rule, after, blackout=blackout)
    kept = [day for day in due if day not in blackout]
    for day, instant in zip(kept, found, strict=False):
        assert instant.astimezone(clock).date() == day
    assert len(kept) >= 8


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2026, 2027])
def test_over_each_change_of_a_clock_the_instants_are_those_of_a_slow_look_at_every_minute(
    zone: str, year: int
) -> None:
    clock = ZoneInfo(zone)
    for day in _changes(clock, year):
        for at in (
            "00:00",
            "00:30",
            "01:00",
            "01:30",
            "02:00",
            "02:15",
            "02:30",
            "03:00",
            "23:59",
        ):
            rule = _rule(at=at, timezone=zone)
            after = datetime.combine(day, time(), UTC) - timedelta(days=3)
            around = islice(occurrences(rule, after), 8)
            found = [i for i in around if i.astimezone(clock).date() == day]
            assert found == [_slow(rule, day)], (zone, day, at)


def _changes(clock: ZoneInfo, year: int) -> list[date]:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    noons = [datetime.combine(day, time(12), clock).utcoffset() for day in days]
    changed = [days[i] for i in range(1, 365) if noons[i] != noons[i - 1]]
    return changed or days[:1]


def test_a_time_that_spring_skips_is_the_first_instant_after_the_gap() -> None:
    rule = _rule(at="02:30", timezone="America/New_York")
    after = datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert list(islice(occurrences(rule, after), 2)) == [
        datetime(2026, 3, 8, 7, tzinfo=UTC),
        datetime(2026, 3, 9, 6, 30, tzinfo=UTC),
    ]


def test_a_time_that_comes_twice_in_autumn_is_the_first_of_the_two_and_comes_once() -> None:
    rule = _rule(at="01:30", timezone="America/New_York")
    after = datetime(2026, 10, 31, 12, tzinfo=UTC)
    assert list(islice(occurrences(rule, after), 2)) == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 2, 6, 30, tzinfo=UTC),
    ]
    between = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
    assert next(occurrences(rule, between)) == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


def test_where_a_zone_left_a_whole_day_out_no_instant_comes_twice() -> None:
    rule = _rule(at="00:00", timezone="Pacific/Apia")
    found = list(islice(occurrences(rule, datetime(2011, 12, 29, tzinfo=UTC)), 3))
    assert found == sorted(set(found))
    assert datetime(2011, 12, 30, 10, tzinfo=UTC) in found


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        (31, ["01-31", "02-28", "03-31", "04-30"]),
        (30, ["01-30", "02-28", "03-30", "04-30"]),
        (1, ["01-01", "02-01", "03-01", "04-01"]),
        ("last", ["01-31", "02-28", "03-31", "04-30"]),
    ],
)
def test_a_shorter_month_has_its_last_day_instead(asked: object, days: list[str]) -> None:
    rule = _rule(every="month", day_of_month=asked)
    found = islice(occurrences(rule, datetime(2025, 12, 31, 23, tzinfo=UTC)), 4)
    assert [at.strftime("%m-%d") for at in found] == days


def test_a_leap_year_has_its_own_last_day() -> None:
    rule = _rule(every="month", day_of_month=30)
    assert next(occurrences(rule, datetime(2028, 2, 1, tzinfo=UTC))).day == 29


def test_it_is_always_later_than_asked_and_keeps_to_its_first_and_last_day() -> None:
    rule = _rule(starts_on="2026-03-02", ends_on="2026-03-04")
    assert [at.day for at in occurrences(rule, datetime(2020, 1, 1, tzinfo=UTC))] == [2, 3, 4]
    nine = datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert list(occurrences(rule, nine)) == [nine + timedelta(days=1)]
    assert next(occurrences(rule, nine - timedelta(microseconds=1))) == nine
    assert list(occurrences(rule, datetime(2027, 1, 1, tzinfo=UTC))) == []


def test_a_rule_without_an_end_ends_with_the_calendar_instead_of_breaking() -> None:
    assert list(occurrences(_rule(), datetime(2199, 12, 30, 10, tzinfo=UTC))) == [
        datetime(2199, 12, 31, 9, tzinfo=UTC)
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"every": "day", "at": "00:05", "timezone": "America/Chicago"},
        {"every": "week", "days": ["monday", "friday"], "at": "09:00", "timezone": "UTC"},
        {"every": "month", "day_of_month": "last", "at": "23:59", "timezone": "UTC"},
        {
            "every": "weekday",
            "at": "09:00",
            "timezone": "UTC",
            "starts_on": "2026-01-01",
            "ends_on": "2026-01-31",
        },
    ],
)
def test_a_rule_reads_back_as_it_is_kept(given: dict[str, Any]) -> None:
    assert Recurrence.parse(given).as_dict() == given


@pytest.mark.parametrize(
    ("given", "pointer", "suggestion"),
    [
        ({"timezone": "america/new york"}, "/rule/timezone", "America/New_York"),
        ({"timezone": "Mars/Olympus"}, "/rule/timezone", None),
        ({"timezone": 5}, "/rule/timezone", None),
        ({"timezone": None}, "/rule/timezone", None),
        ({"every": "wek"}, "/rule/every", "week"),
        ({"at": "9:00"}, "/rule/at", None),
        ({"at": "24:00"}, "/rule/at", None),
        ({"at": None}, "/rule/at", None),
        ({"every": "week"}, "/rule/days", None),
        ({"every": "week", "days": ["tusday"]}, "/rule/days/0", "tuesday"),
        ({"every": "week", "days": "monday"}, "/rule/days", None),
        ({"every": "day", "days": ["monday"]}, "/rule/days", None),
        ({"every": "month"}, "/rule/day_of_month", None),
        ({"every": "month", "day_of_month": 32}, "/rule/day_of_month", None),
        ({"every": "month", "day_of_month": True}, "/rule/day_of_month", None),
        ({"every": "month", "day_of_month": "first"}, "/rule/day_of_month", None),
        ({"every": "weekday", "day_of_month": 1}, "/rule/day_of_month", None),
        ({"starts_on": "2026-02-30"}, "/rule/starts_on", None),
        ({"starts_on": "0001-01-01"}, "/rule/starts_on", None),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "/rule/ends_on", None),
        ({"time_zone": "UTC"}, "/rule/time_zone", "timezone"),
        ({"a/b~c": 1}, "/rule/a~1b~0c", None),
    ],
)
def test_what_can_not_be_is_named_with_its_place_and_a_likely_right_value(
    given: dict[str, object], pointer: str, suggestion: str | None
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        _rule(**given)
    faults = {fault.pointer: fault for fault in refused.value.faults}
    assert list(faults) == [pointer]
    assert faults[pointer].suggestion == suggestion


def test_every_fault_is_told_at_once_and_no_message_repeats_an_endless_value() -> None:
    with pytest.raises(InvalidInputError) as refused:
        Recurrence.parse({"every": "x" * 9_999, "at": "y" * 9_999, "timezone": "z" * 9_999})
    assert len(refused.value.faults) == 3
    assert all(len(fault.message) < 400 for fault in refused.value.faults)
