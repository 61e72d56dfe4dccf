"""Forks our programs out of a process that has imported them, so that a start costs no seconds.

What runs is the program's own `main` in a process of its own, with its own environment, signals
and sockets: it can be killed and frozen like any other. Only the imports are shared.

`python -m tests.faults.rig.nursery FD` serves on that socket, until it is closed.
"""

import gc
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import IO, Any, Self

from tests.support.sandbox import ROOT

PROGRAMS = ("workers", "service")
MESSAGE = 65_536
LOOK_SECONDS = 0.01


@dataclass(eq=False)
class Child:
    """A forked program.

    Attributes:
        pid: Its process id, its own until its end was asked for.
        stdout: What it says.
    """

    pid: int
    stdout: IO[bytes]
    nursery: "Nursery"
    code: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        if self.code is None:
            self.code = self.nursery.ask({"poll": self.pid})["code"]
        return self.code

    def wait(self, seconds: float) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: It goes on for longer.
        """
        deadline = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), seconds)
            time.sleep(LOOK_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """Signal it, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)


@dataclass(eq=False)
class Nursery:
    """The process that forks."""

    _ours: socket.socket = field(init=False)
    _process: subprocess.Popen[bytes] = field(init=False)
    _lock: RLock = field(default_factory=RLock)

    def __enter__(self) -> Self:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 -- this module
                [sys.executable, "-m", "tests.faults.rig.nursery", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.close()
        self._process.wait(30)

    def fork(self, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
        """Run `python -m module` with an environment of its own."""
        reading, writing = os.pipe()
        try:
            told = {"module": module, "arguments": list(arguments), "environ": dict(environment)}
            made = self.ask(told, writing)
        finally:
            os.close(writing)
        return Child(made["pid"], os.fdopen(reading, "rb"), self)

    def ask(self, question: Mapping[str, Any], *files: int) -> dict[str, Any]:
        """Ask the forking process."""
        with self._lock:
            socket.send_fds(self._ours, [json.dumps(question).encode()], list(files))
            answer: dict[str, Any] = json.loads(self._ours.recv(MESSAGE))
        return answer


def main() -> None:
    """Import the programs, then fork one at each request."""
    for name in PROGRAMS:
        __import__(f"{name}.__main__")
    # Whatever was imported is never looked through again, so that children share its memory.
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        ends: dict[int, int | None] = {}
        try:
            _serve(asked, ends)
        finally:
            for pid in [pid for pid, code in ends.items() if code is None]:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _serve(asked: socket.socket, ends: dict[int, int | None]) -> None:
    while True:
        message, files, _, _ = socket.recv_fds(asked, MESSAGE, 1)
        if not message:
            return
        asked.send(json.dumps(_answer(json.loads(message), files, asked, ends)).encode())


def _answer(
    told: Mapping[str, Any],
    files: Sequence[int],
    asked: socket.socket,
    ends: dict[int, int | None],
) -> dict[str, Any]:
    if "poll" in told:
        return {"code": _end_of(told["poll"], ends)}
    pid = os.fork()
    if pid == 0:
        asked.close()
        _become(told, files[0])
    os.close(files[0])
    ends[pid] = None
    return {"pid": pid}


def _end_of(pid: int, ends: dict[int, int | None]) -> int | None:
    # A process can be waited for once; whoever asks again is told what was found.
    if ends[pid] is None:
        found, status = os.waitpid(pid, os.WNOHANG)
        ends[pid] = os.waitstatus_to_exitcode(status) if found else None
    return ends[pid]


def _become(told: Mapping[str, Any], output: int) -> None:
    os.setsid()
    os.dup2(output, sys.stdout.fileno())
    os.close(output)
    os.environ.clear()
    os.environ.update(told["environ"])
    # What was drawn before the fork would be drawn again in each child.
    random.seed()
    # It was imported, not run: as the main module it begins anew.
    sys.modules.pop(f"{told['module']}.__main__", None)
    sys.argv = [told["module"], *told["arguments"]]
    code: object = 1
    try:
        runpy.run_module(told["module"], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
