"""When to call again: by outcome a list of delays, or finish."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeGuard

from dialer.rules.outcome import OUTCOMES, Outcome

MAX_ATTEMPTS = 20
MAX_DELAY_MINUTES = 60 * 24 * 60

DEFAULT_DELAYS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "no_answer": (30, 240, 1440),
        "busy": (10, 60, 240),
        "voicemail": (1440,),
        "silent": (60, 1440),
        "declined": (1440,),
        "callback_requested": (120,),
        "transfer_failed": (15,),
        "ivr": (1440,),
        "failed": (15, 60),
        "capacity": (5, 15, 60),
        "unknown": (1440,),
    }
)
"""Minutes until the next attempt, by outcome; the list's end is the end of trying."""


@dataclass(frozen=True, slots=True)
class CallAgain:
    """The lead waits again and is due `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Finish:
    """The lead is finished; `reason` is the outcome, or `attempts_exhausted`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Cadence:
    """A campaign's retry plan.

    Attributes:
        max_attempts: Calls in all that count, 1 to 20.
        delays: Outcome -> minutes to wait after the first, second, ... call that ended so.
    """

    max_attempts: int = 4
    delays: Mapping[str, Sequence[int]] = field(default_factory=lambda: DEFAULT_DELAYS)

    @classmethod
    def parse(cls, given: Mapping[str, object]) -> "Cadence":
        """Read a cadence as stored or sent.

        Raises:
            ValueError: naming what is wrong: an unknown part or outcome, a delay out of range.
        """
        unknown = set(given) - {"max_attempts", "delays"}
        if unknown:
            name = min(unknown)[:100]
            raise ValueError(f"{name!r} is no part of a cadence; known: max_attempts, delays")
        attempts = given.get("max_attempts", 4)
        delays = given.get("delays", DEFAULT_DELAYS)
        if not _is_whole(attempts) or not 1 <= attempts <= MAX_ATTEMPTS:
            raise ValueError(f"max_attempts must be a whole number from 1 to {MAX_ATTEMPTS}")
        if not isinstance(delays, Mapping):
            raise ValueError("delays must map an outcome to a list of minutes")  # noqa: TRY004 -- callers catch one type for bad input
        return cls(attempts, {str(o): _minutes(str(o), m) for o, m in delays.items()})

    def as_dict(self) -> dict[str, object]:
        """The cadence as JSON members."""
        return {
            "max_attempts": self.max_attempts,
            "delays": {outcome: list(minutes) for outcome, minutes in self.delays.items()},
        }


def plan(
    cadence: Cadence, *, outcome: Outcome, attempts: int, same: int, ended_at: datetime
) -> CallAgain | Finish:
    """Decide what follows a call that ended.

    Args:
        cadence: The campaign's plan.
        outcome: How the call ended.
        attempts: Calls of this lead that count, this one included.
        same: How many of them ended with this outcome, this one included (at least 1).
        ended_at: When the call ended.
    """
    delays = cadence.delays.get(outcome.name, ())
    if not outcome.retryable or not delays:
        return Finish(outcome.name)
    if attempts >= cadence.max_attempts or same > len(delays):
        return Finish("attempts_exhausted")
    return CallAgain(ended_at + timedelta(minutes=delays[max(same, 1) - 1]))


def _minutes(outcome: str, given: object) -> tuple[int, ...]:
    if outcome not in OUTCOMES:
        raise ValueError(
            f"{outcome[:100]!r} is not an outcome; known: {', '.join(sorted(OUTCOMES))}"
        )
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ValueError(f"the delays of {outcome} must be a list of minutes")  # noqa: TRY004 -- callers catch one type for bad input
    if len(given) > MAX_ATTEMPTS:
        raise ValueError(f"{outcome} has {len(given)} delays; at most {MAX_ATTEMPTS} can be used")
    for minutes in given:
        if not _is_whole(minutes) or not 1 <= minutes <= MAX_DELAY_MINUTES:
            raise ValueError(f"{outcome}: {minutes!r} is not 1 to {MAX_DELAY_MINUTES} minutes")
    return tuple(given)


def _is_whole(given: object) -> TypeGuard[int]:
    return isinstance(given, int) and not isinstance(given, bool)
