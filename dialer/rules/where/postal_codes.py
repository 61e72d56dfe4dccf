"""Which states and time zones a ZIP code delivers into.

The table `data/zip_ranges.csv` is made of the `zipcodes` package, which has one state and one zone
for each ZIP, by `tests/support/zip_ranges.py`: only its sound rows (a known state; a zone that the
state keeps), ZIPs in a row of one state and zone together. Those that are wrong, or that deliver
over a border, are replaced by `data/zip_overrides.csv`, whose notes say why. Sources of the
overrides: 49 CFR 71 (the zones' borders), the Census Bureau's relation of ZIP areas to counties
(2010), and, for ZIPs beside a border, the distance of their centre from it.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from dialer.rules.where.states import STATES, rows

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
        The states and zones, or `NOT_A_ZIP`, `UNKNOWN` or `MILITARY`, which have none. A code
        that the table lacks, between two neighbours of one state and zone, is taken for theirs:
        codes are given out by place.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return NOT_A_ZIP
    code = written[1]
    known = _overrides().get(code) or _ranged(code)
    if known is None:
        return MILITARY if _MILITARY.match(code) else UNKNOWN
    return known


@lru_cache(maxsize=1)
def _overrides() -> Mapping[str, PostalArea]:
    return read_overrides(rows("zip_overrides.csv"))


@lru_cache(maxsize=1)
def _ranges() -> tuple[tuple[str, ...], tuple[str, ...], tuple[PostalArea, ...]]:
    table = rows("zip_ranges.csv")
    return (
        tuple(row["first"] for row in table),
        tuple(row["last"] for row in table),
        tuple(PostalArea((row["state"],), (row["zone"],)) for row in table),
    )


def _ranged(code: str) -> PostalArea | None:
    firsts, lasts, areas = _ranges()
    place = bisect_right(firsts, code) - 1
    return areas[place] if place >= 0 and code <= lasts[place] else None


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
