"""Decides whether a process is still the one that was written down, and ends it if so.

A process id alone is no identity: ids are reused, quickly in a container. Together with the
instant the process started it is one, until the machine boots again.
"""

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from outdial.machine import process_table
from outdial.machine.process_table import Entry

_POLL_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class ProcessStamp:
    """One process, recognisable later.

    Attributes:
        pid: Its process id.
        started: When it started, in a form that is only ever compared for equality.
    """

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Reads the stamp of a running process.

        Args:
            pid: A process id, positive.

        Returns:
            The stamp; None where no such process runs. A zombie doesn't run.
        """
        entry = process_table.read(pid)
        return None if entry is None else cls(pid=pid, started=entry.started)

    def running(self) -> bool:
        """Tells whether this very process still runs."""
        return self._entry() is not None

    def command(self) -> str:
        """Reads its command line, words separated by spaces; empty once it has ended."""
        entry = self._entry()
        return entry.command if entry is not None else ""

    def send(self, number: signal.Signals) -> None:
        """Signals the process if it still is this one; else does nothing."""
        if self.running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Waits for its end.

        Args:
            seconds: For how long at most.

        Returns:
            Whether it has ended.
        """
        deadline = time.monotonic() + seconds
        while self.running():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def end(self, steps: Sequence[tuple[signal.Signals, float]]) -> bool:
        """Ends the process by ever stronger signals.

        Args:
            steps: Each signal with the seconds to wait for the end after it.

        Returns:
            Whether it has ended.
        """
        for number, seconds in steps:
            self.send(number)
            if self.wait(seconds):
                return True
        return not self.running()

    def _entry(self) -> Entry | None:
        entry = process_table.read(self.pid)
        return entry if entry is not None and entry.started == self.started else None
