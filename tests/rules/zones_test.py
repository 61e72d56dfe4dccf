"""Zones: explicit beats all; else every zone of the area code and of the state."""

from zoneinfo import ZoneInfo

import pytest
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.rules.phone_plan import US_PLAN
from dialer.rules.zones import STATES, candidate_zones, known_zones


def test_an_explicit_zone_is_believed_alone() -> None:
    found = candidate_zones(phone="+12125550142", timezone="America/Denver", state="NY")
    assert found == ("America/Denver",)


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("+12125550142", ("America/New_York",)),
        ("+13125550142", ("America/Chicago",)),
        ("+16025550142", ("America/Phoenix",)),
        ("+12135550142", ("America/Los_Angeles",)),
        ("+18085550142", ("Pacific/Honolulu",)),
        ("+16895550142", ("America/New_York",)),
    ],
)
def test_an_area_code_in_one_zone(phone: str, zones: tuple[str, ...]) -> None:
    assert candidate_zones(phone=phone) == zones


def test_an_area_code_that_spans_zones_yields_all_of_them() -> None:
    # 850, western Florida: Tallahassee keeps Eastern time, Pensacola Central.
    assert {"America/New_York", "America/Chicago"} <= set(candidate_zones(phone="+18505550142"))


def test_a_state_joins_the_area_code() -> None:
    found = candidate_zones(phone="+12125550142", state="CA")
    assert found == ("America/Los_Angeles", "America/New_York")


def test_a_state_of_several_zones_brings_all_of_them() -> None:
    found = candidate_zones(phone="+13125550142", state="FL")
    assert set(found) == {"America/Chicago", "America/New_York"}


def test_an_unknown_state_adds_nothing() -> None:
    assert candidate_zones(phone="+12125550142", state="XX") == ("America/New_York",)


def test_an_area_code_without_data_must_suit_every_state() -> None:
    found = set(candidate_zones(phone="+19995550142"))
    assert {"America/New_York", "Pacific/Honolulu", "America/Anchorage", "America/Adak"} <= found
    assert "Pacific/Guam" not in found


def test_every_area_code_in_service_yields_zones_that_exist() -> None:
    for area in US_PLAN.everyday_areas:
        zones = candidate_zones(phone=f"+1{area}5550142")
        assert zones
        assert set(zones) <= known_zones()
        assert zones == tuple(sorted(set(zones)))


def test_no_prefix_of_the_library_is_forgotten() -> None:
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4 and prefix[1:4] != "689":
            assert set(zones) <= set(candidate_zones(phone=f"+{prefix:0<11}"))


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_states_zones_exist(state: str) -> None:
    assert len(state) == 2
    assert all(ZoneInfo(zone).key == zone for zone in STATES[state])


def test_the_table_has_every_state_the_district_and_the_territories() -> None:
    assert len(STATES) == 50 + 1 + 5
