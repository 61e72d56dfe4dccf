"""Which states and time zones a US area code serves.

The table `data/area_codes.csv` has a row for every geographic code that `rules.phones.phone`
accepts: its state, the zones of all its exchanges, and the overlays that share its territory.
Sources: the North American Numbering Plan's list of codes and overlays (nanpa.com), the
exchanges' zones and states in the data of `phonenumbers` 9.0 (a code and its overlays taken
together, since the library knows one zone only for most overlays), named as the state's own
table names them. A number moves with its owner, which no table knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dialer.rules.where.states import STATES, rows


@dataclass(frozen=True, slots=True)
class CodeArea:
    """What an area code says of its numbers.

    Attributes:
        states: two-letter codes, sorted.
        zones: IANA names over all exchanges, sorted; each is a zone of one of the states.
        overlays: the other codes of the same territory, sorted.
    """

    states: tuple[str, ...]
    zones: tuple[str, ...]
    overlays: tuple[str, ...]


def read_area_codes(table: list[dict[str, str]]) -> dict[str, CodeArea]:
    """Reads rows of `area_code`, `states`, `zones` and `overlays` (lists are joined by "|").

    A code's zones come out joined with those that its overlays have in the same states.

    Raises:
        ValueError: a row names an unknown state, a zone that none of its states keeps, or an
            overlay that has no row.
    """
    found = {row["area_code"]: _area(row) for row in table}
    return {code: _with_overlays(code, found) for code in found}


def _area(row: dict[str, str]) -> CodeArea:
    states, zones, overlays = (_listed(row[name]) for name in ("states", "zones", "overlays"))
    kept = {zone for state in states for zone in STATES.get(state, ())}
    if not states or not set(states) <= set(STATES) or not zones or not set(zones) <= kept:
        raise ValueError(
            f"area_codes.csv, row {row['area_code'][:100]!r}: give states of state_zones.csv and "
            "zones that they keep"
        )
    return CodeArea(states, zones, overlays)


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(sorted(filter(None, cell.split("|"))))


def _with_overlays(code: str, found: Mapping[str, CodeArea]) -> CodeArea:
    own = found[code]
    missing = set(own.overlays) - set(found)
    if missing:
        raise ValueError(
            f"area_codes.csv, row {code!r}: the overlay {min(missing)!r} has no row; add it"
        )
    around = [own, *(found[overlay] for overlay in own.overlays)]
    zones = {zone for each in around for zone in each.zones}
    return CodeArea(own.states, tuple(sorted(zones)), own.overlays)


AREA_CODES: Mapping[str, CodeArea] = MappingProxyType(read_area_codes(rows("area_codes.csv")))
"""Area code -> what it serves; toll-free and other non-geographic codes are absent."""
