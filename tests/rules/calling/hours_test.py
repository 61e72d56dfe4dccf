"""A campaign's week: what can be said, and what is refused with the day and the reason."""

from collections.abc import Mapping, Sequence

import pytest

from dialer.rules.calling.hours import ALWAYS, DAYS, WeeklyHours

Week = Mapping[str, Sequence[Sequence[str]]]

OFFICE: Week = {day: [["09:00", "17:00"]] for day in DAYS[:5]}
NINE, NOON, FIVE, MIDNIGHT = 9 * 60, 12 * 60, 17 * 60, 24 * 60


def test_a_week_is_read_in_minutes_from_monday_on() -> None:
    assert WeeklyHours(OFFICE).spans == (((NINE, FIVE),),) * 5 + ((), ())


def test_a_day_may_have_several_spans_in_any_order() -> None:
    week = WeeklyHours({"tuesday": [["13:00", "17:00"], ["09:00", "12:00"]]})
    assert week.spans[1] == ((NINE, NOON), (13 * 60, FIVE))


def test_24_00_is_an_end() -> None:
    assert WeeklyHours({"sunday": [["12:00", "24:00"]]}).spans[6] == ((NOON, MIDNIGHT),)


def test_hours_that_meet_are_one_span() -> None:
    week = WeeklyHours({"tuesday": [["12:00", "17:00"], ["09:00", "12:00"]]})
    assert week.spans[1] == ((NINE, FIVE),)


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
