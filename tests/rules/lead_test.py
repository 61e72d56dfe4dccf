"""The table of a lead's states: every edge by name, and no other."""

import pytest

from dialer.rules.lead import FINISHED, LEAD_TRANSITIONS, LeadState, sources_of
from dialer.store.reports.ledger import BUCKETS

EDGES = [
    "waiting_to_calling",
    "waiting_to_held",
    "waiting_to_done",
    "waiting_to_suppressed",
    "waiting_to_expired",
    "waiting_to_cancelled",
    "calling_to_waiting",
    "calling_to_held",
    "calling_to_done",
    "calling_to_suppressed",
    "calling_to_expired",
    "calling_to_cancelled",
    "held_to_waiting",
    "held_to_done",
    "held_to_suppressed",
    "held_to_expired",
    "held_to_cancelled",
]


@pytest.mark.parametrize("edge", EDGES)
def test_edge(edge: str) -> None:
    here, there = map(LeadState, edge.split("_to_"))
    assert there in LEAD_TRANSITIONS[here]


def test_there_are_no_other_edges() -> None:
    table = {f"{a}_to_{b}" for a, onward in LEAD_TRANSITIONS.items() for b in onward}
    assert table == set(EDGES)
    assert set(LEAD_TRANSITIONS) == set(LeadState)


@pytest.mark.parametrize("state", ["done", "suppressed", "expired", "cancelled"])
def test_a_finished_lead_moves_nowhere(state: str) -> None:
    assert LeadState(state) in FINISHED
    assert not LEAD_TRANSITIONS[LeadState(state)]


def test_nothing_else_is_finished() -> None:
    assert len(FINISHED) == 4


@pytest.mark.parametrize("target", LeadState)
def test_sources_are_the_table_read_backwards(target: LeadState) -> None:
    assert set(sources_of(target)) == {a for a, to in LEAD_TRANSITIONS.items() if target in to}


def test_every_way_out_of_calling_is_open_to_a_held_lead_too() -> None:
    # What becomes of a held call may be learnt late; its lead must be able to follow.
    follow = LEAD_TRANSITIONS[LeadState.CALLING] - {LeadState.HELD}
    assert follow <= LEAD_TRANSITIONS[LeadState.HELD]


def test_the_states_are_the_ledgers_buckets() -> None:
    assert tuple(LeadState) == BUCKETS
