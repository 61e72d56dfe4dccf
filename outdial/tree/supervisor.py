"""Keeps a tree of child programs: started in order, written down, stopped in reverse.

Three nets catch children whose parent dies: the warden ends them at once; the next start ends
those it finds in `runtime.json`, each recognised by its id and start time, so that no stranger who
inherited an id is ever touched; and each child runs in a process group of its own.
"""

import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from outdial.machine.home import RecordedProcess
from outdial.machine.processes import ProcessStamp
from outdial.tree.child import STOP_STEPS, Child, Program, Watchers
from outdial.tree.warden import Warden


class Supervisor:
    """The running children of one tree."""

    def __init__(
        self,
        *,
        emit: Callable[[str, str], None],
        record: Callable[[tuple[RecordedProcess, ...]], None],
        interrupted: threading.Event,
        hurry: threading.Event,
    ) -> None:
        """Starts the warden, no child yet.

        Args:
            emit: Takes a child's name and a line: what it printed, or what happened to it.
            record: Takes all running processes, the warden included, whenever they change.
            interrupted: Set to break off a start.
            hurry: Set to cut an orderly stop short.
        """
        self._emit = emit
        self._record = record
        self._interrupted = interrupted
        self._hurry = hurry
        self._warden = Warden()
        self._children: list[Child] = []
        self._processes: dict[int, RecordedProcess] = {}
        self._changing = threading.Lock()
        stamp = ProcessStamp.of(self._warden.pid)
        if stamp is not None:
            self._note(RecordedProcess(name="warden", pid=stamp.pid, started=stamp.started))

    def start(self, program: Program) -> Mapping[str, Any]:
        """Starts one more child and waits until it is ready.

        Args:
            program: The program.

        Returns:
            What it announced, see `Child.announcement`.

        Raises:
            ChildFailedError: It doesn't come up.
            StartInterruptedError: The tree was told to stop.
        """
        watchers = Watchers(
            line=self._emit, note=self._emit, started=self._started, ended=self._ended
        )
        child = Child(program=program, watchers=watchers)
        self._children.append(child)
        child.start(self._interrupted)
        return child.announcement

    def stop(self) -> None:
        """Stops all children, the last started first, then the warden."""
        while self._children:
            self._children.pop().stop(self._hurry)
        self._warden.dismiss()
        with self._changing:
            self._processes.clear()
            self._record(())

    def _started(self, name: str, stamp: ProcessStamp) -> None:
        self._warden.watch(stamp, STOP_STEPS)
        self._note(RecordedProcess(name=name, pid=stamp.pid, started=stamp.started))

    def _ended(self, stamp: ProcessStamp) -> None:
        self._warden.forget(stamp)
        with self._changing:
            self._processes.pop(stamp.pid, None)
            self._record(tuple(self._processes.values()))

    def _note(self, process: RecordedProcess) -> None:
        with self._changing:
            self._processes[process.pid] = process
            self._record(tuple(self._processes.values()))


def end_orphans(processes: Iterable[RecordedProcess], emit: Callable[[str, str], None]) -> None:
    """Ends what a killed tree left running.

    Args:
        processes: What the last tree wrote down, in the order of its starts.
        emit: Takes a name and a line for people.
    """
    alive = [process for process in reversed(tuple(processes)) if process.stamp.running()]
    for process in alive:
        emit(process.name, f"ending process {process.pid}, left by a tree that was killed")
        process.stamp.send(signal.SIGTERM)
    for process in alive:
        process.stamp.end(STOP_STEPS)
