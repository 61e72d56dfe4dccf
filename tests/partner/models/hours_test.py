"""Hours are checked by the guide's rules before they leave."""

import pytest
from pydantic import ValidationError

from partner import ActivatedHours, DayHours, OpenHours


def span(start: str, end: str, day: str = "monday") -> DayHours:
    """A day's hours."""
    return DayHours(day=day, start_time=start, end_time=end)


@pytest.mark.parametrize(
    ("start", "end"),
    [("09:00", "17:00"), ("00:00", "24:00"), ("23:59", "24:00"), ("CLOSED", "CLOSED")],
)
def test_a_span(start: str, end: str) -> None:
    assert span(start, end).wire() == {"day": "monday", "startTime": start, "endTime": end}


@pytest.mark.parametrize("day", ["Monday", "SUNDAY", "friday"])
def test_a_day_in_any_case_goes_out_as_given(day: str) -> None:
    assert span("09:00", "17:00", day).day == day


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("17:00", "09:00", "startTime must be before endTime"),
        ("09:00", "09:00", "startTime must be before endTime"),
        ("24:00", "24:00", "a time is HH:MM"),
        ("CLOSED", "17:00", "CLOSED stands in both"),
        ("09:00", "CLOSED", "CLOSED stands in both"),
        ("closed", "closed", "a time is HH:MM"),
        ("9:00", "17:00", "a time is HH:MM"),
        ("09:60", "17:00", "a time is HH:MM"),
        ("09:00", "25:00", "a time is HH:MM"),
        ("09:00", "17:00\n", "a time is HH:MM"),
        ("\u0660\u0669:\u0660\u0660", "17:00", "a time is HH:MM"),
    ],
)
def test_no_span(start: str, end: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        span(start, end)


@pytest.mark.parametrize("day", ["mon", "", "montag", "monday "])
def test_no_day(day: str) -> None:
    with pytest.raises(ValidationError, match="a day is monday"):
        span("09:00", "17:00", day)


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Europe/Kyiv"])
def test_a_zone(zone: str) -> None:
    assert ActivatedHours(timezone=zone, hours=()).wire() == {"timezone": zone, "hours": []}


@pytest.mark.parametrize(
    "zone",
    ["", "EST5EDTX", "America", "Mars/Base", "../etc/passwd", "a\0b", "New York", "x" * 300],
)
def test_no_zone(zone: str) -> None:
    with pytest.raises(ValidationError, match="an IANA name"):
        ActivatedHours(timezone=zone, hours=())


def test_hours_of_appointments() -> None:
    assert OpenHours(open_time="00:00", close_time="24:00").close_time == "24:00"
    for opens, closes in (("09:00", "09:00"), ("10:00", "09:00"), ("CLOSED", "CLOSED")):
        with pytest.raises(ValidationError):
            OpenHours(open_time=opens, close_time=closes)
