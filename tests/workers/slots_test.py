"""Slot files prove that a worker is dead, and never that a living or frozen one is."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.sandbox import ROOT
from workers.slots import abandoned, take

HOLDER = """
import sys, time
from pathlib import Path
from workers.slots import take
slot = take(Path(sys.argv[1]))
slot.sign()
print(slot.worker, flush=True)
time.sleep(120)
"""


def _holder(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-c", HOLDER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    name = process.stdout.readline().decode().strip()
    process.stdout.close()
    return process, name


def test_a_fresh_slot_has_no_former_holder(tmp_path: Path) -> None:
    slot = take(tmp_path / "slots")
    assert slot.former is None
    assert (tmp_path / "slots").stat().st_mode & 0o777 == 0o700
    slot.file.close()


def test_two_workers_hold_different_slots(tmp_path: Path) -> None:
    first, second = take(tmp_path), take(tmp_path)
    assert first.worker != second.worker
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["000.slot", "001.slot"]
    first.file.close()
    second.file.close()


def test_the_successor_of_a_killed_worker_learns_its_name(tmp_path: Path) -> None:
    process, name = _holder(tmp_path)
    process.kill()
    process.wait()
    slot = take(tmp_path)
    assert slot.former == name
    slot.file.close()


def test_a_frozen_worker_is_not_abandoned(tmp_path: Path) -> None:
    process, _ = _holder(tmp_path)
    try:
        process.send_signal(signal.SIGSTOP)
        assert list(abandoned(tmp_path)) == []
        slot = take(tmp_path)
        assert slot.former is None
        slot.file.close()
    finally:
        process.kill()
        process.wait()


def test_a_killed_worker_is_named_once_by_whoever_looks(tmp_path: Path) -> None:
    process, name = _holder(tmp_path)
    own = take(tmp_path)
    process.kill()
    process.wait()
    assert list(abandoned(tmp_path)) == [name]
    assert list(abandoned(tmp_path)) == []
    own.file.close()


def test_a_successor_that_dies_before_the_burial_keeps_the_proof(tmp_path: Path) -> None:
    process, name = _holder(tmp_path)
    process.kill()
    process.wait()
    successor = take(tmp_path)
    successor.file.close()
    again = take(tmp_path)
    assert again.former == name
    again.file.close()


def test_a_burial_that_fails_keeps_the_proof(tmp_path: Path) -> None:
    process, name = _holder(tmp_path)
    process.kill()
    process.wait()
    dead = abandoned(tmp_path)
    assert next(dead) == name
    dead.close()  # type: ignore[attr-defined]  # a generator, closed as an exception would
    assert list(abandoned(tmp_path)) == [name]
