"""What a call in the upstream's history means: its outcome, from reason, then status.

The table is `data/ended_reasons.csv`: exact reasons of the known voice platforms, then
patterns in order, then the status. `endedReason` is free text upstream, so whatever no row
knows ends as `unknown`, visibly, and is never guessed into a success.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import resources

_MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Attributes:
        name: Such as `no_answer`; the words of the table.
        retryable: Whether another call may make sense (the cadence decides when).
        counts: Whether the call spends one of the lead's attempts.
        scope: `lead`, or `campaign` where the fault lies in the set-up.
    """

    name: str
    retryable: bool
    counts: bool
    scope: str = "lead"


UNKNOWN = Outcome("unknown", retryable=True, counts=True)
OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True)
class _Table:
    exact: Mapping[str, Outcome]
    patterns: tuple[tuple[str, Outcome], ...]
    statuses: Mapping[str, Outcome]


def _read() -> _Table:
    text = resources.files("dialer.rules").joinpath("data/ended_reasons.csv").read_text("utf-8")
    exact: dict[str, Outcome] = {}
    patterns: list[tuple[str, Outcome]] = []
    statuses: dict[str, Outcome] = {}
    for row in csv.DictReader(text.splitlines()):
        outcome = Outcome(
            name=row["outcome"],
            retryable=row["retryable"] != "no",
            counts=row["counts_attempt"] == "yes",
            scope=row["scope"],
        )
        match row["source"]:
            case "pattern":
                patterns.append((row["value"].lower(), outcome))
            case "partner_status":
                statuses[row["value"].removeprefix("status:")] = outcome
            case _:
                exact[row["value"].lower()] = outcome
    return _Table(exact, tuple(p for p in patterns if p[0] != "*"), statuses)


_TABLE = _read()

OUTCOMES: frozenset[str] = frozenset(
    o.name
    for o in (*_TABLE.exact.values(), *dict(_TABLE.patterns).values(), *_TABLE.statuses.values())
) | {UNKNOWN.name}
"""Every outcome that a call can end with."""


@lru_cache(maxsize=4096)
def outcome_of(*, ended_reason: str | None, status: str) -> Outcome:
    """Resolve an ended call's outcome.

    Args:
        ended_reason: The upstream's free text, None when absent.
        status: COMPLETED or FAILED (anything else ends as `unknown`).
    """
    reason = (ended_reason or "").strip().lower()[:_MAX_REASON]
    if reason in _TABLE.exact:
        return _TABLE.exact[reason]
    if reason:
        for pattern, outcome in _TABLE.patterns:
            if fnmatchcase(reason, pattern):
                return outcome
        return UNKNOWN
    return _TABLE.statuses.get(status, UNKNOWN)
