"""Reading the history costs few requests, and outcomes come soon."""

import pytest

from tests.support.house import House
from tests.support.steady import steady_cost
from tests.support.traffic import STILL, fast_sandbox, measure

BUDGET = 12.0
"""Requests for 1,000 ended calls, at most; the size of a page sets a floor of 10."""


@pytest.mark.asyncio
@pytest.mark.timeout(900)
async def test_1000_ended_calls_cost_at_most_12_requests_by_the_sandboxs_count(
    house: House,
) -> None:
    async with fast_sandbox(house, STILL) as (sandbox, partners):
        budget = await measure(house, sandbox, partners, per_minute=160, warm_up=400, calls=900)
    assert budget.per_thousand <= BUDGET
    assert budget.waited[-1] <= 90
    assert (await house.row("SELECT unordered_at FROM history"))["unordered_at"] is None


@pytest.mark.parametrize("per_minute", [80, 100, 150, 300, 500])
def test_the_budget_holds_from_80_calls_a_minute(per_minute: int) -> None:
    cost = steady_cost(per_minute, minutes=20)
    assert cost.per_thousand <= BUDGET
    assert cost.worst <= 90


@pytest.mark.parametrize("per_minute", [1, 5, 20, 60])
def test_with_less_traffic_an_outcome_waits_a_minute_at_most(per_minute: int) -> None:
    cost = steady_cost(per_minute)
    assert cost.worst <= 60
    assert cost.per_thousand * per_minute / 1000 <= 15


def test_the_outcome_of_a_single_call_is_read_within_the_usual_interval() -> None:
    assert steady_cost(0.3, minutes=600).worst <= 5


@pytest.mark.parametrize("per_minute", [10, 60, 300])
def test_where_slots_are_short_ends_are_read_within_15_seconds_or_full_pages(
    per_minute: int,
) -> None:
    cost = steady_cost(per_minute, minutes=20, short=True)
    assert cost.worst <= 15
