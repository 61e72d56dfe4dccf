"""Public holidays by state and year, observed days included."""

from datetime import date

import pytest

from dialer.rules.law.holidays import NATIONAL, public_holidays
from dialer.rules.where.zones import STATES


def test_the_eleven_federal_holidays_of_a_year_and_the_days_they_are_kept_on() -> None:
    assert public_holidays(NATIONAL, 2026) == {
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 7, 4),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    }


def test_the_new_year_of_a_saturday_is_kept_in_the_old_year() -> None:
    assert date(2027, 12, 31) in public_holidays(NATIONAL, 2027)
    assert date(2027, 12, 31) not in public_holidays(NATIONAL, 2028)


@pytest.mark.parametrize(
    ("state", "day"),
    [
        ("AL", date(2026, 4, 27)),
        ("LA", date(2026, 2, 17)),
        ("LA", date(2027, 2, 9)),
        ("PA", date(2026, 11, 27)),
        ("RI", date(2026, 8, 10)),
        ("UT", date(2026, 7, 24)),
    ],
)
def test_a_state_keeps_days_of_its_own(state: str, day: date) -> None:
    assert day in public_holidays(state, day.year)
    assert day not in public_holidays(NATIONAL, day.year)


def test_every_state_has_a_set() -> None:
    christmas = date(2026, 12, 25)
    assert [state for state in STATES if christmas not in public_holidays(state, 2026)] == []


def test_an_unknown_set_raises() -> None:
    with pytest.raises(ValueError, match="'ZZ' has no known set of public holidays"):
        public_holidays("ZZ", 2026)
