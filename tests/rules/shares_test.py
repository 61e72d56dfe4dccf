"""Whose turn it is: urgency, priority, then weights, which no idle campaign saves up."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.lead import Urgency
from dialer.rules.shares import Claimant, Lead, charged, in_turn

NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)
A, B, C = (UUID(int=number) for number in (1, 2, 3))


def _lead(
    campaign: UUID, minutes: int = 0, *, urgency: int = 0, priority: int = 0
) -> dict[str, object]:
    return {
        "id": uuid4(),
        "campaign_id": campaign,
        "urgency": urgency,
        "rank": -(urgency * 1000 + priority),
        "due_at": NOW - timedelta(minutes=minutes),
    }


def _turns(due: list[dict[str, object]], claimants: dict[UUID, Claimant]) -> list[UUID]:
    return [lead["campaign_id"] for lead in in_turn(due, claimants, floor=0.0)]


def test_campaigns_with_one_weight_take_turns() -> None:
    due = [_lead(A, number) for number in range(3)] + [_lead(B, number) for number in range(3)]
    assert _turns(due, {A: Claimant(1, 0), B: Claimant(1, 0)}) == [A, B, A, B, A, B]


@given(st.integers(1, 20), st.integers(1, 20))
def test_slots_are_shared_by_weight(one: int, other: int) -> None:
    claimants = {A: Claimant(one, 0), B: Claimant(other, 0)}
    due = [_lead(campaign) for campaign in (A, B) for _ in range(200)]
    got = Counter(_turns(due, claimants)[:200])
    assert abs(got[A] - 200 * one / (one + other)) <= 1


def test_a_higher_priority_comes_first_whatever_the_weights() -> None:
    due = [_lead(A), _lead(A), _lead(B), _lead(B)]
    assert _turns(due, {A: Claimant(100, 0), B: Claimant(1, 5)}) == [B, B, A, A]


def test_whoever_has_just_asked_comes_before_any_list() -> None:
    due = [_lead(B, 60), _lead(A, urgency=Urgency.FRESH), _lead(A, urgency=Urgency.CALLBACK)]
    due.append(_lead(A, 90, urgency=Urgency.EARLY))
    turns = in_turn(due, {A: Claimant(1, 0), B: Claimant(1, 50)}, floor=0.0)
    assert [(lead["campaign_id"], lead["urgency"]) for lead in turns] == [
        (A, Urgency.CALLBACK),
        (A, Urgency.FRESH),
        (B, Urgency.LISTED),
        (A, Urgency.EARLY),
    ]


def test_within_a_campaign_the_longest_due_comes_first_after_rank() -> None:
    late, early, high = _lead(A, 1), _lead(A, 9), _lead(A, 0, priority=3)
    assert in_turn([late, early, high], {A: Claimant(1, 0)}, floor=0.0) == [high, early, late]


@given(
    st.lists(st.tuples(st.sampled_from([A, B, C]), st.integers(0, 3), st.integers(-100, 100))),
    st.floats(0, 1000),
)
def test_nobody_is_left_out_and_nobody_comes_twice(
    drawn: list[tuple[UUID, int, int]], floor: float
) -> None:
    due = [_lead(key, urgency=urgency, priority=priority) for key, urgency, priority in drawn]
    claimants = {key: Claimant(key.int, key.int % 2, share=key.int * 9.0) for key in (A, B, C)}
    turns: list[Lead] = in_turn(due, claimants, floor=floor)
    assert Counter(lead["id"] for lead in turns) == Counter(lead["id"] for lead in due)


def test_a_campaign_that_had_nothing_to_do_saves_nothing_up() -> None:
    busy = {A: Claimant(1, 0, share=0.0)}
    used, floor = charged(busy, {A: 1000}, floor=0.0)
    assert (used[A], floor) == (1000.0, 1000.0)
    both = {A: Claimant(1, 0, share=used[A]), B: Claimant(1, 0, share=0.0)}
    due = [_lead(campaign) for campaign in (A, B) for _ in range(10)]
    first = [lead["campaign_id"] for lead in in_turn(due, both, floor=floor)][:10]
    assert Counter(first) == {A: 5, B: 5}


@given(st.lists(st.integers(1, 5), min_size=20, max_size=60), st.integers(1, 9), st.integers(1, 9))
def test_over_many_claims_each_gets_its_part(batches: list[int], one: int, other: int) -> None:
    shares, floor, got = {A: 0.0, B: 0.0}, 0.0, Counter[UUID]()
    for size in batches:
        claimants = {A: Claimant(one, 0, shares[A]), B: Claimant(other, 0, shares[B])}
        due = [_lead(campaign) for campaign in (A, B) for _ in range(size)]
        turns = in_turn(due, claimants, floor=floor)[:size]
        made = Counter[UUID](lead["campaign_id"] for lead in turns)
        used, floor = charged(claimants, made, floor=floor)
        shares |= used
        got += made
    # Fair queueing lets nobody get ahead by more than what one call of each costs.
    assert abs(got[A] / one - got[B] / other) <= 1 / one + 1 / other + 1e-6
