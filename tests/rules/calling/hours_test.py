"""Calling hours: exact over daylight saving, in every zone a lead may be in, never unlawful."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.calling.hours import (
    ALWAYS,
    DAYS,
    LAWFUL,
    STOP_MARGIN,
    Closed,
    Open,
    WeeklyHours,
    window,
)

Week = Mapping[str, Sequence[Sequence[str]]]

NEW_YORK, CHICAGO, LOS_ANGELES = "America/New_York", "America/Chicago", "America/Los_Angeles"
OFFICE: Week = {day: [["09:00", "17:00"]] for day in DAYS[:5]}
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
ZONES = (NEW_YORK, CHICAGO, "America/Phoenix", LOS_ANGELES, "America/Anchorage")
FAR = ("Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam", "America/St_Johns")


def _at(day: date, clock: str, zone: str = NEW_YORK) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def _look(week: Week, day: date, clock: str, *zones: str) -> Open | Closed:
    return window(WeeklyHours(week), zones or (NEW_YORK,), _at(day, clock))


TUESDAY, FRIDAY = date(2026, 3, 3), date(2026, 3, 6)


@pytest.mark.parametrize("clock", ["09:00", "12:00", "16:58"])
def test_open_within_the_hours_until_the_margin_before_their_end(clock: str) -> None:
    assert _look(OFFICE, TUESDAY, clock) == Open(_at(TUESDAY, "16:59"))


@pytest.mark.parametrize("clock", ["00:00", "08:59"])
def test_closed_before_the_hours(clock: str) -> None:
    assert _look(OFFICE, TUESDAY, clock) == Closed(_at(TUESDAY, "09:00"))


@pytest.mark.parametrize("clock", ["16:59", "17:00", "23:59"])
def test_the_last_minute_and_the_end_itself_are_closed(clock: str) -> None:
    assert STOP_MARGIN.total_seconds() == 60
    assert _look(OFFICE, TUESDAY, clock) == Closed(_at(date(2026, 3, 4), "09:00"))


def test_after_friday_comes_monday() -> None:
    assert _look(OFFICE, FRIDAY, "18:00") == Closed(_at(date(2026, 3, 9), "09:00"))


def test_a_lunch_break_is_closed() -> None:
    week = {"tuesday": [["13:00", "17:00"], ["09:00", "12:00"]]}
    assert _look(week, TUESDAY, "11:58") == Open(_at(TUESDAY, "11:59"))
    assert _look(week, TUESDAY, "12:30") == Closed(_at(TUESDAY, "13:00"))


def test_a_week_with_one_day_opens_again_in_a_week() -> None:
    week = {"tuesday": [["09:00", "10:00"]]}
    assert _look(week, TUESDAY, "09:59") == Closed(_at(date(2026, 3, 10), "09:00"))


@pytest.mark.parametrize(
    ("day", "opens"),
    [(date(2026, 3, 7), SPRING), (SPRING, SPRING), (date(2026, 10, 31), AUTUMN), (AUTUMN, AUTUMN)],
)
def test_nine_oclock_stays_nine_oclock_over_daylight_saving(day: date, opens: date) -> None:
    week = {day: [["09:00", "17:00"]] for day in DAYS}
    clock = "20:00" if day != opens else "00:30"
    found = _look(week, day, clock)
    assert isinstance(found, Closed)
    assert found.opens is not None
    assert found.opens.astimezone(ZoneInfo(NEW_YORK)).time() == time(9)
    assert found.opens == _at(opens, "09:00")


@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING, 8 + 59 / 60), (AUTUMN, 10 + 59 / 60), (TUESDAY, 9 + 59 / 60)]
)
def test_a_day_of_daylight_saving_is_an_hour_shorter_or_longer(day: date, hours: float) -> None:
    week = {day: [["08:00", "10:00"]] for day in DAYS}
    midnight = _at(day, "00:00")
    close = _look(week, day, "09:00")
    assert isinstance(close, Open)
    assert close.until - midnight == timedelta(hours=hours)


def test_a_zone_without_daylight_saving_does_not_move() -> None:
    for day in (SPRING, AUTUMN):
        found = window(WeeklyHours(ALWAYS), ("America/Phoenix",), _at(day, "00:30"))
        assert found == Closed(_at(day, "08:00", "America/Phoenix"))


def test_several_zones_must_all_be_open() -> None:
    both = (NEW_YORK, LOS_ANGELES)
    assert _look(OFFICE, TUESDAY, "11:59", *both) == Closed(_at(TUESDAY, "12:00"))
    assert _look(OFFICE, TUESDAY, "12:00", *both) == Open(_at(TUESDAY, "16:59"))
    assert _look(OFFICE, TUESDAY, "17:00", *both) == Closed(_at(date(2026, 3, 4), "12:00"))


def test_zones_without_a_common_hour_never_open() -> None:
    early = {day: [["09:00", "11:00"]] for day in DAYS}
    assert _look(early, TUESDAY, "09:30", NEW_YORK, LOS_ANGELES) == Closed(None)


def test_a_common_minute_that_the_margin_eats_never_opens() -> None:
    week = {day: [["09:00", "12:01"]] for day in DAYS}
    assert _look(week, TUESDAY, "09:30", NEW_YORK, LOS_ANGELES) == Closed(None)


def test_no_zone_is_never_open() -> None:
    assert window(WeeklyHours(ALWAYS), (), _at(TUESDAY, "12:00")) == Closed(None)


def test_an_unknown_zone_raises() -> None:
    with pytest.raises(KeyError):
        window(WeeklyHours(ALWAYS), ("America/Nowhere",), _at(TUESDAY, "12:00"))


@pytest.mark.parametrize(("clock", "open_"), [("07:59", False), ("08:00", True), ("20:59", False)])
def test_the_lawful_floor_holds_whatever_the_campaign_says(clock: str, open_: object) -> None:
    assert isinstance(_look(ALWAYS, TUESDAY, clock), Open) is open_
    assert (time(8), time(21)) == LAWFUL


def test_24_00_is_an_end() -> None:
    week = {"tuesday": [["19:00", "24:00"]]}
    assert _look(week, TUESDAY, "20:00") == Open(_at(TUESDAY, "20:59"))


def test_hours_that_meet_are_one_window() -> None:
    week = {"tuesday": [["12:00", "17:00"], ["09:00", "12:00"]]}
    assert _look(week, TUESDAY, "11:59") == Open(_at(TUESDAY, "16:59"))


def test_equal_weeks_are_equal() -> None:
    assert WeeklyHours(OFFICE) == WeeklyHours(dict(OFFICE))
    assert hash(WeeklyHours(OFFICE)) == hash(WeeklyHours(dict(OFFICE)))
    assert WeeklyHours(OFFICE) != WeeklyHours(ALWAYS)
    assert WeeklyHours(OFFICE) != OFFICE


@pytest.mark.parametrize(
    ("week", "message"),
    [
        ({}, "no hours at all"),
        ({"monday": []}, "no hours at all"),
        ({"mon": [["09:00", "17:00"]]}, "'mon' is not a day; use monday to sunday"),
        ({"monday": [["09:00"]]}, "monday needs pairs of a start and an end"),
        ({"monday": [["09:00", "12:00", "13:00"]]}, "monday needs pairs"),
        ({"monday": [["17:00", "09:00"]]}, "monday starts at 17:00, which is not before its end"),
        ({"monday": [["09:00", "09:00"]]}, "not before its end 09:00"),
        (
            {"monday": [["9:00", "17:00"]]},
            "monday: '9:00' is not a time of day; write it as HH:MM",
        ),
        ({"monday": [["09:00", "17:00:30"]]}, "'17:00:30' is not a time of day"),
        ({"monday": [["09:00", "25:00"]]}, "'25:00' is not a time of day"),
        ({"monday": [["09:00", "5 pm"]]}, "'5 pm' is not a time of day"),
        ({"monday": [[900, 1700]]}, "900 is not a time of day"),
        ({"monday": [["24:00", "24:00"]]}, "not before its end"),
        ({"monday": [["09:00", "12:00"], ["11:59", "13:00"]]}, "monday has hours that overlap"),
        ({"monday": [["05:00", "08:00"]]}, "05:00-08:00 lies outside the lawful 08:00-21:00"),
        ({"monday": [["21:00", "24:00"]]}, "21:00-24:00 lies outside the lawful"),
    ],
)
def test_bad_hours_say_which_day_and_what_is_wrong(week: Week, message: str) -> None:
    with pytest.raises(ValueError, match=r"^(monday|'mon'|the week)") as raised:
        WeeklyHours(week)
    assert message in str(raised.value)


_minutes = st.integers(0, 24 * 60)


@st.composite
def _weeks(draw: st.DrawFn) -> Week:
    week: dict[str, list[list[str]]] = {}
    for day in draw(st.sets(st.sampled_from(DAYS), min_size=1)):
        cuts = sorted(draw(st.sets(_minutes, min_size=2, max_size=4)))
        pairs = zip(cuts[::2], cuts[1::2], strict=False)
        lawful = [(a, b) for a, b in pairs if max(a, 480) < min(b, 1260)]
        week[day] = [[_clock(a), _clock(b)] for a, b in lawful]
    return week if any(week.values()) else OFFICE


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


_instants = st.integers(0, 365 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
_zones = st.lists(st.sampled_from(ZONES + FAR), min_size=1, max_size=3, unique=True)


@settings(deadline=None)
@given(week=_weeks(), zones=_zones, now=_instants)
def test_never_open_outside_the_lawful_hours_of_any_zone(
    week: Week, zones: list[str], now: datetime
) -> None:
    match window(WeeklyHours(week), zones, now):
        case Open(until=until):
            for zone in zones:
                local, end = now.astimezone(ZoneInfo(zone)), until.astimezone(ZoneInfo(zone))
                assert LAWFUL[0] <= local.time() < LAWFUL[1]
                assert local.date() == end.date()
                assert end.time() <= time(20, 59)
        case Closed(opens=opens):
            assert opens is None or opens > now


def _allowed(week: Week, zones: Sequence[str], now: datetime) -> bool:
    """Whether this minute and the next lie within the hours of every zone: read off a clock."""
    for zone in zones:
        local = now.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        spans = [[_as_minutes(t) for t in span] for span in week.get(DAYS[local.weekday()], ())]
        if not any(max(a, 480) <= minute < min(b, 1260) for a, b in spans):
            return False
    return True


def _as_minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


@settings(max_examples=25, deadline=None)
@given(week=_weeks(), zones=_zones, now=_instants)
def test_the_next_opening_is_what_a_clock_shows_minute_by_minute(
    week: Week, zones: list[str], now: datetime
) -> None:
    minute = timedelta(minutes=1)
    found = window(WeeklyHours(week), zones, now)
    if isinstance(found, Open):
        assert _allowed(week, zones, now)
        assert _allowed(week, zones, found.until)
        return
    # A window needs a minute of its own and the margin's after it.
    step = now + minute
    limit = found.opens or now + timedelta(days=7)
    while step < limit:
        assert not (_opens(week, zones, step))
        step += minute
    if found.opens is not None:
        assert _opens(week, zones, found.opens)


def _opens(week: Week, zones: Sequence[str], now: datetime) -> bool:
    minute = timedelta(minutes=1)
    starts = _allowed(week, zones, now) and not _allowed(week, zones, now - minute)
    return starts and _allowed(week, zones, now + minute)
