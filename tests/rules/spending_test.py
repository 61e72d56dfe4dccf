"""How many calls a campaign may still make, and when it is over."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.spending import RESERVE_MINUTES, Allowance, Room, Used, room, spent

D = Decimal


def test_no_limit_leaves_all_the_room() -> None:
    assert room(Allowance(), Used(today=10**6, calls=10**6)).calls > 10**6


@pytest.mark.parametrize(
    ("allowance", "used", "left"),
    [
        (Allowance(per_day=10), Used(today=9, calls=500), Room(1)),
        (Allowance(per_day=10), Used(today=10), Room(0, "calls_per_day_reached")),
        (Allowance(per_day=10), Used(today=12), Room(0, "calls_per_day_reached")),
        (Allowance(in_all=10), Used(calls=7), Room(3)),
        (Allowance(in_all=10), Used(calls=10), Room(0, "max_calls_reached", final=True)),
        # The last call may turn out never to have rung; only then is it over.
        (Allowance(in_all=9), Used(calls=9, in_progress=(D(0),)), Room(0, "max_calls_reached")),
    ],
)
def test_calls_are_counted_by_day_and_in_all(allowance: Allowance, used: Used, left: Room) -> None:
    assert room(allowance, used) == left


def test_a_budget_counts_what_is_in_progress() -> None:
    allowance = Allowance(price_per_minute=D("0.10"), budget=D("2.00"))
    talked = Used(minutes=D(10), in_progress=(D(1), D(6)))
    assert spent(allowance, talked) == D("2.10")
    assert room(allowance, talked) == Room(0, "budget_spent")
    assert room(allowance, Used(minutes=D(10), in_progress=(D(1),))) == Room(1)
    assert room(allowance, Used(minutes=D("15.1"))) == Room(0, "budget_spent", final=True)
    assert room(allowance, Used(minutes=D(15))) == Room(1)


@given(
    price=st.decimals("0.0001", 10, places=4),
    budget=st.decimals("0.01", 10_000, places=2),
    minutes=st.decimals(0, 1_000, places=2),
    running=st.lists(st.decimals(0, 30, places=2), max_size=5),
)
def test_calls_no_longer_than_the_reserve_never_cost_more_than_the_budget(
    price: Decimal, budget: Decimal, minutes: Decimal, running: list[Decimal]
) -> None:
    allowance = Allowance(price_per_minute=price, budget=budget)
    used = Used(minutes=minutes, in_progress=tuple(running))
    left = room(allowance, used)
    if left.calls:
        more = tuple(running) + (D(RESERVE_MINUTES),) * min(left.calls, 1_000)
        assert spent(allowance, Used(minutes=minutes, in_progress=more)) <= budget
    else:
        more = (*running, D(RESERVE_MINUTES))
        assert spent(allowance, Used(minutes=minutes, in_progress=more)) > budget
