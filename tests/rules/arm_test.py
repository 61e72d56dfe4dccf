"""The last look at both clocks: whoever slept after the gates sends nothing."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.arm import ARM_SECONDS, Clocks, too_late

BEGAN = Clocks(monotonic=100.0, wall=1_700_000_000.0)
SLOT = 100.0


def _after(monotonic: float, wall: float | None = None) -> Clocks:
    return Clocks(BEGAN.monotonic + monotonic, BEGAN.wall + (monotonic if wall is None else wall))


def test_a_quick_arm_is_sent() -> None:
    assert too_late(BEGAN, _after(0.01), slot=SLOT, paced=True) is None


def test_three_seconds_are_not_too_long_and_more_are() -> None:
    assert too_late(BEGAN, _after(ARM_SECONDS), slot=SLOT, paced=False) is None
    assert too_late(BEGAN, _after(3.25), slot=SLOT, paced=False) == "frozen"


def test_a_machine_that_slept_shows_on_the_wall_clock_alone() -> None:
    assert too_late(BEGAN, _after(0.01, wall=3600.0), slot=SLOT, paced=False) == "frozen"


def test_a_process_that_stood_shows_on_the_monotonic_clock_alone() -> None:
    assert too_late(BEGAN, _after(3600.0, wall=0.0), slot=SLOT, paced=False) == "frozen"


def test_a_wall_clock_set_back_is_no_better_than_one_set_forward() -> None:
    assert too_late(BEGAN, _after(0.01, wall=-600.0), slot=SLOT, paced=False) == "frozen"


def test_a_paced_call_gives_its_slot_up_after_half_a_second() -> None:
    assert too_late(BEGAN, _after(0.5), slot=SLOT, paced=True) is None
    assert too_late(BEGAN, _after(0.75), slot=SLOT, paced=True) == "late"
    assert too_late(BEGAN, _after(0.75), slot=SLOT, paced=False) is None


@given(monotonic=st.floats(0, 1e6), wall=st.floats(-1e6, 1e6), slot=st.floats(0, 1e6), paced=...)
def test_whatever_is_sent_was_armed_within_three_seconds_by_both_clocks(
    monotonic: float, wall: float, slot: float, *, paced: bool
) -> None:
    now = _after(monotonic, wall)
    if too_late(BEGAN, now, slot=slot, paced=paced) is None:
        assert now.monotonic - BEGAN.monotonic <= ARM_SECONDS
        assert abs(now.wall - BEGAN.wall) <= ARM_SECONDS
