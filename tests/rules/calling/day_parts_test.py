"""The parts of the day fill the lawful day, by the clock of the lead's first zone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from dialer.rules.calling.day_parts import Part, part_of
from dialer.rules.calling.hours import LAWFUL

NOON_IN_NEW_YORK = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)


def test_the_parts_fill_the_lawful_day_without_a_gap() -> None:
    spans = [part.span for part in Part]
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert (spans[0][0], spans[-1][1]) == tuple(clock.hour * 60 for clock in LAWFUL)


@pytest.mark.parametrize(
    ("minutes", "part"),
    [
        (-241, None),
        (-240, Part.MORNING),
        (-1, Part.MORNING),
        (0, Part.AFTERNOON),
        (299, Part.AFTERNOON),
        (300, Part.EVENING),
        (539, Part.EVENING),
        (540, None),
    ],
)
def test_a_part_begins_with_its_first_minute_and_excludes_its_end(
    minutes: int, part: Part | None
) -> None:
    at = NOON_IN_NEW_YORK + timedelta(minutes=minutes)
    assert part_of(at, ("America/New_York",)) is part


def test_the_first_zone_decides() -> None:
    zones = ("America/Los_Angeles", "America/New_York")
    assert part_of(NOON_IN_NEW_YORK, zones) is Part.MORNING
    assert part_of(NOON_IN_NEW_YORK, zones[::-1]) is Part.AFTERNOON


def test_daylight_saving_moves_the_parts_with_the_clock() -> None:
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    winter = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    assert part_of(summer, ("America/New_York",)) is Part.MORNING
    assert part_of(winter, ("America/New_York",)) is None


def test_an_unknown_zone_and_no_zone_raise() -> None:
    with pytest.raises(KeyError):
        part_of(NOON_IN_NEW_YORK, ("America/Nowhere",))
    with pytest.raises(ValueError, match="at least one time zone"):
        part_of(NOON_IN_NEW_YORK, ())
