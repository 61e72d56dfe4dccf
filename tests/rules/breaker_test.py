"""The breaker: opens on half of ten, rests, lets one call try, and widens or rests longer."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.breaker import (
    FULL_WIDTH,
    LEAST,
    MOST_REST_SECONDS,
    Window,
    opens,
    opens_for_all,
    rest_seconds,
    widened,
)

counts = st.integers(min_value=0, max_value=10_000)


@pytest.mark.parametrize(
    ("answered", "bad", "opened"),
    [(10, 5, True), (10, 10, True), (10, 4, False), (11, 5, False), (9, 9, False), (0, 0, False)],
)
@pytest.mark.parametrize("ramp", [None, 2, 64])
def test_it_opens_when_half_of_at_least_ten_went_wrong(
    answered: int, bad: int, *, opened: bool, ramp: int | None
) -> None:
    assert opens(Window(answered, bad), ramp=ramp) is opened


@pytest.mark.parametrize("window", [Window(0, 0), Window(1, 1), Window(100, 1)])
def test_a_probe_that_fails_opens_it_again_whatever_the_window_says(window: Window) -> None:
    assert opens(window, ramp=1)


@given(answered=counts, bad=counts)
def test_one_more_that_went_wrong_never_keeps_it_closed(answered: int, bad: int) -> None:
    bad = min(answered, bad)
    if opens(Window(answered, bad), ramp=None):
        assert opens(Window(answered + 1, bad + 1), ramp=None)
    if opens(Window(answered, bad), ramp=None):
        assert answered >= LEAST


@pytest.mark.parametrize(
    ("lanes", "opened"),
    [
        ([(2, 2)] * 5, True),
        ([(10, 10), (1, 1)], True),
        ([(5, 5), (5, 0)], False),
        ([(10, 10), (9, 1)], False),
        ([(100, 100)], False),
        ([(2, 2)] * 4, False),
        ([(10, 5), (10, 4)], False),
        ([], False),
    ],
)
def test_an_organization_is_parked_where_it_looks_as_bad_without_its_worst_lane(
    lanes: list[tuple[int, int]], *, opened: bool
) -> None:
    windows = [Window(*lane) for lane in lanes]
    assert opens_for_all(windows, ramp=None) is opened
    assert opens_for_all(windows[::-1], ramp=None) is opened
    assert opens_for_all(windows, ramp=1)


def test_the_rest_doubles_up_to_a_quarter_of_an_hour() -> None:
    rests = [rest_seconds(trips, probe_seconds=15) for trips in range(8)]
    assert rests == [30, 60, 120, 240, 480, 900, 900, 900]


@given(trips=st.integers(min_value=0, max_value=10**9), probe=st.floats(1, 900))
def test_the_rest_is_always_bounded_and_never_shrinks(trips: int, probe: float) -> None:
    now = rest_seconds(trips, probe_seconds=probe)
    assert 0 < now <= MOST_REST_SECONDS
    assert rest_seconds(trips + 1, probe_seconds=probe) >= now


def test_one_call_becomes_two_then_four_then_no_limit() -> None:
    ramps: list[int | None] = [1]
    for _ in itertools.takewhile(lambda _: ramps[-1] is not None, range(100)):
        ramps.append(widened(ramps[-1] or 0))
    assert ramps == [1, 2, 4, 8, 16, 32, FULL_WIDTH, None]
