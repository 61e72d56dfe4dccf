"""Which time zones a lead may be in: an explicit zone, else the state, else the area code.

An area code may span zones, so it yields every zone that any of its prefixes has; the call
is then made only when it is lawful in all of them. A number moves with its owner, which no
table knows: whoever knows the zone should send it.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from zoneinfo import available_timezones

from phonenumbers.tzdata import TIMEZONE_DATA

_CORRECTIONS: Mapping[str, tuple[str, ...]] = {
    # phonenumbers 9.0 puts this overlay of Orlando's 407 into Central time.
    "689": ("America/New_York",),
}


def _read_states() -> dict[str, tuple[str, ...]]:
    text = resources.files("dialer.rules").joinpath("data/state_zones.csv").read_text("utf-8")
    return {r["state"]: tuple(r["zones"].split("|")) for r in csv.DictReader(text.splitlines())}


def _read_area_codes() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= len("1212"):
            found[prefix[1:4]].update(zones)
    return {code: tuple(sorted(zones)) for code, zones in found.items()}


STATES: Mapping[str, tuple[str, ...]] = _read_states()
"""Two-letter state or territory -> its zones (statutory table, see calling hours)."""

_AREA_CODES: Mapping[str, tuple[str, ...]] = {**_read_area_codes(), **_CORRECTIONS}
_TERRITORIES = frozenset({"PR", "VI", "GU", "AS", "MP"})
_ANY_STATE = tuple(
    sorted({z for s, zones in STATES.items() if s not in _TERRITORIES for z in zones})
)


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Every IANA zone name that can be used."""
    return frozenset(available_timezones())


def candidate_zones(
    *, phone: str, timezone: str | None = None, state: str | None = None
) -> tuple[str, ...]:
    """Every zone the lead may be in.

    Args:
        phone: E.164, `+1` and ten digits.
        timezone: IANA name that the source gave; believed alone.
        state: Two-letter code that the source gave; joined with the area code's zones.

    Returns:
        One or more IANA names, sorted. An area code without data yields every state's zones.
    """
    if timezone:
        return (timezone,)
    by_code = _AREA_CODES.get(phone[2:5], _ANY_STATE)
    return tuple(sorted({*by_code, *STATES.get(state or "", ())}))
