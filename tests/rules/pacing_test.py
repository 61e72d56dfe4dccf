"""Rates: no rolling minute holds too many rings, and nearly no slot is given away."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.rules.pacing import LATEST, MARGIN, Pace, grant, halved, recovered, slowed

NOW = datetime(2026, 3, 3, 17, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _most_in_a_minute(rings: Sequence[datetime]) -> int:
    ordered = sorted(rings)
    most = first = 0
    for last, ring in enumerate(ordered):
        while ring - ordered[first] >= MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most


@settings(deadline=None, max_examples=50)
@given(
    rate=st.integers(1, 600),
    late=st.lists(st.integers(0, LATEST // timedelta(microseconds=1)), min_size=40, max_size=40),
    batch=st.integers(1, 50),
)
def test_no_rolling_minute_rings_too_often(rate: int, late: list[int], batch: int) -> None:
    pace, now, rings = Pace(rate), NOW, list[datetime]()
    while len(rings) < 2 * rate + 3:
        slots = grant([pace], wanted=batch, now=now, horizon=timedelta(seconds=2))
        pace = Pace(rate, slots.next_at[0])
        rings += [
            at + timedelta(microseconds=late[(len(rings) + i) % len(late)])
            for i, at in enumerate(slots.at)
        ]
        now += timedelta(seconds=1.7)
    assert _most_in_a_minute(rings) <= rate


@settings(deadline=None, max_examples=25)
@given(rate=st.integers(1, 6_000))
def test_a_busy_lane_uses_98_percent_of_its_limit(rate: int) -> None:
    span = grant([Pace(rate)], wanted=rate * 10, now=NOW, horizon=timedelta(minutes=10))
    assert len(span.at) >= rate * 10 * 0.98


@settings(deadline=None)
@given(
    rates=st.lists(st.integers(1, 600), min_size=1, max_size=4),
    ahead=st.lists(st.integers(-90, 90), min_size=4, max_size=4),
    wanted=st.integers(1, 60),
)
def test_a_slot_keeps_every_level_in_its_limit(
    rates: list[int], ahead: list[int], wanted: int
) -> None:
    paces = [Pace(r, NOW + timedelta(seconds=s)) for r, s in zip(rates, ahead, strict=False)]
    slots = grant(paces, wanted=wanted, now=NOW, horizon=timedelta(minutes=5))
    for pace, free in zip(paces, slots.next_at, strict=True):
        gaps = [b - a for a, b in zip(slots.at, slots.at[1:], strict=False)]
        assert all(gap >= pace.interval for gap in gaps)
        assert all(at >= max(NOW, pace.next_at or NOW) for at in slots.at)
        assert free == (slots.at[-1] + pace.interval if slots.at else pace.next_at)


def test_lateness_cannot_squeeze_a_ring_too_many_into_a_minute() -> None:
    assert timedelta(seconds=60 * MARGIN) - LATEST > MINUTE


def test_without_a_limit_all_ring_now() -> None:
    slots = grant([], wanted=3, now=NOW, horizon=timedelta())
    assert slots.at == (NOW, NOW, NOW)
    assert slots.next_at == ()


def test_an_idle_lane_saves_up_nothing() -> None:
    pace = Pace(60, NOW - timedelta(hours=1))
    slots = grant([pace], wanted=3, now=NOW, horizon=timedelta(seconds=10))
    assert slots.at == tuple(NOW + i * pace.interval for i in range(3))


def test_slots_beyond_the_horizon_are_not_granted() -> None:
    pace = Pace(60, NOW + timedelta(seconds=3))
    slots = grant([pace], wanted=3, now=NOW, horizon=timedelta(seconds=2))
    assert slots.at == ()
    assert slots.next_at == (pace.next_at,)


def test_a_slot_at_the_horizon_is_granted() -> None:
    pace = Pace(60, NOW + timedelta(seconds=2))
    slots = grant([pace], wanted=3, now=NOW, horizon=timedelta(seconds=2))
    assert slots.at == (pace.next_at,)


def test_nothing_wanted_takes_nothing() -> None:
    pace = Pace(60)
    slots = grant([pace], wanted=0, now=NOW, horizon=timedelta(seconds=2))
    assert slots.at == ()
    assert slots.next_at == (NOW,)


@pytest.mark.parametrize(
    ("factor", "after"), [(1.0, 0.5), (0.5, 0.25), (0.0625, 0.0625), (0.07, 0.0625)]
)
def test_a_429_halves_down_to_a_sixteenth(factor: float, after: float) -> None:
    assert halved(factor) == after


@pytest.mark.parametrize(
    ("quiet", "factor"),
    [(0, 0.5), (59, 0.5), (60, 0.625), (120, 0.78125), (240, 1.0), (86_400, 1.0), (-30, 0.5)],
)
def test_quiet_minutes_bring_the_rate_back_step_by_step(quiet: int, factor: float) -> None:
    assert recovered(0.5, timedelta(seconds=quiet)) == factor


@pytest.mark.parametrize("days", [1, 3, 4_000])
def test_after_days_without_a_429_the_full_rate_is_back(days: int) -> None:
    assert recovered(1 / 16, timedelta(days=days)) == 1.0


@pytest.mark.parametrize(
    ("since", "claimed", "factor"),
    [
        (None, -1, 0.25),
        # Kept as a half ten minutes ago, it has recovered: a half of all, not a quarter.
        (-600, -1, 0.5),
        (-10, -1, 0.25),
        (-10, -10, None),
        (-10, -11, None),
    ],
)
def test_only_a_429_to_a_call_of_the_present_pace_halves_what_it_has_come_to(
    since: int | None, claimed: int, factor: float | None
) -> None:
    kept = None if since is None else NOW + timedelta(seconds=since)
    claimed_at = NOW + timedelta(seconds=claimed)
    assert slowed(0.5, since=kept, claimed_at=claimed_at, now=NOW) == factor
