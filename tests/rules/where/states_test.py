"""States have zones that exist; names of one clock tell one time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.rules.where.states import (
    EVERY_STATE,
    EVERY_ZONE,
    SAME_CLOCK,
    STATES,
    TERRITORIES,
    zone_of_state,
)


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_states_zones_exist(state: str) -> None:
    assert len(state) == 2
    assert all(ZoneInfo(zone).key == zone for zone in STATES[state])


def test_the_table_has_every_state_the_district_and_the_territories() -> None:
    assert len(STATES) == 50 + 1 + 5
    assert len(EVERY_STATE) == 51
    assert not TERRITORIES & set(EVERY_STATE)


def test_every_zone_is_every_states_and_no_territorys() -> None:
    assert {"America/New_York", "Pacific/Honolulu", "America/Adak"} <= set(EVERY_ZONE)
    assert "Pacific/Guam" not in EVERY_ZONE


@pytest.mark.parametrize("zone", sorted(SAME_CLOCK))
def test_names_of_one_clock_tell_one_time(zone: str) -> None:
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for week in range(52 * 10):
        at = first + timedelta(weeks=week)
        known = at.astimezone(ZoneInfo(SAME_CLOCK[zone]))
        assert at.astimezone(ZoneInfo(zone)).utcoffset() == known.utcoffset()


@pytest.mark.parametrize(
    ("state", "zone", "name"),
    [
        ("KY", "America/Kentucky/Louisville", "America/New_York"),
        ("IN", "America/Kentucky/Louisville", "America/Indiana/Indianapolis"),
        ("IN", "America/New_York", "America/Indiana/Indianapolis"),
        ("ID", "America/Denver", "America/Boise"),
        ("AK", "America/Nome", "America/Anchorage"),
        ("FL", "America/Chicago", "America/Chicago"),
        ("CA", "America/New_York", None),
        ("AZ", "America/Los_Angeles", None),
        ("XX", "America/New_York", None),
        ("AK", "Napakiak", None),
    ],
)
def test_a_zone_goes_by_the_name_of_the_states_table(
    state: str, zone: str, name: str | None
) -> None:
    assert zone_of_state(state, zone) == name
