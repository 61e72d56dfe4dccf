"""Process stamps: the right process, or none."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from outdial.machine.processes import ProcessStamp

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"


def spawn(code: str) -> subprocess.Popen[bytes]:
    """Starts a program and waits until it says that it is up."""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)  # noqa: S603 - code of this test
    assert child.stdout is not None
    assert child.stdout.readline() == b"up\n"
    return child


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A program that sleeps."""
    with spawn(SLEEP) as process:
        yield process
        process.kill()


def test_a_running_process_is_recognised(child: subprocess.Popen[bytes]) -> None:
    stamp = ProcessStamp.of(child.pid)
    assert stamp is not None
    assert stamp == ProcessStamp.of(child.pid)
    assert stamp.running()
    assert "time.sleep(60)" in stamp.command()
    assert not stamp.wait(0)


def test_another_process_with_the_same_id_is_not(child: subprocess.Popen[bytes]) -> None:
    imposter = ProcessStamp(pid=child.pid, started="some other time")
    assert not imposter.running()
    assert imposter.command() == ""
    assert imposter.end([(signal.SIGKILL, 0)])
    assert child.poll() is None


def test_an_ended_process_is_not_running_though_nobody_reaped_it(
    child: subprocess.Popen[bytes],
) -> None:
    stamp = ProcessStamp.of(child.pid)
    assert stamp is not None
    os.kill(child.pid, signal.SIGKILL)
    assert stamp.wait(10)
    assert child.returncode is None
    assert ProcessStamp.of(child.pid) is None
    stamp.send(signal.SIGKILL)


def test_stronger_signals_follow_weaker_ones() -> None:
    with spawn(STUBBORN) as child:
        stamp = ProcessStamp.of(child.pid)
        assert stamp is not None
        assert not stamp.end([(signal.SIGTERM, 0.1)])
        assert stamp.end([(signal.SIGTERM, 0.1), (signal.SIGKILL, 10)])
        assert child.wait() == -signal.SIGKILL


@pytest.mark.parametrize("pid", [0, -1, 2**31 - 2])
def test_no_process_no_stamp(pid: int) -> None:
    assert ProcessStamp.of(pid) is None
