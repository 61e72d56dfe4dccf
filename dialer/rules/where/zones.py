"""Where a person may be: every time zone and every state that any evidence points to.

A phone number moves with its owner and an address grows old, so no clue outranks another: all are
joined, and a lead is called only when it is lawful and sensible at every candidate place.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zoneinfo import available_timezones

from dialer.rules.where.area_codes import AREA_CODES
from dialer.rules.where.postal_codes import postal_area
from dialer.rules.where.states import EVERY_STATE, EVERY_ZONE, STATES

__all__ = ["STATES", "Clue", "Whereabouts", "known_zones", "unknown_zone", "whereabouts"]

_REMEMBERED = 32_768
"""Kinds of leads; about 25 MB when full."""
_LONGEST = 20
"""Characters of a postal code; a longer text is no ZIP and is cut where it is told."""
_QUOTED = 100


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence and what it says.

    Attributes:
        kind: where it came from; "nothing" stands for the lack of any.
        value: as it was given; the area code's three digits.
        zones: IANA names that it adds, sorted; may be none.
        states: two-letter codes that it adds, sorted; may be none.
        note: what is notable, such as why it says nothing; empty for most.
    """

    kind: Literal["timezone", "postal_code", "state", "area_code", "nothing"]
    value: str
    zones: tuple[str, ...]
    states: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The candidate places of a person.

    Attributes:
        zones: IANA names, sorted, at least one.
        states: two-letter codes of states and territories, sorted, at least one.
        because: the clues whose union these are, the most telling first.
    """

    zones: tuple[str, ...]
    states: tuple[str, ...]
    because: tuple[Clue, ...]


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """Every IANA zone name that can be used."""
    return frozenset(available_timezones())


def unknown_zone(name: str) -> str:
    """Say that a name is no time zone, with the nearest that is."""
    near = difflib.get_close_matches(name, known_zones(), 1, 0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{name[:_QUOTED]!r} is not an IANA time zone such as America/Chicago{hint}"


def whereabouts(
    *,
    phone: str,
    timezone: str | None = None,
    postal_code: str | None = None,
    state: str | None = None,
) -> Whereabouts:
    """Every place where a person may be: the union over all clues.

    Args:
        phone: E.164, `+1` and ten digits.
        timezone: IANA name that the source gave; it names no state.
        postal_code: ZIP or ZIP+4 that the source gave; one that is unknown adds nothing.
        state: two-letter code that the source gave; adds all the state's zones.

    Returns:
        Zones and states with the clues. Where no clue names a zone (or a state), every zone (or
        state) but those of the territories is a candidate.

    Raises:
        ValueError: the zone or the state is unknown. Intake refuses both, so the row is damaged
            and the gate that needs it can't be read.
    """
    return _joined(phone[2:5], timezone or "", _cut(postal_code or ""), state or "")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@lru_cache(maxsize=_REMEMBERED)
def _joined(area_code: str, timezone: str, postal_code: str, state: str) -> Whereabouts:
    clues = list(_clues(area_code, timezone, postal_code, state))
    zones = {zone for clue in clues for zone in clue.zones}
    states = {code for clue in clues for code in clue.states}
    if not zones or not states:
        clues.append(
            Clue("nothing", "", () if zones else EVERY_ZONE, () if states else EVERY_STATE)
        )
    return Whereabouts(
        zones=tuple(sorted(zones)) or EVERY_ZONE,
        states=tuple(sorted(states)) or EVERY_STATE,
        because=tuple(clues),
    )


def _clues(area_code: str, timezone: str, postal_code: str, state: str) -> Iterator[Clue]:
    if timezone:
        yield _zone_clue(timezone)
    if postal_code:
        area = postal_area(postal_code)
        yield Clue("postal_code", postal_code, area.zones, area.states, area.note)
    if state:
        yield _state_clue(state)
    served = AREA_CODES.get(area_code)
    if served is None:
        yield Clue("area_code", area_code, (), (), "not the area code of a US state or territory")
    else:
        yield Clue("area_code", area_code, served.zones, served.states)


def _zone_clue(name: str) -> Clue:
    if name not in known_zones():
        raise ValueError(
            f"timezone: {name[:_QUOTED]!r} is not an IANA time zone; correct it to one such as "
            "America/Chicago, or clear it"
        )
    return Clue("timezone", name, (name,), ())


def _state_clue(code: str) -> Clue:
    zones = STATES.get(code.upper())
    if zones is None:
        raise ValueError(
            f"state: {code[:_QUOTED]!r} is not the two-letter code of a US state or territory; "
            "correct it to one such as TX, or clear it"
        )
    return Clue("state", code, tuple(sorted(zones)), (code.upper(),))
