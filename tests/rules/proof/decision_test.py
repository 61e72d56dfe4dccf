"""Decisions: each ends in states that the tables of transitions allow, and says what it does."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.rules.call import CALL_TRANSITIONS, OPEN, CallState
from dialer.rules.lead import LEAD_TRANSITIONS, LeadState
from dialer.rules.proof.decision import (
    DECIDABLE,
    DECISIONS,
    EFFECTS,
    LOOKED_FOR,
    Decision,
    is_due,
    reason,
    verdict_of,
)


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("state", sorted(DECIDABLE))
def test_every_decision_follows_the_tables(decision: Decision, state: CallState) -> None:
    found = verdict_of(decision, state)
    assert found.call in CALL_TRANSITIONS[state]
    assert found.call not in OPEN
    assert found.lead in LEAD_TRANSITIONS[LeadState.HELD]
    assert (found.outcome is None) is (found.call == CallState.ABSENT)


@pytest.mark.parametrize("state", sorted(DECIDABLE))
def test_only_calling_again_lets_the_lead_wait_and_only_reached_spends(state: CallState) -> None:
    waits = [d for d in DECISIONS if verdict_of(d, state).lead == LeadState.WAITING]
    spends = [d for d in DECISIONS if verdict_of(d, state).spends]
    assert (waits, spends) == (["call_again"], ["reached"])


def test_a_stale_call_is_never_denied() -> None:
    assert verdict_of("call_again", CallState.HELD).call == CallState.ABSENT
    assert verdict_of("call_again", CallState.STALE).call == CallState.ENDED


def test_the_effects_are_told_and_a_second_ring_is_named() -> None:
    assert tuple(EFFECTS) == DECISIONS
    assert "may ring a second time" in EFFECTS["call_again"]
    assert all(told.endswith(".") for told in EFFECTS.values())


@pytest.mark.parametrize(
    ("why", "state", "said"),
    [
        ("conflict", CallState.HELD, "409"),
        ("not_found_in_24_hours", CallState.HELD, "24 hours"),
        (None, CallState.STALE, "never showed its end"),
        ("conflict", CallState.STALE, "never showed its end"),
        ("something_new", CallState.HELD, "Nobody can prove"),
        (None, CallState.HELD, "Nobody can prove"),
    ],
)
def test_why_a_call_waits_is_a_sentence(why: str | None, state: CallState, said: str) -> None:
    assert said in reason(why, state)


def test_a_decided_call_is_looked_for_six_times_in_two_days() -> None:
    decided = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
    looked: datetime | None = decided - timedelta(minutes=5)
    hours: list[float] = []
    for minute in range(4 * 24 * 60):
        now = decided + timedelta(minutes=minute)
        if is_due(now=now, decided_at=decided, looked_at=looked):
            looked = now
            hours.append(minute / 60)
    assert hours == [1, 2, 4, 8, 16, 32]
    assert not is_due(now=decided + LOOKED_FOR, decided_at=decided, looked_at=None)
