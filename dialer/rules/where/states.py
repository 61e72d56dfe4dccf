"""Which time zones the states and territories keep, and which zone names tell the same clock."""

import csv
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table in `dialer/rules/data`, by column."""
    text = files("dialer.rules").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _read_states() -> dict[str, tuple[str, ...]]:
    return {row["state"]: tuple(row["zones"].split("|")) for row in rows("state_zones.csv")}


STATES: Mapping[str, tuple[str, ...]] = MappingProxyType(_read_states())
"""Two-letter state or territory -> its zones by law (49 CFR 71), as the hours table has them."""

EVERY_STATE = tuple(sorted(set(STATES) - TERRITORIES))
"""The fifty states and the District of Columbia."""

EVERY_ZONE = tuple(sorted({zone for state in EVERY_STATE for zone in STATES[state]}))
"""Every zone of `EVERY_STATE`."""

# The tz database splits zones by their past. Each of these tells the time of the
# zone beside it; a test compares every week of the coming years.
SAME_CLOCK: Mapping[str, str] = MappingProxyType(
    {
        "America/Boise": "America/Denver",
        "America/Detroit": "America/New_York",
        "America/Indiana/Indianapolis": "America/New_York",
        "America/Indiana/Knox": "America/Chicago",
        "America/Indiana/Marengo": "America/New_York",
        "America/Indiana/Petersburg": "America/New_York",
        "America/Indiana/Tell_City": "America/Chicago",
        "America/Indiana/Vevay": "America/New_York",
        "America/Indiana/Vincennes": "America/New_York",
        "America/Indiana/Winamac": "America/New_York",
        "America/Juneau": "America/Anchorage",
        "America/Kentucky/Louisville": "America/New_York",
        "America/Kentucky/Monticello": "America/New_York",
        "America/Menominee": "America/Chicago",
        "America/Metlakatla": "America/Anchorage",
        "America/Nome": "America/Anchorage",
        "America/North_Dakota/Beulah": "America/Chicago",
        "America/North_Dakota/Center": "America/Chicago",
        "America/North_Dakota/New_Salem": "America/Chicago",
        "America/Sitka": "America/Anchorage",
        "America/Yakutat": "America/Anchorage",
    }
)
"""A zone of the US -> the better known zone that tells the same time today."""


def zone_of_state(state: str, zone: str) -> str | None:
    """The name under which a state's table has a zone, or None where the state lacks its clock.

    `America/Kentucky/Louisville` comes out as `America/New_York` for KY and as
    `America/Indiana/Indianapolis` for IN. An unknown state has no zones.
    """
    kept = STATES.get(state, ())
    if zone in kept:
        return zone
    clock = SAME_CLOCK.get(zone, zone)
    return next((name for name in kept if SAME_CLOCK.get(name, name) == clock), None)
