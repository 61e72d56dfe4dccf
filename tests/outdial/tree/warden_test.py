"""The warden mourns a killed parent, and leaves a dismissed one's children alone."""

import signal
import subprocess
import sys

from outdial.machine.processes import ProcessStamp
from outdial.tree.warden import Warden
from tests.outdial.machine.processes_test import SLEEP, STUBBORN, spawn

PARENT = """
import os, signal, subprocess, sys
from outdial.machine.processes import ProcessStamp
from outdial.tree.warden import Warden
warden = Warden()
for code in sys.argv[1:]:
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    child.stdout.readline()
    warden.watch(ProcessStamp.of(child.pid), ((signal.SIGTERM, 0.2), (signal.SIGKILL, 5)))
    print(child.pid, ProcessStamp.of(child.pid).started, flush=True)
print(warden.pid, ProcessStamp.of(warden.pid).started, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_children_of_a_killed_parent_are_ended() -> None:
    answer = subprocess.run(  # noqa: S603 - code of this test
        [sys.executable, "-c", PARENT, SLEEP, STUBBORN],
        capture_output=True,
        text=True,
        check=False,
    )
    stamps = []
    for line in answer.stdout.splitlines():
        pid, _, started = line.partition(" ")
        stamps.append(ProcessStamp(pid=int(pid), started=started))
    assert len(stamps) == 3
    assert all(stamp.wait(20) for stamp in stamps)


def test_what_is_forgotten_or_dismissed_lives_on() -> None:
    with spawn(SLEEP) as child:
        stamp = ProcessStamp.of(child.pid)
        assert stamp is not None
        warden = Warden()
        warden.watch(stamp, ((signal.SIGKILL, 5.0),))
        warden.dismiss()
        assert child.poll() is None
        child.kill()


def test_a_killed_warden_is_no_trouble() -> None:
    with spawn(SLEEP) as child:
        stamp = ProcessStamp.of(child.pid)
        assert stamp is not None
        warden = Warden()
        own = ProcessStamp.of(warden.pid)
        assert own is not None
        assert own.end(((signal.SIGKILL, 10.0),))
        warden.watch(stamp, ((signal.SIGKILL, 5.0),))
        warden.forget(stamp)
        warden.dismiss()
        assert child.poll() is None
        child.kill()
