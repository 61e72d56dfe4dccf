"""What holds over all campaigns of an organization: the law's table, meanings, pauses, caps.

Every edit is a version of its own. A call names the version it was claimed under, and can't be
armed under another: an edit holds before the next ring.
"""

import difflib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from types import MappingProxyType

from dialer.rules.law.law import Law
from dialer.rules.outcomes.meaning import OutcomeMap
from dialer.rules.where.zones import STATES

MOST_PER_DAY = 50
MOST_PER_WEEK = 100
LONGEST_GAP_MINUTES = 7 * 24 * 60

_RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "per_number_24h": (1, MOST_PER_DAY),
        "per_number_7d": (1, MOST_PER_WEEK),
        "gap_minutes": (0, LONGEST_GAP_MINUTES),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Caps and pauses over all campaigns.

    Attributes:
        paused_states: Two-letter codes; nobody who may be there is called.
        per_number_24h: Rings of one number in any 24 hours; None is no cap beyond the law's.
        per_number_7d: The same in any seven days.
        gap_minutes: Least time between two rings of one number.
    """

    paused_states: tuple[str, ...] = ()
    per_number_24h: int | None = 3
    per_number_7d: int | None = 10
    gap_minutes: int = 5

    @classmethod
    def parse(cls, given: Mapping[str, object]) -> "Limits":
        """Read limits as stored or sent; parts that are left out are at their default.

        Raises:
            ValueError: naming the part and what is wrong with it.
        """
        known = {field.name for field in fields(cls)}
        for name in given.keys() - known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"
            raise ValueError(f"{name[:100]!r} is no limit{hint}")
        values = {name: _limit(name, value) for name, value in given.items() if name in _RANGES}
        states = given.get("paused_states", ())
        return cls(paused_states=_states(states), **values)  # type: ignore[arg-type]  # checked by _limit

    def as_dict(self) -> dict[str, object]:
        """The limits as JSON members."""
        return {**asdict(self), "paused_states": list(self.paused_states)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """One version of an organization's rules; version 0 is as shipped."""

    version: int
    law: Law
    outcomes: OutcomeMap
    limits: Limits


def read(
    *,
    version: int,
    calling_hours: str | None,
    outcomes: str | None,
    limits: Mapping[str, object],
) -> Rulebook:
    """Read a version as it is stored; tables that are None are as shipped.

    Raises:
        ValueError: a table or a limit can't be read. The gates that need it are then closed.
    """
    return Rulebook(
        version=version,
        law=Law.shipped() if calling_hours is None else _law(calling_hours),
        outcomes=OutcomeMap.shipped() if outcomes is None else _outcomes(outcomes),
        limits=Limits.parse(limits),
    )


SHIPPED_VERSION = 0


@lru_cache(maxsize=1)
def shipped() -> Rulebook:
    """The rules of an organization that never changed them."""
    return read(version=SHIPPED_VERSION, calling_hours=None, outcomes=None, limits={})


@lru_cache(maxsize=32)
def _law(text: str) -> Law:
    return Law.parse(text)


@lru_cache(maxsize=32)
def _outcomes(text: str) -> OutcomeMap:
    return OutcomeMap.parse(text)


def _limit(name: str, given: object) -> int | None:
    least, most = _RANGES[name]
    if given is None and name != "gap_minutes":
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most:,}")
    return given


def _states(given: object) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        raise ValueError("paused_states must be a list of two-letter codes")  # noqa: TRY004 -- callers catch one type for bad input
    codes = {str(code).upper() for code in given}
    for code in sorted(codes - STATES.keys()):
        raise ValueError(f"paused_states: {code[:100]!r} is no US state or territory")
    return tuple(sorted(codes))
