"""Decides how a call goes: its outcome by the mix, its timing, and the reason it ends with."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sandbox.draw import Draw


class Outcome(StrEnum):
    """What happens at the other end; the names are stable."""

    ANSWERED_INTERESTED = "answered_interested"
    ANSWERED_NOT_INTERESTED = "answered_not_interested"
    CALLBACK = "callback"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    OPT_OUT = "opt_out"
    WRONG_PERSON = "wrong_person"
    FORWARDED = "forwarded"

    @property
    def completed(self) -> bool:
        """Whether the line connected: the call ends COMPLETED, otherwise FAILED."""
        return self not in {Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED}

    @property
    def spoken(self) -> bool:
        """Whether a person and the agent talked to each other."""
        return self.completed and self not in {Outcome.VOICEMAIL, Outcome.FORWARDED}


Mix = Mapping[Outcome, float]

DEFAULT_MIX: Mix = {
    Outcome.ANSWERED_INTERESTED: 0.30,
    Outcome.ANSWERED_NOT_INTERESTED: 0.14,
    Outcome.CALLBACK: 0.05,
    Outcome.VOICEMAIL: 0.19,
    Outcome.NO_ANSWER: 0.20,
    Outcome.BUSY: 0.05,
    Outcome.FAILED: 0.03,
    Outcome.OPT_OUT: 0.02,
    Outcome.WRONG_PERSON: 0.02,
}
"""What a call that is forwarded has no share in: only INBOUND calls are, and only off duty."""

REASONS: Mapping[Outcome, tuple[str, ...]] = {
    Outcome.ANSWERED_INTERESTED: (
        "customer-ended-call",
        "assistant-ended-call",
        "assistant-said-end-call-phrase",
        "Call completed successfully",
    ),
    Outcome.ANSWERED_NOT_INTERESTED: ("customer-ended-call", "assistant-ended-call"),
    Outcome.CALLBACK: ("assistant-ended-call", "customer-ended-call"),
    Outcome.VOICEMAIL: ("voicemail",),
    Outcome.NO_ANSWER: ("customer-did-not-answer",),
    Outcome.BUSY: ("customer-busy",),
    Outcome.FAILED: ("twilio-failed-to-connect-call", "sip-outbound-carrier-released-call"),
    Outcome.OPT_OUT: ("customer-ended-call",),
    Outcome.WRONG_PERSON: ("customer-ended-call", "assistant-ended-call"),
    Outcome.FORWARDED: ("call.ringing.hook-executed-transfer",),
}
"""Ended reasons as voice platforms write them, and the guide's own sample."""

TRANSFERRED = "assistant-forwarded-call"
"""The reason of a call that the agent transferred, whatever its outcome's own are."""

SETUP_SECONDS = (1.0, 4.0)
TALK_SECONDS = (20.0, 180.0)
LENGTHS: Mapping[Outcome, tuple[float, float]] = {
    Outcome.ANSWERED_INTERESTED: TALK_SECONDS,
    Outcome.ANSWERED_NOT_INTERESTED: TALK_SECONDS,
    Outcome.CALLBACK: TALK_SECONDS,
    Outcome.OPT_OUT: TALK_SECONDS,
    Outcome.WRONG_PERSON: (8.0, 25.0),
    Outcome.FORWARDED: TALK_SECONDS,
    Outcome.VOICEMAIL: (18.0, 35.0),
    Outcome.NO_ANSWER: (20.0, 30.0),
    Outcome.BUSY: (1.0, 4.0),
    Outcome.FAILED: (0.5, 3.0),
}
"""Virtual seconds from the start of a call to its end, least and most."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A call's fate, fixed when the phone rings.

    ``setup_seconds`` pass as SCHEDULED, then ``length_seconds`` as IN_PROGRESS; both virtual.
    """

    outcome: Outcome
    setup_seconds: float
    length_seconds: float
    reason: str


def plan_call(draw: Draw, mix: Mix) -> Plan:
    """Decide a call's fate; the same draw and mix always give the same one."""
    outcome = choose(draw.unit("outcome"), mix)
    return Plan(
        outcome=outcome,
        setup_seconds=round(draw.between("setup", *SETUP_SECONDS), 3),
        length_seconds=round(draw.between("length", *LENGTHS[outcome]), 3),
        reason=draw.pick("reason", REASONS[outcome]),
    )


def choose(unit: float, mix: Mix) -> Outcome:
    """The outcome at ``unit`` (0 up to 1) along a mix whose weights need not add up to 1."""
    present = [(outcome, mix[outcome]) for outcome in Outcome if mix.get(outcome, 0.0) > 0.0]
    mark = unit * sum(weight for _, weight in present)
    for outcome, weight in present:
        mark -= weight
        if mark < 0.0:
            return outcome
    return present[-1][0]


def read_mix(weights: Mapping[str, float]) -> Mix:
    """Check a mix; names may be written with hyphens, names left out get nothing.

    Raises:
        ValueError: A name is unknown, a weight is negative or not finite, or all are 0.
    """
    mix: dict[Outcome, float] = {}
    for name, weight in weights.items():
        spelled = name.replace("-", "_")
        if spelled not in set(DEFAULT_MIX):
            raise ValueError(f"{name!r} is no outcome; they are {', '.join(DEFAULT_MIX)}")
        if not (math.isfinite(weight) and weight >= 0.0):
            raise ValueError(f"the weight of {name!r} must be a number from 0 up")
        mix[Outcome(spelled)] = weight
    if not sum(mix.values()) > 0.0:
        raise ValueError("at least one outcome needs a weight above 0")
    return mix
