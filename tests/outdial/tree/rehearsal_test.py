"""Campaign time of a rehearsal: a Tuesday noon, never going back, kept with the folder."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from outdial.machine.home import Home
from outdial.tree.rehearsal import next_noon, of_home

TUESDAY = 1


@pytest.mark.parametrize("days", range(8))
def test_it_starts_at_the_first_tuesday_noon_that_is_not_before(days: int) -> None:
    after = datetime(2026, 3, 1, 9, 0, tzinfo=UTC) + timedelta(days=days)
    start = next_noon(speed=1, after=after).start
    assert start.weekday() == TUESDAY
    assert (start.hour, start.minute) == (17, 30)
    assert timedelta() <= start - after < timedelta(days=7)


def test_just_after_a_tuesday_noon_it_is_the_next_week() -> None:
    after = datetime(2026, 3, 3, 17, 31, tzinfo=UTC)
    assert next_noon(speed=1, after=after).start == datetime(2026, 3, 10, 17, 30, tzinfo=UTC)


def test_a_folder_runs_in_real_time_until_it_is_rehearsed_in(tmp_path: Path) -> None:
    home = Home(tmp_path / ".outdial")
    assert of_home(home, speed=None) is None
    first = of_home(home, speed=60)
    assert first is not None
    again = of_home(home, speed=None)
    assert again is not None
    assert again.speed == 60
    assert again.start > first.start
    slower = of_home(home, speed=2)
    assert slower is not None
    assert slower.speed == 2
    assert slower.start > again.start
