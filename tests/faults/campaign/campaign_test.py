"""The fault campaign in small: as many schedules as fit into every check."""

import subprocess
import sys

import pytest

from tests.faults.campaign.draw import KILLS, Kind, draw
from tests.support.sandbox import ROOT

SEED = 20261122
SCHEDULES = 40


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_forty_schedules_of_faults_break_no_promise() -> None:
    """Played side by side by the same program as the long campaign; it fails with the seed."""
    played = subprocess.run(  # noqa: S603 -- our own program
        [
            sys.executable,
            "-m",
            "tests.faults.campaign.run",
            f"--seed={SEED}",
            f"--count={SCHEDULES}",
            "--jobs=4",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert played.returncode == 0, played.stdout[-8_000:] + played.stderr[-4_000:]
    assert f"{SCHEDULES} schedules on real processes" in played.stdout


def test_a_schedule_has_three_faults_and_a_kill_for_ten_rings() -> None:
    for seed in range(2_000):
        schedule = draw(seed)
        assert len(schedule.strikes) >= 3
        assert schedule.kills * 10 >= schedule.leads


def test_a_seed_draws_one_schedule_and_all_together_every_fault() -> None:
    drawn = [draw(seed) for seed in range(400)]
    assert drawn == [draw(seed) for seed in range(400)]
    assert {strike.kind for schedule in drawn for strike in schedule.strikes} == set(Kind)
    assert set(Kind) > KILLS
