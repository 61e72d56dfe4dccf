"""States and zones as people write them: read where one reading exists, else left to be judged."""

import pytest

from dialer.rules.intake import places
from dialer.rules.intake.places import state_of, zone_of
from dialer.rules.where.zones import STATES, known_zones


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("New York", "NY"),
        ("  new   york ", "NY"),
        ("Washington, D.C.", "Washington, DC"),
        ("Washington D.C.", "DC"),
        ("washington", "WA"),
        ("ny", "ny"),
        ("Bavaria", "Bavaria"),
        ("", ""),
    ],
)
def test_states(written: str, read: str) -> None:
    assert state_of(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Eastern", "America/New_York"),
        ("ET", "America/New_York"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("central standard time", "America/Chicago"),
        ("PDT", "America/Los_Angeles"),
        ("Hawaii", "Pacific/Honolulu"),
        ("America/Denver", "America/Denver"),
        ("Mountain", "Mountain"),
        ("MST", "MST"),
        ("UTC-5", "UTC-5"),
        ("", ""),
    ],
)
def test_zones(written: str, read: str) -> None:
    assert zone_of(written) == read


def test_every_reading_is_one_that_the_rules_know() -> None:
    assert {state_of(name) for name in places.STATE_NAMES} <= set(STATES)
    assert {zone_of(name) for name in places.ZONE_NAMES} <= known_zones()
