"""Activated hours: what is valid, when they open and close, and what DST makes of it."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from sandbox.agents.hours import ALWAYS, WEEKDAYS, HoursBody, is_open, last_change
from sandbox.errors import ApiError
from sandbox.model.agents import ActivatedHours

NEW_YORK = "America/New_York"


def hours(zone: str, *spans: tuple[str, str, str]) -> ActivatedHours:
    """Hours as a body would give them: day, start, end."""
    written = [
        {"day": day, "startTime": start, "endTime": end, "colour": "ignored"}
        for day, start, end in spans
    ]
    return HoursBody.model_validate({"timezone": zone, "hours": written}).checked()


def at(written: str) -> float:
    """Unix seconds of an instant with its offset."""
    return datetime.fromisoformat(written).timestamp()


def test_days_are_read_in_any_case_and_kept_in_lower_case() -> None:
    read = hours("UTC", ("MONDAY", "09:00", "17:00"), ("Tuesday", "09:00", "17:00"))
    assert [span.day for span in read.hours] == ["monday", "tuesday"]


def test_spans_come_in_the_order_of_the_week() -> None:
    read = hours(
        "UTC",
        ("friday", "09:00", "17:00"),
        ("monday", "13:00", "17:00"),
        ("monday", "09:00", "12:00"),
    )
    assert [(span.day, span.start_time) for span in read.hours] == [
        ("monday", "09:00"),
        ("monday", "13:00"),
        ("friday", "09:00"),
    ]


def test_closed_days_are_dropped() -> None:
    read = hours("UTC", ("saturday", "CLOSED", "CLOSED"), ("monday", "09:00", "17:00"))
    assert [span.day for span in read.hours] == ["monday"]
    assert hours("UTC", ("sunday", "CLOSED", "CLOSED")).hours == ()


@pytest.mark.parametrize("ends", [("CLOSED", "17:00"), ("09:00", "CLOSED")])
def test_closed_comes_in_pairs(ends: tuple[str, str]) -> None:
    with pytest.raises(ApiError, match=r"hours\.0: startTime and endTime must both be CLOSED"):
        hours("UTC", ("monday", *ends))


def test_a_day_can_end_at_24_00_but_not_start_there() -> None:
    assert hours("UTC", ("monday", "23:59", "24:00")).hours[0].end_time == "24:00"
    with pytest.raises(ApiError, match="startTime must be HH:MM"):
        hours("UTC", ("monday", "24:00", "24:00"))


@pytest.mark.parametrize(
    "clock",
    [
        "9:00",
        "24:01",
        "25:00",
        "09:60",
        "0900",
        "9am",
        "",
        "09:00:00",
        " 09:00",
        "closed",
        "\u0660\u0669:\u0660\u0660",
    ],
)
def test_other_times_are_refused(clock: str) -> None:
    with pytest.raises(ApiError, match=r"hours\.0\.startTime must be HH:MM"):
        hours("UTC", ("monday", clock, "23:00"))
    with pytest.raises(ApiError, match=r"hours\.0\.endTime must be HH:MM"):
        hours("UTC", ("monday", "00:01", clock))


@pytest.mark.parametrize("end", ["09:00", "08:59", "00:00"])
def test_the_start_is_before_the_end(end: str) -> None:
    with pytest.raises(ApiError, match="startTime must be before endTime"):
        hours("UTC", ("monday", "09:00", end))


@pytest.mark.parametrize("day", ["mon", "", "everyday", "monday ", "2026-03-02"])
def test_other_days_are_refused(day: str) -> None:
    with pytest.raises(ApiError, match=r"hours\.1\.day must be one of monday, "):
        hours("UTC", ("monday", "09:00", "17:00"), (day, "09:00", "17:00"))


@pytest.mark.parametrize(
    "zone",
    [
        "",
        "EST5",
        "america/new_york",
        "Mars/Olympus",
        "../etc/passwd",
        "/etc/passwd",
        "America",
        "localtime",
        "UTC\0",
    ],
)
def test_other_zones_are_refused(zone: str) -> None:
    with pytest.raises(ApiError, match="is no IANA time zone"):
        hours(zone)


@pytest.mark.parametrize("zone", ["UTC", NEW_YORK, "Asia/Kathmandu", "US/Eastern"])
def test_iana_zones_are_taken(zone: str) -> None:
    assert hours(zone, ("monday", "09:00", "17:00")).timezone == zone


def test_several_spans_of_a_day_may_meet_but_not_overlap() -> None:
    met = hours("UTC", ("monday", "09:00", "12:00"), ("monday", "12:00", "13:00"))
    assert len(met.hours) == 2
    with pytest.raises(ApiError, match="spans of monday overlap"):
        hours("UTC", ("monday", "09:00", "12:01"), ("monday", "12:00", "13:00"))
    with pytest.raises(ApiError, match="spans of monday overlap"):
        hours("UTC", ("monday", "09:00", "17:00"), ("MONDAY", "09:00", "17:00"))


def test_no_more_than_a_hundred_spans_are_read() -> None:
    with pytest.raises(ValidationError, match="at most 100"):
        hours("UTC", *[("monday", "CLOSED", "CLOSED")] * 101)


def test_hours_are_those_of_their_zone() -> None:
    office = hours(NEW_YORK, ("monday", "09:00", "17:00"))
    for written, expected in (
        ("2026-03-02T08:59:59-05:00", False),
        ("2026-03-02T09:00:00-05:00", True),
        ("2026-03-02T16:59:59-05:00", True),
        ("2026-03-02T17:00:00-05:00", False),
        ("2026-03-03T09:00:00-05:00", False),
        ("2026-07-06T09:00:00-04:00", True),
    ):
        assert is_open(office, at(written)) is expected


def test_the_default_is_always_open_and_never_changes() -> None:
    assert [span.day for span in ALWAYS.hours] == list(WEEKDAYS)
    for hour in range(24 * 8):
        assert is_open(ALWAYS, at("2026-03-01T00:00:00Z") + hour * 3600)
    assert last_change(ALWAYS, 0.0, at("2026-03-02T15:00:00Z")) is None


def test_the_last_change_is_the_latest_opening_or_closing() -> None:
    office = hours(NEW_YORK, ("monday", "09:00", "17:00"))
    opened, closed = at("2026-03-02T09:00:00-05:00"), at("2026-03-02T17:00:00-05:00")
    assert last_change(office, 0.0, opened - 1) == at("2026-02-23T17:00:00-05:00")
    assert last_change(office, 0.0, opened) == opened
    assert last_change(office, 0.0, closed - 1) == opened
    assert last_change(office, 0.0, closed + 3 * 86_400) == closed


def test_what_lies_before_the_manual_setting_does_not_count() -> None:
    office = hours(NEW_YORK, ("monday", "09:00", "17:00"))
    opened = at("2026-03-02T09:00:00-05:00")
    assert last_change(office, opened - 1, opened + 60) == opened
    assert last_change(office, opened, opened + 60) is None
    assert last_change(office, opened + 60, opened) is None


def test_spans_that_meet_at_midnight_change_nothing_there() -> None:
    night = hours("UTC", ("sunday", "22:00", "24:00"), ("monday", "00:00", "06:00"))
    opened = at("2026-03-01T22:00:00Z")
    assert last_change(night, 0.0, opened + 5 * 3600) == opened
    assert last_change(night, 0.0, opened + 9 * 3600) == opened + 8 * 3600


def test_hours_without_a_span_are_never_open_and_never_change() -> None:
    none = hours("UTC")
    assert not is_open(none, 1e9)
    assert last_change(none, 0.0, 1e9) is None


def test_a_span_that_dst_skips_does_not_open() -> None:
    gap = hours(NEW_YORK, ("sunday", "02:15", "02:45"))
    for day in ("08", "14"):
        later = at(f"2026-03-{day}T12:00:00-04:00")
        assert last_change(gap, 0.0, later) == at("2026-03-01T02:45:00-05:00")


def test_a_span_that_dst_cuts_closes_as_the_clocks_are_changed() -> None:
    cut = hours(NEW_YORK, ("sunday", "01:00", "02:30"))
    assert last_change(cut, 0.0, at("2026-03-08T12:00:00-04:00")) == at("2026-03-08T07:00:00Z")


def test_a_span_that_dst_repeats_opens_twice() -> None:
    twice = hours(NEW_YORK, ("sunday", "01:00", "01:30"))
    changes = []
    until = at("2026-11-01T12:00:00Z")
    while (change := last_change(twice, at("2026-11-01T00:00:00Z"), until)) is not None:
        changes.append(datetime.fromtimestamp(change, UTC).strftime("%H:%M"))
        until = change - 1
    assert changes == ["06:30", "06:00", "05:30", "05:00"]
