"""Outcomes by the mix, timings within their bounds, the same for the same seed."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.draw import Draw
from sandbox.script import DEFAULT_MIX, LENGTHS, REASONS, Outcome, choose, plan_call, read_mix


def test_the_default_mix_adds_up_to_one() -> None:
    assert sum(DEFAULT_MIX.values()) == pytest.approx(1.0)
    assert set(DEFAULT_MIX) == set(Outcome) - {Outcome.FORWARDED}


def test_outcomes_come_as_the_mix_says() -> None:
    plans = Counter(
        plan_call(Draw(seed=7, subject=("call", n)), DEFAULT_MIX).outcome for n in range(20_000)
    )
    for outcome, share in DEFAULT_MIX.items():
        assert plans[outcome] / 20_000 == pytest.approx(share, abs=0.01)


@settings(deadline=None)
@given(subject=st.integers())
def test_every_plan_is_within_its_outcomes_bounds_and_reproducible(subject: int) -> None:
    plan = plan_call(Draw(seed=7, subject=(subject,)), DEFAULT_MIX)
    low, high = LENGTHS[plan.outcome]
    assert low <= plan.length_seconds <= high
    assert 1 <= plan.setup_seconds <= 4
    assert plan.reason in REASONS[plan.outcome]
    assert plan == plan_call(Draw(seed=7, subject=(subject,)), DEFAULT_MIX)


@settings(deadline=None)
@given(unit=st.floats(min_value=0, max_value=1, exclude_max=True))
def test_outcomes_without_weight_never_come(unit: float) -> None:
    mix = {Outcome.BUSY: 2.0, Outcome.FAILED: 0.0, Outcome.OPT_OUT: 1.0}
    assert choose(unit, mix) in {Outcome.BUSY, Outcome.OPT_OUT}


def test_names_may_be_written_with_hyphens() -> None:
    assert read_mix({"answered-interested": 1, "no_answer": 3}) == {
        Outcome.ANSWERED_INTERESTED: 1,
        Outcome.NO_ANSWER: 3,
    }


@pytest.mark.parametrize(
    "weights",
    [
        {},
        {"busy": 0.0},
        {"busy": -1.0},
        {"busy": float("nan")},
        {"busy": float("inf")},
        {"asleep": 1.0},
        {"forwarded": 1.0},
    ],
)
def test_a_mix_that_makes_no_sense_is_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"outcome|weight"):
        read_mix(weights)


def test_only_calls_that_connect_complete() -> None:
    assert {outcome for outcome in Outcome if not outcome.completed} == {
        Outcome.NO_ANSWER,
        Outcome.BUSY,
        Outcome.FAILED,
    }
