"""When may an unknown call count as never placed? Only with proof; else it waits, then is held.

Source of the rule: the call protocol, "Finding an unknown call in the history".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

HOLD_AFTER = timedelta(hours=24)
SWEEPS_NEEDED = 3
UNCLOSED_SETTLE = timedelta(hours=3)
"""Settling counts from here after the arm where nobody can say that the sender is done."""

BALANCED_SETTLE = timedelta(hours=1)
LAG_UNTIL_MEASURED = timedelta(minutes=10)
LAG_SAMPLES = 1_000


WAITS: Mapping[str, str] = MappingProxyType(
    {
        "settling": "The platform's history may not show the call yet; a look proves something "
        "from the time given on.",
        "known_call_missing": "The history lacks a call that the platform accepted: it is behind, "
        "and proves nothing until it has caught up.",
        "no_watermarks": "No later call has appeared in the history that would show it to be "
        "alive; the next calls will, or the campaign's `balanced` proof does without.",
        "sweeping": "The history is being read completely, three times, a minute apart.",
        "conflict": "The platform answered 409, which hints that the call exists: it is looked "
        "for until it is found or held.",
        "proven": "It is proven not to have been placed; its lead is about to wait again.",
        "not_found_in_24_hours": "Its 24 hours are over; a person is about to be asked.",
    }
)
"""What an unknown call waits for, by the code of its verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What is known of an unknown call.

    Attributes:
        armed_at: When it was armed.
        closed_at: When its sender provably sent nothing more; None when nobody can say.
        conflict: Whether the answer was 409, a hint that the call exists.
        sweeps: Complete sweeps, made after it had settled, that found no match.
    """

    armed_at: datetime
    closed_at: datetime | None
    conflict: bool
    sweeps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of the upstream's history.

    Attributes:
        lag: How late a call appears in the list, p99.9; 10 minutes until it is measured.
        seen: Of our listed calls: (armed, first seen), both by our clock.
        missing: Whether a known call older than the lag is not listed.
    """

    lag: timedelta
    seen: tuple[tuple[datetime, datetime], ...]
    missing: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """`absent`: proven. `sweep`: look again, completely. `wait`: not yet. `hold`: ask a person."""

    what: Literal["absent", "sweep", "wait", "hold"]
    why: str


def lag_of(*measured: tuple[int, timedelta]) -> timedelta:
    """How late a call appears in the list, by the first measurement with samples enough.

    Args:
        measured: Numbers of samples and p99.9 of the lag, the better measurement first.
    """
    for samples, lag in measured:
        if samples >= LAG_SAMPLES:
            return lag
    return LAG_UNTIL_MEASURED


def settled_at(
    doubt: Doubt, *, lag: timedelta, least: timedelta, proof: Literal["strict", "balanced"]
) -> datetime:
    """The instant from which a sweep that finds nothing means something."""
    closed = doubt.closed_at or doubt.armed_at + UNCLOSED_SETTLE
    if proof == "balanced":
        return closed + max(least, BALANCED_SETTLE)
    return closed + max(least, 3 * lag)


def judge(
    doubt: Doubt,
    history: History,
    *,
    now: datetime,
    least: timedelta,
    proof: Literal["strict", "balanced"],
) -> Verdict:
    """Judge an unknown call that the last look at the history did not show.

    Args:
        doubt: What is known of the call.
        history: What is known of the list.
        now: Campaign time.
        least: The shortest settling allowed, at least 15 minutes.
        proof: `strict` asks for watermarks; `balanced` waits an hour instead.
    """
    if now >= doubt.armed_at + HOLD_AFTER:
        return Verdict("hold", "conflict" if doubt.conflict else "not_found_in_24_hours")
    settled = settled_at(doubt, lag=history.lag, least=least, proof=proof)
    if now < settled:
        return Verdict("wait", "settling")
    if proof == "strict" and history.missing:
        return Verdict("wait", "known_call_missing")
    if proof == "strict" and not _alive(history, since=settled - 2 * history.lag):
        return Verdict("wait", "no_watermarks")
    if doubt.sweeps < SWEEPS_NEEDED:
        return Verdict("sweep", "sweeping")
    if doubt.conflict:
        return Verdict("wait", "conflict")
    return Verdict("absent", "proven")


def _alive(history: History, *, since: datetime) -> bool:
    # Two watermarks: a call that started one lag after the closing and is listed, and another
    # that started one lag after that one was seen. Where the lag is short, the settling is not:
    # a request may be processed minutes after its sender gave up, and a list that stood still
    # since would show the watermarks and not that call. So they count from the settling's end.
    first = min((seen for armed, seen in history.seen if armed >= since), default=None)
    if first is None:
        return False
    return any(armed >= first + history.lag for armed, _ in history.seen)
