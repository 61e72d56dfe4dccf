"""Both ways to read a process agree on what matters."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from outdial.machine.process_table import Entry, read, read_proc, read_ps
from tests.outdial.machine.processes_test import SLEEP, spawn

WAYS = [
    pytest.param(
        read_proc,
        marks=pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here"),
    ),
    pytest.param(
        read_ps, marks=pytest.mark.skipif(not Path("/bin/ps").exists(), reason="no ps here")
    ),
    read,
]


@pytest.mark.parametrize("reader", WAYS)
def test_a_process_is_read_the_same_each_time(reader: Callable[[int], Entry | None]) -> None:
    with spawn(SLEEP) as child:
        entry = reader(child.pid)
        assert entry is not None
        assert entry == reader(child.pid)
        assert entry.command.endswith("time.sleep(60)")
        assert entry.started
        child.kill()
        # Not reaped yet: a zombie.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert reader(child.pid) is None
    assert reader(child.pid) is None


@pytest.mark.parametrize("pid", [0, -1])
def test_ids_that_name_groups_of_processes_are_none(pid: int) -> None:
    assert read(pid) is None
