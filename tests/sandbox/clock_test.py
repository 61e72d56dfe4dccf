"""Virtual time: where it starts, how fast it runs, how it leaps, how it is written and read."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import LATEST, TEN_YEARS, VirtualClock, instant_of, iso

START = 1772463600.0  # 2026-03-02T15:00:00Z


def test_speed_multiplies_the_real_time_that_has_passed() -> None:
    slow = VirtualClock(start=START, real_start=VirtualClock().real() - 100, speed=2.0)
    assert 200 <= slow.now() - START < 260


def test_without_options_it_is_the_real_time() -> None:
    clock = VirtualClock()
    assert abs(clock.now() - clock.real()) < 60


@pytest.mark.parametrize("speed", [0.0, -1.0, 100_001.0, math.nan, math.inf])
def test_a_speed_out_of_range_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        VirtualClock(speed=speed)


def test_a_start_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        VirtualClock(start=math.nan)


def test_http_date_follows_the_virtual_time() -> None:
    clock = VirtualClock(start=START, real_start=VirtualClock().real(), speed=0.000001)
    assert clock.http_date() == b"Mon, 02 Mar 2026 15:00:00 GMT"
    assert clock.http_date() == b"Mon, 02 Mar 2026 15:00:00 GMT"


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (START, "2026-03-02T15:00:00.000Z"),
        (START + 0.123, "2026-03-02T15:00:00.123Z"),
        (START + 0.9999, "2026-03-02T15:00:01.000Z"),
    ],
)
def test_instants_are_written_to_the_millisecond(instant: float, written: str) -> None:
    assert iso(instant) == written


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T15:00:00Z",
        "2026-03-02T15:00:00",
        "2026-03-02T10:00:00-05:00",
        "2026-03-02T15:00:00.000+00:00",
    ],
)
def test_instants_are_read_with_any_offset_and_as_utc_without(text: str) -> None:
    assert instant_of(text) == START


@pytest.mark.parametrize("text", ["", "yesterday", "1772463600", "2026-13-01"])
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        instant_of(text)


def _still(keep: Callable[[VirtualClock], None] | None = None) -> VirtualClock:
    return VirtualClock(start=START, speed=1e-9, keep=keep)


def _numbers(clock: VirtualClock) -> tuple[float, float, float]:
    return clock.start, clock.real_start, clock.speed


def test_it_leaps_to_an_instant_or_by_seconds() -> None:
    clock = _still()
    clock.move(to=START + 3600.5)
    assert clock.now() == START + 3600.5
    clock.move(by=0.25)
    assert clock.now() == START + 3600.75
    assert clock.http_date() == b"Mon, 02 Mar 2026 16:00:00 GMT"


def test_it_runs_on_from_a_leap_at_the_speed_it_had_or_another() -> None:
    clock = VirtualClock(start=START, real_start=VirtualClock().real() - 100, speed=60.0)
    clock.move(by=10.0)
    assert clock.speed == 60.0
    assert clock.start >= START + 6010.0
    clock.move(speed=1e-9)
    reached = clock.now()
    assert clock.start == reached
    assert clock.speed == 1e-9


@pytest.mark.parametrize("ahead", [-0.001, -1e12, -math.inf])
def test_it_never_goes_back(ahead: float) -> None:
    clock = _still()
    before = _numbers(clock)
    with pytest.raises(ValueError, match=r"it is 2026-03-02T15:00:00\.000Z here already"):
        clock.move(to=START + ahead)
    with pytest.raises(ValueError, match="only goes forward"):
        clock.move(by=ahead, speed=2.0)
    assert _numbers(clock) == before


@pytest.mark.parametrize("ahead", [TEN_YEARS + 1, math.inf, math.nan])
def test_a_leap_of_more_than_ten_years_is_refused(ahead: float) -> None:
    clock = _still()
    before = _numbers(clock)
    with pytest.raises(ValueError, match=r"goes to 2036-03-02T03:00:00\.000Z at most"):
        clock.move(by=ahead)
    assert _numbers(clock) == before
    clock.move(by=TEN_YEARS)
    assert iso(clock.now()) == "2036-03-02T03:00:00.000Z"


def test_leaps_end_where_time_can_no_longer_be_written() -> None:
    clock = VirtualClock(start=LATEST - 1, speed=1e-9)
    clock.move(by=1.0)
    with pytest.raises(ValueError, match="too far ahead"):
        clock.move(by=1.0)
    assert iso(clock.now()) == "9000-01-01T00:00:00.000Z"


@pytest.mark.parametrize("speed", [0.0, -1.0, 100_001.0, math.nan])
def test_a_leap_with_a_speed_out_of_range_changes_nothing(speed: float) -> None:
    clock = _still()
    before = _numbers(clock)
    with pytest.raises(ValueError, match="speed"):
        clock.move(by=1.0, speed=speed)
    assert _numbers(clock) == before


def test_what_it_becomes_is_kept_before_it_counts() -> None:
    kept: list[tuple[float, float, float]] = []
    clock = _still(keep=lambda moved: kept.append((moved.start, clock.now(), moved.speed)))
    clock.move(by=60.0, speed=2.0)
    assert kept == [(START + 60.0, START, 2.0)]
    assert (clock.start, clock.speed) == (START + 60.0, 2.0)


def test_a_leap_that_cannot_be_kept_does_not_happen() -> None:
    def fail(moved: VirtualClock) -> None:
        raise OSError(f"no room for {moved.start}")

    clock = _still(keep=fail)
    before = _numbers(clock)
    with pytest.raises(OSError, match="no room"):
        clock.move(by=60.0)
    assert _numbers(clock) == before


@given(
    st.lists(
        st.tuples(st.floats(0.0, 1e6), st.one_of(st.none(), st.floats(1e-3, 1e5))), max_size=20
    )
)
def test_however_it_is_moved_time_is_never_told_backwards(
    moves: list[tuple[float, float | None]],
) -> None:
    clock = VirtualClock(start=START)
    for by, speed in moves:
        before = clock.now()
        clock.move(by=by, speed=speed)
        assert clock.now() >= before + by - 0.001
