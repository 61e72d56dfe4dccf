"""Drives a foreground tree from outside: reads what it prints, signals it, sees what is left."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

from outdial.embedded import postmaster
from outdial.machine.home import AlreadyRunningError, Home, Runtime
from outdial.machine.processes import ProcessStamp
from outdial.tree.warden import Steps
from tests.outdial.host import CHECKOUT

PATIENCE = 60.0
# Never connected to: the stand-in programs only have to be told about them.
ELSEWHERE = {
    "OUTDIAL_DATABASE_URL": "postgresql+asyncpg://outdial:x@127.0.0.1:1/outdial",
    "OUTDIAL_REDIS_URL": "redis://:x@127.0.0.1:1/0",
}


class Foreground:
    """A tree of stand-ins in a process of its own; ended, with all it left, on leaving."""

    def __init__(self, folder: Path, *, embedded: bool = False, **chosen: object) -> None:
        """Starts the process.

        Args:
            folder: The data folder's parent.
            embedded: Run the embedded servers; else the tree is told of others.
            chosen: The options of `stand_in_tree`.
        """
        self.home = folder / ".outdial"
        self._lines: list[str] = []
        self._changed = threading.Condition()
        plain = {k: v for k, v in os.environ.items() if not k.startswith("OUTDIAL_")}
        module = "tests.outdial.tree.stand_in_tree"
        self.process = subprocess.Popen(  # noqa: S603 - our own module, arguments are the test's
            [sys.executable, "-m", module, str(self.home), json.dumps(chosen)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=CHECKOUT,
            env=plain | ({} if embedded else ELSEWHERE),
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self._end_the_rest()
            self._reader.join(PATIENCE)
            if self.process.stdout is not None:
                self.process.stdout.close()

    @property
    def output(self) -> str:
        """All it printed so far."""
        with self._changed:
            return "\n".join(self._lines)

    @property
    def runtime(self) -> Runtime:
        """What it wrote down."""
        return Home(self.home).runtime()

    def wait_for(self, text: str, times: int = 1) -> None:
        """Waits until a text was printed so many times.

        Args:
            text: What to find in its lines.
            times: How often.
        """
        with self._changed:
            found = self._changed.wait_for(
                lambda: sum(text in line for line in self._lines) >= times, PATIENCE
            )
        assert found, f"{text!r} never came; instead:\n{self.output}"

    def up(self) -> Self:
        """Waits until the whole tree stands."""
        self.wait_for("Ctrl-C stops all of it")
        return self

    def end(self, number: signal.Signals) -> int:
        """Signals the process and waits for its end.

        Args:
            number: The signal.

        Returns:
            Its exit code.
        """
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def stamp(self, name: str) -> ProcessStamp:
        """Finds a running process by its name.

        Args:
            name: As in `Runtime.processes`.
        """
        return next(process.stamp for process in self.runtime.processes if process.name == name)

    def _read(self) -> None:
        if self.process.stdout is not None:
            for line in self.process.stdout:
                with self._changed:
                    self._lines.append(line.rstrip())
                    self._changed.notify_all()

    def _end_the_rest(self) -> None:
        """After a failed test; a green one leaves nothing, or another tree in the folder."""
        with suppress(AlreadyRunningError), Home(self.home).lock():
            self._end_orphans(((signal.SIGKILL, 5.0),))

    def _end_orphans(self, last: Steps) -> None:
        for process in self.runtime.processes:
            process.stamp.end(last)
        server = postmaster.find(self.home / "postgres" / "data")
        record = self.home / "valkey" / "server.json"
        stored = json.loads(record.read_text())["process"] if record.exists() else None
        if server is not None:
            server.process.end(last)
        if stored is not None:
            ProcessStamp(pid=stored[0], started=stored[1]).end(last)
