"""The registry's copy: fresh for 31 days, declared for a day that has begun."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.rules.calling.registry import FRESH, as_instant, expires_on, faults, is_fresh

DAY = date(2026, 3, 2)
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def test_a_copy_counts_from_its_days_first_instant_for_31_days() -> None:
    assert as_instant(DAY) == FIRST
    assert timedelta(days=31) == FRESH
    assert is_fresh(FIRST, FIRST + FRESH - TICK)
    assert not is_fresh(FIRST, FIRST + FRESH)
    assert expires_on(FIRST) == date(2026, 4, 2)


def test_without_a_copy_nothing_is_fresh() -> None:
    assert not is_fresh(None, NOW)


@pytest.mark.parametrize(
    ("day", "present", "code"),
    [
        (DAY, None, None),
        (NOW.date(), None, None),
        (DAY, FIRST, None),
        (NOW.date(), FIRST, None),
        (date(2026, 3, 4), None, "in_the_future"),
        (date(9999, 12, 31), FIRST, "in_the_future"),
        (date(2026, 1, 31), None, "too_old"),
        (date(2026, 2, 1), None, None),
        (date(1, 1, 1), None, "too_old"),
        (date(2026, 3, 1), FIRST, "older_than_present"),
    ],
)
def test_a_day_that_can_be_declared(day: date, present: datetime | None, code: str | None) -> None:
    found = faults(day, now=NOW, present=present)
    assert [fault.code for fault in found] == ([code] if code else [])
    assert all(fault.pointer == "/on" for fault in found)
