"""The table of a call's states: every edge by name, and no other."""

import pytest

from dialer.rules.call import CALL_TRANSITIONS, IN_FLIGHT, OPEN, CallState, sources_of

EDGES = [
    "claimed_to_dialing",
    "claimed_to_unknown",
    "claimed_to_released",
    "dialing_to_placed",
    "dialing_to_refused",
    "dialing_to_unknown",
    "placed_to_live",
    "placed_to_ended",
    "placed_to_stale",
    "live_to_ended",
    "live_to_stale",
    "unknown_to_placed",
    "unknown_to_live",
    "unknown_to_ended",
    "unknown_to_absent",
    "unknown_to_held",
    "held_to_ended",
    "held_to_absent",
    "stale_to_ended",
    "refused_to_unknown",
    "refused_to_ended",
]


@pytest.mark.parametrize("edge", EDGES)
def test_edge(edge: str) -> None:
    here, there = map(CallState, edge.split("_to_"))
    assert there in CALL_TRANSITIONS[here]


def test_there_are_no_other_edges() -> None:
    table = {f"{a}_to_{b}" for a, onward in CALL_TRANSITIONS.items() for b in onward}
    assert table == set(EDGES)
    assert set(CALL_TRANSITIONS) == set(CallState)


@pytest.mark.parametrize("target", CallState)
def test_sources_are_the_table_read_backwards(target: CallState) -> None:
    assert set(sources_of(target)) == {a for a, to in CALL_TRANSITIONS.items() if target in to}


def test_only_a_claim_may_be_armed() -> None:
    assert sources_of(CallState.DIALING) == (CallState.CLAIMED,)


def test_no_way_leads_back_to_a_claim() -> None:
    assert sources_of(CallState.CLAIMED) == ()


def test_nothing_that_may_have_rung_can_be_armed_again() -> None:
    reached, todo = set[CallState](), {CallState.DIALING}
    while todo:
        reached |= todo
        todo = {b for a in todo for b in CALL_TRANSITIONS[a]} - reached
    assert CallState.CLAIMED not in reached
    assert CallState.DIALING not in {b for a in reached for b in CALL_TRANSITIONS[a]}


def test_a_number_is_guarded_while_its_call_is_open() -> None:
    assert {str(state) for state in OPEN} == {
        *("claimed", "dialing", "placed", "live", "unknown", "held"),
    }


def test_a_pause_can_stop_only_what_is_not_in_flight() -> None:
    assert {str(state) for state in IN_FLIGHT} == {"dialing", "placed", "live", "unknown"}
    assert IN_FLIGHT < OPEN
    assert CallState.CLAIMED not in IN_FLIGHT


def test_every_open_call_can_reach_an_end() -> None:
    for state in OPEN:
        seen, todo = set[CallState](), {state}
        while todo:
            seen |= todo
            todo = {b for a in todo for b in CALL_TRANSITIONS[a]} - seen
        assert any(not CALL_TRANSITIONS[s] for s in seen)
