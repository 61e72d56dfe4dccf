"""Which clock a sandbox runs by: as asked, else as its folder remembers, else the present."""

import json
import math
from pathlib import Path

import pytest

from sandbox.clock import VirtualClock, instant_of
from sandbox.timekeeping import FILE, clock_of

START = instant_of("2026-03-02T15:00:00Z")
REAL_START = 1_700_000_000.0


def _numbers(clock: VirtualClock) -> tuple[float, float, float]:
    return clock.start, clock.real_start, clock.speed


def test_without_a_folder_it_is_the_present_at_real_speed() -> None:
    clock = clock_of(None)
    assert clock.start == clock.real_start
    assert clock.speed == 1.0


def test_a_folder_goes_on_with_its_clock(tmp_path: Path) -> None:
    first = clock_of(tmp_path, start=START, real_start=REAL_START, speed=60.0)
    again = clock_of(tmp_path)
    assert _numbers(again) == _numbers(first) == (START, REAL_START, 60.0)
    assert again.now() > START + 60.0


def test_its_speed_alone_may_be_named_again(tmp_path: Path) -> None:
    first = clock_of(tmp_path, start=START, real_start=REAL_START, speed=60.0)
    assert _numbers(clock_of(tmp_path, speed=60.0)) == _numbers(first)


@pytest.mark.parametrize("speed", [0.001, 5.0, 100_000.0])
def test_another_speed_goes_on_from_the_instant_reached(tmp_path: Path, speed: float) -> None:
    first = clock_of(tmp_path, start=START, speed=60.0)
    before = first.now()
    changed = clock_of(tmp_path, speed=speed)
    assert before <= changed.start <= first.now()
    assert changed.speed == speed
    assert _numbers(clock_of(tmp_path)) == _numbers(changed)


def test_a_start_sets_the_clock_anew_and_keeps_the_speed(tmp_path: Path) -> None:
    clock_of(tmp_path, start=START, real_start=REAL_START, speed=60.0)
    later = clock_of(tmp_path, start=START + 5.0)
    assert (later.start, later.speed) == (START + 5.0, 60.0)
    assert later.real_start > REAL_START
    assert _numbers(clock_of(tmp_path)) == _numbers(later)


def test_what_is_given_wins_over_what_is_kept(tmp_path: Path) -> None:
    clock_of(tmp_path, start=START, speed=60.0)
    given = clock_of(tmp_path, start=1.0, real_start=2.0, speed=3.0)
    assert _numbers(given) == _numbers(clock_of(tmp_path)) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", '{"start": 1, "real_start": "x", "speed": 1}']
)
def test_an_unreadable_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ValueError, match=FILE):
        clock_of(tmp_path)


def test_numbers_out_of_range_are_refused_and_not_kept(tmp_path: Path) -> None:
    kept = clock_of(tmp_path, speed=60.0)
    with pytest.raises(ValueError, match="speed"):
        clock_of(tmp_path, speed=0.0)
    with pytest.raises(ValueError, match="finite"):
        clock_of(tmp_path, start=math.inf)
    assert _numbers(clock_of(tmp_path)) == _numbers(kept)


def test_a_file_that_a_killed_process_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "clock.new").write_text('{"sta')
    clock_of(tmp_path, start=START, speed=60.0)
    assert json.loads((tmp_path / FILE).read_text())["start"] == START
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("speed", [None, 2.0])
@pytest.mark.parametrize("kept", [False, True])
def test_a_folder_remembers_a_leap(tmp_path: Path, speed: float | None, *, kept: bool) -> None:
    clock = clock_of(tmp_path, start=START, speed=60.0)
    if kept:
        clock = clock_of(tmp_path)
    clock.move(by=3600.0, speed=speed)
    assert clock.start >= START + 3600.0
    assert _numbers(clock_of(tmp_path)) == _numbers(clock)
    clock_of(tmp_path, speed=5.0).move(by=3600.0)
    assert clock_of(tmp_path).start >= START + 7200.0


def test_a_leap_that_the_folder_cannot_take_does_not_happen(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    clock = clock_of(folder, start=START, real_start=REAL_START, speed=60.0)
    folder.rename(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        clock.move(by=3600.0)
    assert _numbers(clock) == (START, REAL_START, 60.0)


def test_a_leap_that_is_refused_is_not_remembered(tmp_path: Path) -> None:
    clock = clock_of(tmp_path, start=START, speed=60.0)
    before = _numbers(clock)
    with pytest.raises(ValueError, match="forward"):
        clock.move(to=START - 1.0)
    assert _numbers(clock_of(tmp_path)) == before


def test_without_a_folder_a_leap_is_made_all_the_same() -> None:
    clock = clock_of(None, start=START, speed=1e-9)
    clock.move(by=5.0)
    assert clock.now() == START + 5.0
