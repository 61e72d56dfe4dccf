"""What a person may decide of a call that nobody can prove, and what each decision does.

Source of the rule: the call protocol, "held". Automatic behaviour is at most once; only a person
may let a phone ring that perhaps rang already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from dialer.rules.call import CallState
from dialer.rules.lead import LeadState

Decision = Literal["reached", "call_again", "drop"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)

LOOKED_FOR = timedelta(hours=48)
"""How long after its decision a call is looked for: the history may show it yet."""

LOOK_AGAIN = timedelta(hours=1)

DECIDABLE: frozenset[CallState] = frozenset({CallState.HELD, CallState.STALE})
"""What waits for a person."""

EFFECTS: Mapping[Decision, str] = MappingProxyType(
    {
        "reached": "The person was talked to: the lead is done, one attempt is spent, and nobody "
        "calls again.",
        "call_again": "The lead is due now and no attempt is spent. The phone may ring a second "
        "time: nobody can prove that it did not ring.",
        "drop": "The lead is cancelled and nobody calls again. Whether the phone rang stays "
        "unknown.",
    }
)
"""What each decision does, for whoever is about to make it."""

_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "conflict": "The platform answered 409, which hints that the call exists, but it never "
        "showed in the history.",
        "not_found_in_24_hours": "It neither showed in the platform's history within 24 hours "
        "nor could be proven not to have been placed.",
        "stale": "The platform accepted the call and never showed its end.",
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a decision makes of a call and its lead.

    Attributes:
        call: The call's last state.
        outcome: The call's outcome, where it ends.
        lead: Where the lead goes.
        spends: Whether the lead's attempt counts.
    """

    call: Literal[CallState.ENDED, CallState.ABSENT]
    outcome: Literal["completed", "unknown"] | None
    lead: Literal[LeadState.DONE, LeadState.WAITING, LeadState.CANCELLED]
    spends: bool


def verdict_of(decision: Decision, state: CallState) -> Verdict:
    """Say what a decision makes of a held or stale call.

    A stale call was placed for certain, so that calling again ends it rather than denies it.
    """
    match decision:
        case "reached":
            return Verdict(CallState.ENDED, "completed", LeadState.DONE, spends=True)
        case "drop":
            return Verdict(CallState.ENDED, "unknown", LeadState.CANCELLED, spends=False)
        case "call_again" if state == CallState.STALE:
            return Verdict(CallState.ENDED, "unknown", LeadState.WAITING, spends=False)
        case "call_again":
            return Verdict(CallState.ABSENT, None, LeadState.WAITING, spends=False)


def reason(why: str | None, state: CallState) -> str:
    """Say in a sentence why a call waits for a person.

    Args:
        why: The code that its event carries; a stale call's has none.
        state: Held or stale.
    """
    known = "stale" if state == CallState.STALE else why or ""
    return _REASONS.get(known, "Nobody can prove whether the phone rang.")


def is_due(*, now: datetime, decided_at: datetime, looked_at: datetime | None) -> bool:
    """Whether a decided call is looked for again: an hour after, then ever more rarely.

    Six times in all, 1, 2, 4, 8, 16 and 32 hours after the decision.

    Args:
        now: Campaign time.
        decided_at: When a person decided.
        looked_at: When it was last looked for, before the decision or since.
    """
    if now >= decided_at + LOOKED_FOR:
        return False
    last = max(decided_at, looked_at or decided_at)
    return now - last >= max(LOOK_AGAIN, (now - decided_at) / 2)
