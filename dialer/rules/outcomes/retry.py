"""When to call again, or that a lead is finished, by a cadence and the calls so far.

Attempts that count, calls a day, voicemails and technical failures each have a limit of their
own, so that every lead comes to an end. A callback that the person asked for comes at its time.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dialer.rules.calling.day_parts import Part, part_of
from dialer.rules.outcomes.cadence import ALWAYS_STOP, Cadence, Step
from dialer.rules.outcomes.outcome import Outcome

Why = Literal["callback", "callback_moved", "retry", "per_day"]

WORTH_WAITING = timedelta(days=7)
"""How much later than the soonest part a part that was tried less may open and still be taken.

A lead whose zones are far apart may reach into a part of its day by minutes, and only in winter.
"""

Opening = Callable[[datetime, Part | None], datetime | None]
"""The next lawful instant at or after one, inside a part of the lead's day; None is never."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A call that ended.

    Attributes:
        at: When it was made or ended, aware; decides its day and its part of the day.
        outcome: The outcome's name.
        counts: `Outcome.counts`: whether it spends an attempt by the table of outcomes.
    """

    at: datetime
    outcome: str
    counts: bool


@dataclass(frozen=True, slots=True)
class CallAgain:
    """The lead waits again and is due `at` (UTC).

    Attributes:
        exact: Whether this is the very instant that the person asked for.
        why: `callback`, `callback_moved` (asked for, moved into lawful hours), `retry`, or
            `per_day` (a retry that had to wait for another day).
    """

    at: datetime
    exact: bool = False
    why: Why = "retry"


@dataclass(frozen=True, slots=True)
class Finish:
    """The lead is finished.

    Attributes:
        reason: The outcome, `attempts_exhausted`, `voicemail_limit`, `technical_failures` or
            `no_common_window`.
    """

    reason: str


def plan(
    cadence: Cadence,
    *,
    reading_outcome: Outcome,
    callback_at: datetime | None,
    tried: Sequence[Tried],
    ended_at: datetime,
    zones: Sequence[str],
    opening: Opening,
) -> CallAgain | Finish:
    """Decide what follows a call that ended.

    Args:
        cadence: The campaign's plan.
        reading_outcome: How the call ended.
        callback_at: The instant at which the person asked to be called.
        tried: The lead's calls that ended, this one last.
        ended_at: When the call ended.
        zones: The lead's candidate zones; its days and their parts are those of the first.
        opening: The lead's calling window.
    """
    over = _over(cadence, reading_outcome, tried)
    if over is not None:
        return Finish(over)
    if callback_at is not None and callback_at > ended_at:
        return _callback(callback_at, opening)
    steps = cadence.by_outcome[reading_outcome.name]
    same = sum(call.outcome == reading_outcome.name for call in tried)
    if same > len(steps):
        return Finish("attempts_exhausted")
    return _retry(cadence, steps[max(same, 1) - 1], tried, ended_at, _Day(zones, opening))


def _over(cadence: Cadence, outcome: Outcome, tried: Sequence[Tried]) -> str | None:
    name = outcome.name
    if not outcome.retryable or name in cadence.stop_on | ALWAYS_STOP:
        return name
    if not cadence.by_outcome.get(name):
        return name
    if sum(_is_attempt(cadence, call) for call in tried) >= cadence.max_attempts:
        return "attempts_exhausted"
    if sum(call.outcome == "voicemail" for call in tried) >= cadence.max_voicemails:
        return "voicemail_limit"
    failures = sum(_is_technical(cadence, call) for call in tried)
    if _is_technical(cadence, tried[-1]) and failures >= cadence.max_technical:
        return "technical_failures"
    return None


def _is_attempt(cadence: Cadence, call: Tried) -> bool:
    return call.counts and call.outcome not in cadence.technical


def _is_technical(cadence: Cadence, call: Tried) -> bool:
    # What lies in the set-up (config_error) parks the campaign and must not use up its leads.
    return call.outcome in cadence.technical or (
        not call.counts and call.outcome in cadence.by_outcome
    )


def _callback(asked: datetime, opening: Opening) -> CallAgain | Finish:
    at = opening(asked, None)
    if at is None:
        return Finish("no_common_window")
    exact = at == asked
    return CallAgain(at, exact=exact, why="callback" if exact else "callback_moved")


@dataclass(frozen=True, slots=True)
class _Day:
    """The lead's own day."""

    zones: Sequence[str]
    opening: Opening

    def of(self, instant: datetime) -> datetime:
        """The local midnight with which the instant's day begins (UTC)."""
        return self._midnight(instant, 0)

    def after(self, instant: datetime) -> datetime:
        """The local midnight with which the next day begins (UTC)."""
        return self._midnight(instant, 1)

    def _midnight(self, instant: datetime, days: int) -> datetime:
        zone = ZoneInfo(self.zones[0]) if self.zones else ZoneInfo("UTC")
        day = instant.astimezone(zone).date() + timedelta(days=days)
        return datetime.combine(day, time(), zone).astimezone(UTC)


def _retry(
    cadence: Cadence, step: Step, tried: Sequence[Tried], ended_at: datetime, day: _Day
) -> CallAgain | Finish:
    attempts = [call.at for call in tried if _is_attempt(cadence, call)]
    made = Counter(day.of(at) for at in attempts)
    after = ended_at + timedelta(minutes=step.after_minutes)
    waited = False
    # Later days are free: as many turns as days with calls, and one, always suffice.
    for _ in range(len(made) + 1):
        at = _next(step, after, attempts, day)
        if at is None:
            break
        if made[day.of(at)] < cadence.per_day:
            return CallAgain(at, why="per_day" if waited else "retry")
        after, waited = day.after(at), True
    return Finish("no_common_window")


def _next(step: Step, after: datetime, attempts: Sequence[datetime], day: _Day) -> datetime | None:
    match step.part:
        case "any":
            return day.opening(after, None)
        case "other":
            return _least_tried(after, attempts, day)
        case part:
            return day.opening(after, Part(part))


def _least_tried(after: datetime, attempts: Sequence[datetime], day: _Day) -> datetime | None:
    openings = {part: day.opening(after, part) for part in Part}
    found = {part: at for part, at in openings.items() if at is not None}
    if not found:
        return None
    times = Counter(part_of(at, day.zones) for at in attempts) if day.zones else Counter()
    latest = min(found.values()) + WORTH_WAITING
    return min((times[part], at) for part, at in found.items() if at <= latest)[1]
