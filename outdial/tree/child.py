"""Runs one child program for as long as it is wanted, restarting it with back-off."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from outdial.machine.processes import ProcessStamp
from outdial.speaking.lines import clean

_POLL_SECONDS = 0.05
_READY_SECONDS = 60.0
_READY_EVENT = "ready"
_DRAIN_SECONDS = 2.0
_GIVE_UP_STARTS = 3
_LAST_LINES = 15
_LINE_BYTES = 64 * 1024
# A child that ran this long was healthy: its next crash begins the back-off anew.
_HEALTHY_SECONDS = 60.0
_DELAYS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# A worker waits up to 35 s for the calls it has sent (OUTDIAL_DRAIN_SECONDS): cutting it off
# earlier would leave calls unknown for no reason.
STOP_STEPS = ((signal.SIGTERM, 40.0), (signal.SIGKILL, 5.0))


class ChildFailedError(Exception):
    """A child program doesn't come up."""

    code = "child_failed"


class StartInterruptedError(Exception):
    """The tree was told to stop while a child was starting."""

    code = "start_interrupted"


@dataclass(frozen=True, kw_only=True)
class Program:
    """A child program.

    It is ready once it prints, on a line of its own, a JSON object whose `event` is `ready`. That
    line isn't shown.

    Attributes:
        name: What people call it.
        argv: The program and its arguments; no secrets, every local user can read them.
        env: Its whole environment.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Watchers:
    """Who is told about children; called from their threads.

    Attributes:
        line: Takes a child's name and a line that it printed, cleaned.
        note: Takes a child's name and what the supervisor has to say about it.
        started: Takes a child's name and process, at every start.
        ended: Takes its process, after every end.
    """

    line: Callable[[str, str], None]
    note: Callable[[str, str], None]
    started: Callable[[str, ProcessStamp], None]
    ended: Callable[[ProcessStamp], None]


class Child:
    """One program kept running from `start` to `stop`."""

    def __init__(self, *, program: Program, watchers: Watchers) -> None:
        """Takes the program; nothing runs yet.

        Args:
            program: What to run.
            watchers: Who is told.
        """
        self._program = program
        self._watchers = watchers
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._announced = threading.Event()
        self._announcement: dict[str, Any] = {}
        self._starts = 0
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._spawning = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name=program.name, daemon=True)

    @property
    def announcement(self) -> Mapping[str, Any]:
        """The JSON object with which it last said that it is ready."""
        return self._announcement

    def start(self, interrupted: threading.Event) -> None:
        """Starts the program and waits until it is ready.

        Args:
            interrupted: Set by whoever wants the tree stopped meanwhile.

        Raises:
            ChildFailedError: It ended three times, or wasn't ready within 60 seconds.
            StartInterruptedError: `interrupted` was set.
        """
        self._thread.start()
        deadline = time.monotonic() + _READY_SECONDS
        while not self._announced.is_set():
            if interrupted.wait(_POLL_SECONDS):
                raise StartInterruptedError(self._program.name)
            if self._starts > _GIVE_UP_STARTS or time.monotonic() > deadline:
                said = "\n".join(self._last_lines)
                raise ChildFailedError(f"{self._program.name} does not start. It said:\n{said}")

    def stop(self, hurry: threading.Event) -> None:
        """Ends the program for good: SIGTERM, and SIGKILL to its group after 40 seconds.

        Args:
            hurry: Once set, SIGKILL follows at once.
        """
        self._stopping.set()
        with self._spawning:
            process = self._process
        if process is not None:
            for number, seconds in STOP_STEPS:
                _signal(process, number)
                if _ended_within(process, seconds, hurry):
                    break
        if self._thread.is_alive():
            self._thread.join(_DRAIN_SECONDS)

    def _keep(self) -> None:
        crashes = 0
        while (process := self._spawn()) is not None:
            began = time.monotonic()
            code = self._attend(process)
            if self._stopping.is_set():
                return
            crashes = 0 if time.monotonic() - began > _HEALTHY_SECONDS else crashes
            delay = _DELAYS[min(crashes, len(_DELAYS) - 1)]
            crashes += 1
            self._watchers.note(
                self._program.name, f"ended with {_describe(code)}; starting again in {delay:g} s"
            )
            self._stopping.wait(delay)

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        with self._spawning:
            if self._stopping.is_set():
                return None
            self._starts += 1
            self._process = subprocess.Popen(  # noqa: S603 - our own programs, arguments are ours
                self._program.argv,
                env=dict(self._program.env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal reaches the parent only, which stops children in order.
                process_group=0,
            )
            return self._process

    def _attend(self, process: subprocess.Popen[bytes]) -> int:
        stamp = ProcessStamp.of(process.pid)
        if stamp is not None:
            self._watchers.started(self._program.name, stamp)
        # Its own thread: a grandchild may hold the pipe open after the child has ended.
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        code = process.wait()
        reader.join(_DRAIN_SECONDS)
        if stamp is not None:
            self._watchers.ended(stamp)
        return code

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        with process.stdout as stream:
            while raw := stream.readline(_LINE_BYTES):
                if not self._announces(raw):
                    text = clean(raw)
                    self._last_lines.append(text)
                    self._watchers.line(self._program.name, text)

    def _announces(self, raw: bytes) -> bool:
        if not raw.startswith(b"{"):
            return False
        try:
            said = json.loads(raw)
        except ValueError:
            return False
        if said.get("event") != _READY_EVENT:
            return False
        if self._announced.is_set():
            self._watchers.note(self._program.name, "is back")
        self._announcement = said
        self._announced.set()
        return True


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if number is signal.SIGKILL and process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
    else:
        process.send_signal(number)


def _ended_within(
    process: subprocess.Popen[bytes], seconds: float, hurry: threading.Event
) -> bool:
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if hurry.is_set():
            _signal(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _describe(code: int) -> str:
    if code >= 0:
        return f"code {code}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"
