"""Ends the processes of a parent that died without stopping them.

A parent killed with SIGKILL can't stop its children, and children that dial phones must not go on
alone. The warden is a small process whose standard input is a pipe from the parent. The kernel
closes that pipe whatever the parent dies of; then the warden ends what it was told to watch.

Why not let each child watch its parent: the sandbox, the API and the worker are programs of their
own, also run without a parent, and would each need the same code. Why not Linux's parent-death
signal: macOS has none, and it fires when the *thread* that started the child ends.
"""

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from outdial.machine.processes import ProcessStamp

Steps = Sequence[tuple[signal.Signals, float]]


class Warden:
    """The parent's end: started with the first process to watch, dismissed after a clean stop."""

    def __init__(self) -> None:
        """Starts the warden's process, in a group of its own so that Ctrl-C passes it by."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "outdial.tree.warden"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def watch(self, stamp: ProcessStamp, steps: Steps) -> None:
        """Has a process ended after this one's death; the last watched ends first.

        Args:
            stamp: The process.
            steps: The signals to end it with, each with the seconds to wait after it.
        """
        self._tell(
            {"watch": stamp.pid, "started": stamp.started, "steps": [[*step] for step in steps]}
        )

    def forget(self, stamp: ProcessStamp) -> None:
        """Stops watching a process.

        Args:
            stamp: The process.
        """
        self._tell({"forget": stamp.pid})

    def dismiss(self) -> None:
        """Ends the warden, leaving alone whatever it still watches."""
        self._tell({"dismiss": True})
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process.wait()

    def _tell(self, message: dict[str, Any]) -> None:
        # A warden that someone killed leaves the next start to replace what was orphaned.
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(message).encode() + b"\n")
                self._process.stdin.flush()


def keep_watch(lines: Iterable[str]) -> None:
    """Reads what to watch until the parent dismisses the warden, or dies and is mourned.

    Args:
        lines: The parent's messages, one JSON object a line; their end is the parent's death.
    """
    watched: dict[int, tuple[ProcessStamp, Steps]] = {}
    for line in lines:
        message = json.loads(line)
        if "dismiss" in message:
            return
        if "forget" in message:
            watched.pop(message["forget"], None)
        else:
            stamp = ProcessStamp(pid=message["watch"], started=message["started"])
            steps = [(signal.Signals(number), seconds) for number, seconds in message["steps"]]
            watched[stamp.pid] = (stamp, steps)
    for mourned, last_steps in reversed(watched.values()):
        mourned.end(last_steps)


def main() -> None:
    """Runs the warden on standard input, deaf to the signals that end its parent."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    keep_watch(sys.stdin)


if __name__ == "__main__":
    main()
