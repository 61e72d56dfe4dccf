"""The fault campaign in small: as many schedules as fit into every check."""

import subprocess
import sys

import pytest

from tests.faults.books import Books
from tests.faults.campaign.draw import KILLS, Kind, draw
from tests.faults.campaign.play import recoveries
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


def _books(*calls: tuple[str, str, float, float | None, float | None]) -> Books:
    """Calls by (id, answer, armed, rang, refused), each of a lead that came in at 0."""
    audit = [{"kind": "leads", "id": f"lead-{c[0]}", "was": None, "real": 0.0} for c in calls]
    for name, _, armed, _, refused in calls:
        line = {"kind": "calls", "id": name}
        audit.append({**line, "was": "claimed", "now": "dialing", "real": armed})
        if refused is not None:
            audit.append({**line, "was": "dialing", "now": "refused", "real": refused})
    return Books(
        rings=[{"request_id": c[0], "real": c[3]} for c in calls if c[3] is not None],
        audit=audit,
        calls=[{"id": c[0], "lead_id": f"lead-{c[0]}", "answer": c[1]} for c in calls],
        leads=[],
        caps={},
        decided=frozenset(),
        ledger=[],
    )


def test_a_recovery_lasts_until_the_next_ring_of_whoever_was_waiting() -> None:
    books = _books(("armed", "placed", 9.0, 11.0, None), ("waiting", "placed", 13.0, 14.0, None))
    assert recoveries(books, [10.0]) == [4.0]
    assert recoveries(books, [20.0]) == []


def test_a_recovery_ends_when_the_upstream_refuses_and_not_when_nothing_was_sent() -> None:
    books = _books(
        ("asked", "bad_request", 10.5, None, 11.5), ("late", "placed", 70.0, 71.0, None)
    )
    assert recoveries(books, [10.0]) == [1.5]
    books = _books(("kept", "not_sent", 10.5, None, 10.6), ("late", "placed", 70.0, 71.0, None))
    assert recoveries(books, [10.0]) == [61.0]
