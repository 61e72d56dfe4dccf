"""Virtual time: where it starts, how fast it runs, how it is written and read."""

import math

import pytest

from sandbox.clock import VirtualClock, instant_of, iso

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
