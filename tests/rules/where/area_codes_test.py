"""Every US area code has its states and zones, and agrees with what the libraries know."""

from itertools import pairwise

import pytest
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.rules.phones.phone import US_PLAN
from dialer.rules.where.area_codes import AREA_CODES, read_area_codes
from dialer.rules.where.states import STATES, rows, zone_of_state

_THREE_DIGITS = [str(code) for code in range(200, 1000)]
_NAMES = {row["name"]: row["state"] for row in rows("state_zones.csv")}
_STATE_OF_NAME = {**_NAMES, "Washington State": "WA", "Washington D.C.": "DC"}
# Prefixes where phonenumbers 9.0 is wrong; a fixed one makes its row unnecessary.
_WRONG_ZONES = {"1689": "Orlando is Eastern", "1907581": "Unalaska keeps Alaska time"}
_WRONG_STATES = {"1201631": "Englewood, New Jersey, is not New York City"}


def _accepted(area: str) -> bool:
    return any(
        US_PLAN.code_of(f"{area}{exchange}0142", allow_territories=True).startswith("ok")
        for exchange in _THREE_DIGITS
    )


def test_the_codes_are_exactly_those_that_the_numbering_plan_accepts() -> None:
    assert set(AREA_CODES) == {area for area in _THREE_DIGITS if _accepted(area)}


@pytest.mark.parametrize("code", sorted(AREA_CODES))
def test_a_code_has_states_and_zones_that_they_keep(code: str) -> None:
    area = AREA_CODES[code]
    assert area.states
    assert area.zones
    assert set(area.zones) <= {zone for state in area.states for zone in STATES[state]}
    for each in (area.states, area.zones, area.overlays):
        assert all(first < second for first, second in pairwise(each))


@pytest.mark.parametrize("code", sorted(AREA_CODES))
def test_overlays_share_territory_so_they_share_states_and_zones(code: str) -> None:
    for overlay in AREA_CODES[code].overlays:
        assert overlay != code
        assert code in AREA_CODES[overlay].overlays
        assert AREA_CODES[overlay].states == AREA_CODES[code].states
        assert AREA_CODES[overlay].zones == AREA_CODES[code].zones


def test_no_zone_that_phonenumbers_knows_is_forgotten() -> None:
    unsaid = set()
    for prefix, zones in TIMEZONE_DATA.items():
        area = AREA_CODES.get(prefix[1:4]) if prefix.startswith("1") else None
        if area and not {zone_of_state(area.states[0], zone) for zone in zones} <= set(area.zones):
            unsaid.add(prefix)
    assert unsaid == set(_WRONG_ZONES)


def test_no_state_that_phonenumbers_knows_is_forgotten() -> None:
    unsaid = set()
    for prefix, places in GEOCODE_DATA.items():
        area = AREA_CODES.get(prefix[1:4]) if prefix.startswith("1") else None
        place = places.get("en", "").rsplit(", ", 1)[-1]
        state = _STATE_OF_NAME.get(place, place)
        if area and state in STATES and state not in area.states:
            unsaid.add(prefix)
    assert unsaid == set(_WRONG_STATES)


def test_the_table_of_new_codes_says_the_same() -> None:
    for row in rows("new_area_codes.csv"):
        area = AREA_CODES[row["area_code"]]
        assert area.states == (row["state"],)
        assert set(row["overlays"].split()) <= set(area.overlays)


def test_an_overlay_brings_its_zones() -> None:
    here = {"area_code": "850", "states": "FL", "zones": "America/Chicago", "overlays": "448"}
    there = {"area_code": "448", "states": "FL", "zones": "America/New_York", "overlays": "850"}
    for area in read_area_codes([here, there]).values():
        assert area.zones == ("America/Chicago", "America/New_York")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"states": ""}, "give states"),
        ({"states": "ZZ"}, "give states"),
        ({"zones": ""}, "give states"),
        ({"zones": "America/Denver"}, "zones that they keep"),
        ({"overlays": "999"}, "overlay '999' has no row"),
    ],
)
def test_a_bad_row_is_refused_by_name(change: dict[str, str], said: str) -> None:
    row = {"area_code": "212", "states": "NY", "zones": "America/New_York", "overlays": ""}
    with pytest.raises(ValueError, match=rf"row '212'.*{said}"):
        read_area_codes([row | change])
