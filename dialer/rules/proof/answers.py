"""What each answer to a call request means: the call's next state, and what follows it.

Source of the rule: the call protocol, "What each answer means". Only a proof that no phone
rang refuses a call; whatever else isn't a clear acceptance leaves it unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from dialer.rules.call import CallState

Kind = Literal["placed", "refused", "unknown", "not_sent", "gate_closed"]
"""How one request ended."""

Step = Literal[
    "widen", "slow_down", "renew_token", "park_organization", "read_agent", "count_failure"
]
"""What follows an answer, once it is on record."""

UNREADABLE = "database"
"""How the name of a gate begins that could not be read: our own trouble, not the upstream's."""

BACK_OFF_SECONDS = 5.0
"""How long a lead rests whose call was refused or couldn't be sent."""

_STEPS_OF_REFUSALS: Mapping[int | None, Step] = MappingProxyType(
    {401: "renew_token", 403: "park_organization", 429: "slow_down"}
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer makes of its call.

    Attributes:
        state: The call's next state. `refused` is `released` for a call that was never armed.
        recorded: The word that is kept as the call's answer.
        rest: Seconds until the lead is due again, where the call was refused.
    """

    state: Literal[CallState.PLACED, CallState.REFUSED, CallState.UNKNOWN]
    recorded: str
    rest: float = 0.0


def meaning_of(kind: Kind, why: str) -> Meaning:
    """Say what an answer makes of its call.

    Args:
        kind: How the request ended.
        why: The partner client's code, or the gate that closed.
    """
    match kind:
        case "placed":
            return Meaning(CallState.PLACED, "placed")
        case "unknown":
            return Meaning(CallState.UNKNOWN, recorded_doubt(why))
        case "refused":
            return Meaning(CallState.REFUSED, why, BACK_OFF_SECONDS)
        case "not_sent":
            return Meaning(CallState.REFUSED, "not_sent", BACK_OFF_SECONDS)
        case "gate_closed":
            rest = BACK_OFF_SECONDS if why.startswith(UNREADABLE) else 0.0
            return Meaning(CallState.REFUSED, "not_sent", rest)


def recorded_doubt(why: str) -> Literal["conflict", "unknown"]:
    """The word kept for an unknown call: a 409 hints for ever that the call exists."""
    return "conflict" if why == "conflict" else "unknown"


def step_after(kind: Kind, status: int | None, *, on_probation: bool) -> Step | None:
    """What follows an answer once it is on record.

    Args:
        kind: How the request ended.
        status: The HTTP status of a refusal.
        on_probation: Whether the lane or the campaign has yet to show that calls go well.
    """
    match kind:
        case "placed":
            return "widen" if on_probation else None
        case "refused":
            return _STEPS_OF_REFUSALS.get(status, "read_agent")
        case "unknown" | "not_sent":
            return "count_failure"
        case "gate_closed":
            return None
