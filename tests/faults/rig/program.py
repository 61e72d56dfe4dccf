"""One program of ours with its own wires to PostgreSQL and Valkey, to kill, freeze and start."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.rig.nursery import Child, Nursery
from tests.faults.rig.proxy import Proxy
from tests.support.processes import first_line

END_SECONDS = 45.0


@dataclass(eq=False, kw_only=True)
class Program:
    """A worker or the API.

    Attributes:
        nursery: Forks it.
        module: What `python -m` runs.
        arguments: Its command line.
        environment: What it is told.
        database: Its wire to PostgreSQL.
        queue: Its wire to Valkey.
        ready: What it said when it was ready last.
    """

    nursery: Nursery
    module: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str]
    database: Proxy
    queue: Proxy
    ready: Mapping[str, object] = field(default_factory=dict)
    _process: Child | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def alive(self) -> bool:
        """Whether it runs, or is frozen."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """What its last run ended with; None while it runs."""
        return None if self._process is None else self._process.poll()

    def launch(self) -> None:
        """Start it, and don't wait."""
        with self._lock:
            if self.alive:
                raise RuntimeError(f"{self.module} runs already")
            self._close()
            self._process = self.nursery.fork(
                self.module, self.arguments, {**os.environ, **self.environment}
            )

    def start(self) -> None:
        """Start it, and wait until it says that it is ready.

        Raises:
            RuntimeError: It ended, or said nothing in time.
        """
        self.launch()
        if self._process is not None:
            self.ready = first_line(self._process.stdout)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone. A program that is gone already stays so."""
        with self._lock:
            self._signal(signal.SIGKILL)
            if self._process is not None:
                self._process.wait(END_SECONDS)

    def freeze(self) -> None:
        """SIGSTOP: it does nothing, and knows nothing of it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it goes on where it was."""
        self._signal(signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM, and don't wait."""
        self._signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end; its exit code.

        Raises:
            subprocess.TimeoutExpired: It goes on for longer than any drain.
        """
        if self._process is None:
            raise RuntimeError(f"{self.module} was never started")
        return self._process.wait(END_SECONDS)

    def end(self) -> None:
        """Leave nothing behind."""
        self.thaw()
        self.terminate()
        try:
            if self._process is not None:
                self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close()

    def _signal(self, number: int) -> None:
        with self._lock:
            if self._process is not None:
                self._process.send_signal(number)

    def _close(self) -> None:
        if self._process is not None:
            self._process.stdout.close()
