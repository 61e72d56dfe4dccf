"""A campaign's plan of retries: by outcome a list of waits, each with a part of the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from types import MappingProxyType
from typing import Literal, TypeGuard, get_args

from dialer.rules.calling.day_parts import Part
from dialer.rules.calling.hours import STOP_MARGIN, WeeklyHours
from dialer.rules.outcomes.outcome import OUTCOMES, Outcome

MAX_ATTEMPTS = 20
MAX_PER_DAY = 10
MAX_DELAY_MINUTES = 60 * 24 * 60

Share = Literal["any", "morning", "afternoon", "evening", "other"]


@dataclass(frozen=True, slots=True)
class Step:
    """One wait.

    Attributes:
        after_minutes: From the call's end, at least.
        part: The part of the lead's day to call in; `other` is the one tried least so far of
            those that open within a week of the first, of several the one that comes first;
            `any` is whenever calling is allowed.
    """

    after_minutes: int
    part: Share = "any"


def _steps(*steps: tuple[int, Share]) -> tuple[Step, ...]:
    return tuple(Step(minutes, part) for minutes, part in steps)


_HOUR = 60
_DAY = 24 * _HOUR

_SPREAD = _steps(
    (3 * _HOUR, "other"),
    (18 * _HOUR, "other"),
    (_DAY + 12 * _HOUR, "other"),
    (2 * _DAY, "other"),
    (3 * _DAY, "other"),
)
_LATER = _steps(
    (18 * _HOUR, "other"),
    (_DAY, "other"),
    (_DAY + 12 * _HOUR, "other"),
    (2 * _DAY, "other"),
    (2 * _DAY + 6 * _HOUR, "other"),
)
_TECHNICAL = _steps((15, "any"), (_HOUR, "any"), (4 * _HOUR, "any"))

DEFAULT_STEPS: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        "no_answer": _SPREAD,
        "busy": _steps((20, "any"), (2 * _HOUR, "any")) + _SPREAD[2:],
        "declined": _LATER,
        "silent": _SPREAD,
        "voicemail": _LATER,
        "ivr": _LATER,
        "unknown": _LATER,
        "callback_requested": _steps((2 * _HOUR, "any"), (_DAY, "other"), (_DAY, "other")),
        "transfer_failed": _steps((15, "any"), (2 * _HOUR, "any"), (_DAY, "other")),
        "failed": _TECHNICAL,
        "capacity": _TECHNICAL,
    }
)
"""Six attempts in at most ten days, in different parts of the day: our own default."""

TECHNICAL = frozenset({"failed", "capacity"})
ALWAYS_STOP = frozenset({"opted_out", "wrong_number", "invalid_number"})
DEFAULT_STOP = ALWAYS_STOP | {"completed", "transferred", "blocked", "config_error", "canceled"}


_WHOLE = {
    "max_attempts": (1, MAX_ATTEMPTS, 6),
    "per_day": (1, MAX_PER_DAY, 2),
    "max_voicemails": (1, MAX_ATTEMPTS, 1),
    "max_technical": (1, MAX_ATTEMPTS, 3),
}
_PARTS: tuple[Share, ...] = get_args(Share)
_KNOWN = (*_WHOLE, "by_outcome", "delays", "technical", "stop_on")
_STEP = ("after_minutes", "part")
_QUOTED = 100


@dataclass(frozen=True, slots=True)
class Cadence:
    """A campaign's plan of retries.

    Attributes:
        max_attempts: Calls in all that count, 1 to 20.
        per_day: Calls that count in a day of the lead's first zone, 1 to 10; a callback that
            the person asked for comes all the same.
        max_voicemails: After so many calls that met a machine there is no other, 1 to 20.
        max_technical: Technical failures after which there is no other call, 1 to 20.
        by_outcome: What follows the first, second, ... call that ended so; the list's end, and
            an outcome left out, is the end of trying.
        technical: Outcomes outside the count of attempts.
        stop_on: Outcomes after which nobody calls again, `ALWAYS_STOP` included.
    """

    max_attempts: int = 6
    per_day: int = 2
    max_voicemails: int = 1
    max_technical: int = 3
    by_outcome: Mapping[str, tuple[Step, ...]] = field(default_factory=lambda: DEFAULT_STEPS)
    technical: frozenset[str] = TECHNICAL
    stop_on: frozenset[str] = DEFAULT_STOP

    @classmethod
    def parse(cls, given: Mapping[str, object]) -> "Cadence":
        """Read a cadence; parts that are left out are at their default.

        `by_outcome` maps an outcome to steps, each `{"after_minutes": 60, "part": "evening"}` or
        just minutes. `delays`, the earlier shape of lists of minutes, is read in its place.

        Raises:
            ValueError: naming the field, what is wrong with it, and a likely right word.
        """
        for name in given:
            if name not in _KNOWN:
                raise ValueError(f"{_quoted(name)} is no part of a cadence{_hint(name, _KNOWN)}")
        numbers = {name: _number(given, name) for name in _WHOLE}
        steps = _by_outcome(given)
        stop_on = _outcomes(given, "stop_on", DEFAULT_STOP - steps.keys()) | ALWAYS_STOP
        _refuse_dead(steps, stop_on)
        technical = _outcomes(given, "technical", TECHNICAL)
        return cls(**numbers, by_outcome=steps, technical=technical, stop_on=stop_on)

    def as_dict(self) -> dict[str, object]:
        """The cadence as JSON members, which read back as an equal one."""
        return {
            **{name: getattr(self, name) for name in _WHOLE},
            "by_outcome": {
                outcome: [{"after_minutes": s.after_minutes, "part": s.part} for s in steps]
                for outcome, steps in self.by_outcome.items()
            },
            "technical": sorted(self.technical),
            "stop_on": sorted(self.stop_on),
        }

    def counts(self, outcome: Outcome) -> bool:
        """Whether a call that ended so spends one of the lead's attempts."""
        return outcome.counts and outcome.name not in self.technical

    def check_against(self, hours: WeeklyHours) -> None:
        """Refuse steps whose part of the day the campaign's own hours never open.

        Raises:
            ValueError: naming the step, and the parts that are open.
        """
        opened = [part.value for part in Part if _meets(part, hours)]
        for outcome, steps in self.by_outcome.items():
            for place, step in enumerate(steps if outcome not in self.stop_on else (), 1):
                if step.part not in ("any", "other", *opened):
                    known = " or ".join((*opened, "any"))
                    raise ValueError(
                        f"by_outcome.{outcome}, step {place}: the campaign never calls in the "
                        f"{step.part}, so this step can never fire; use {known}, or widen hours"
                    )


def _number(given: Mapping[str, object], name: str) -> int:
    least, most, default = _WHOLE[name]
    value = given.get(name, default)
    if not _is_whole(value) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most}")
    return value


def _by_outcome(given: Mapping[str, object]) -> dict[str, tuple[Step, ...]]:
    if "delays" in given and "by_outcome" in given:
        raise ValueError("delays is the earlier shape of by_outcome; give by_outcome alone")
    name = "delays" if "delays" in given else "by_outcome"
    steps = given.get(name, DEFAULT_STEPS)
    if not isinstance(steps, Mapping):
        raise ValueError(f"{name} must map an outcome to a list of steps")  # noqa: TRY004 -- callers catch one type for bad input
    read = {str(o): _steps_of(f"{name}.{str(o)[:_QUOTED]}", str(o), s) for o, s in steps.items()}
    # The earlier shape took delays that could never be used; stored plans may hold some.
    return {o: s for o, s in read.items() if name != "delays" or o not in ALWAYS_STOP}


def _steps_of(where: str, outcome: str, given: object) -> tuple[Step, ...]:
    if outcome not in OUTCOMES:
        raise ValueError(
            f"{where}: {_quoted(outcome)} is not an outcome{_hint(outcome, OUTCOMES)}"
        )
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise ValueError(f"{where} must be a list of steps, each with after_minutes and part")  # noqa: TRY004 -- callers catch one type for bad input
    if len(given) > MAX_ATTEMPTS:
        raise ValueError(f"{where} has {len(given)} steps; at most {MAX_ATTEMPTS} can be used")
    return tuple(_step(f"{where}, step {place}", step) for place, step in enumerate(given, 1))


def _step(where: str, given: object) -> Step:
    if isinstance(given, Step):
        return given
    if not isinstance(given, Mapping):
        return Step(_minutes(where, given))
    for name in given:
        if name not in _STEP:
            raise ValueError(f"{where}: {_quoted(name)} is no part of it{_hint(name, _STEP)}")
    part = given.get("part", "any")
    if part not in _PARTS:
        told = f"{_quoted(part)} is no part of the day{_hint(part, _PARTS)}"
        raise ValueError(f"{where}: {told}")
    return Step(_minutes(where, given.get("after_minutes")), part)


def _minutes(where: str, given: object) -> int:
    if not _is_whole(given) or not 1 <= given <= MAX_DELAY_MINUTES:
        raise ValueError(
            f"{where}: after_minutes must be a whole number from 1 to {MAX_DELAY_MINUTES}, "
            f"not {_quoted(given)}"
        )
    return given


def _outcomes(given: Mapping[str, object], name: str, default: frozenset[str]) -> frozenset[str]:
    names = given.get(name)
    if names is None:
        return default
    if isinstance(names, str) or not isinstance(names, Sequence | frozenset):
        raise ValueError(f"{name} must be a list of outcomes")  # noqa: TRY004 -- callers catch one type for bad input
    for outcome in names:
        if not isinstance(outcome, str) or outcome not in OUTCOMES:
            raise ValueError(
                f"{name}: {_quoted(outcome)} is not an outcome{_hint(outcome, OUTCOMES)}"
            )
    return frozenset(map(str, names))


def _refuse_dead(steps: Mapping[str, tuple[Step, ...]], stop_on: frozenset[str]) -> None:
    for outcome in sorted(stop_on & steps.keys()):
        if steps[outcome]:
            raise ValueError(
                f"by_outcome.{outcome} can never fire, because stop_on names {outcome} too; "
                "remove it from one of them"
            )


def _is_whole(given: object) -> TypeGuard[int]:
    return isinstance(given, int) and not isinstance(given, bool)


def _hint(given: object, known: Sequence[str] | frozenset[str]) -> str:
    near = get_close_matches(str(given).lower()[:_QUOTED], known, 1)
    return f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"


def _quoted(given: object) -> str:
    return repr(given)[: _QUOTED + 2] if not isinstance(given, str) else repr(given[:_QUOTED])


def _meets(part: Part, hours: WeeklyHours) -> bool:
    first, last = part.span
    margin = STOP_MARGIN // timedelta(minutes=1)
    spans = (span for day in hours.spans for span in day)
    return any(max(first, start) < min(last, end - margin) for start, end in spans)
