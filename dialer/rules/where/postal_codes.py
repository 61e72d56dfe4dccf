"""Which states and time zones a ZIP code delivers into.

The `zipcodes` package has one state and one zone for each ZIP. Its rows are checked here (a known
state; a zone that the state keeps) and those that are wrong, or that deliver over a border, are
replaced by `data/zip_overrides.csv`, whose notes say why. Sources of the overrides: 49 CFR 71
(the zones' borders), the Census Bureau's relation of ZIP areas to counties (2010), and, for ZIPs
beside a border, the distance of their centre from it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import zipcodes

from dialer.rules.where.states import STATES, rows, zone_of_state

_WRITTEN = re.compile(r"\s*(\d{5})(?:[- ]?\d{4})?\s*", re.ASCII)
# Ships, bases and embassies: AE, AP and AA are no places.
_MILITARY = re.compile(r"09|340|96[2-6]", re.ASCII)


@dataclass(frozen=True, slots=True)
class PostalArea:
    """What a ZIP says of its addresses.

    Attributes:
        states: two-letter codes, sorted; none where the ZIP is no place.
        zones: IANA names, sorted; none where the ZIP is no place.
        note: why this differs from the common table; empty for most.
    """

    states: tuple[str, ...]
    zones: tuple[str, ...]
    note: str = ""


NOT_A_ZIP = PostalArea((), (), "not written as a ZIP code (five digits, or ZIP+4)")
UNKNOWN = PostalArea((), (), "no such ZIP code in the table")
MILITARY = PostalArea((), (), "a military or diplomatic address, which may be anywhere")


def postal_area(text: str) -> PostalArea:
    """What a postal code says, which may be nothing.

    Args:
        text: five digits or ZIP+4 (`30301`, `30301-1234`), of any content and length. A ZIP
            that lost its leading zero is not guessed at.

    Returns:
        The states and zones, or `NOT_A_ZIP`, `UNKNOWN` or `MILITARY`, which have none. The first
        call reads the whole table: see `warm_up`.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return NOT_A_ZIP
    code = written[1]
    known = _table().get(code)
    if known is None:
        return MILITARY if _MILITARY.match(code) else UNKNOWN
    return known


def warm_up() -> None:
    """Reads the ZIP table, about half a second of work and 60 MB; later calls do nothing.

    An event loop calls this once, in a thread, before it serves anything.
    """
    _table()


@lru_cache(maxsize=1)
def _table() -> Mapping[str, PostalArea]:
    return {**dict(_packaged()), **read_overrides(rows("zip_overrides.csv"))}


def _packaged() -> Iterator[tuple[str, PostalArea]]:
    """The package's sound rows; one area is shared by all the ZIPs that are alike."""
    for state in STATES:
        areas: dict[str, PostalArea | None] = {}
        found = zipcodes.filter_by_state(state)  # type: ignore[no-untyped-call]  # the package has no annotations
        for row in found:
            zone = row["timezone"]
            if zone not in areas:
                kept = zone_of_state(state, zone)
                areas[zone] = PostalArea((state,), (kept,)) if kept else None
            area = areas[zone]
            if area is not None:
                yield row["zip_code"], area


def read_overrides(table: list[dict[str, str]]) -> dict[str, PostalArea]:
    """Reads rows of `postal_code`, `states`, `zones` and `note` (lists are joined by "|").

    A row without states and zones makes the ZIP say nothing. Its zones need not be ones that its
    states keep by law: some towns keep the clock of the city across the border.

    Raises:
        ValueError: a row's code is not five digits, its state or zone is unknown, only one of
            the two lists is filled, or there is no note.
    """
    return {row["postal_code"]: _override(row) for row in table}


def _override(row: dict[str, str]) -> PostalArea:
    states, zones = (tuple(sorted(filter(None, row[n].split("|")))) for n in ("states", "zones"))
    kept = {zone for each in STATES.values() for zone in each}
    sound = set(states) <= set(STATES) and set(zones) <= kept and bool(states) == bool(zones)
    if not sound or not re.fullmatch(r"\d{5}", row["postal_code"], re.ASCII) or not row["note"]:
        raise ValueError(
            f"zip_overrides.csv, row {row['postal_code'][:100]!r}: give five digits, states and "
            "zones of state_zones.csv (both or neither) and a note"
        )
    return PostalArea(states, zones, row["note"])
