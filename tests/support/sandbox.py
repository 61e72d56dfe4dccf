"""Starts the sandbox as a process of its own, turns it, and reads what rang."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import httpx2

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
STOP_SECONDS = 10.0
CONTROL_KEY = "test-control-key"


class SandboxProcess:
    """A running sandbox: ``with SandboxProcess() as sandbox`` or ``async with`` alike.

    It listens on a free port of the loopback interface and keeps that port over ``restart``.

    Args:
        data: Folder that keeps its state, which alone survives ``restart``; else memory.
        seed: Decides every chance.
        clock_start: Virtual time at the start, ISO 8601; the real time if omitted. It goes on
            from there over ``restart``.
        clock_speed: Virtual seconds per real second.
        port: Port; 0 takes a free one.
        fsync: Have it wait for the disk after each line.
    """

    def __init__(
        self,
        *,
        data: Path | None = None,
        seed: int = 7,
        clock_start: str | None = None,
        clock_speed: float = 1.0,
        port: int = 0,
        fsync: bool = False,
    ) -> None:
        self._fixed = ["--seed", str(seed)]
        self._fixed += ["--data", str(data)] if data else []
        self._fixed += ["--fsync"] if fsync else []
        self._timing = _timing(clock_speed, clock_start, time.time())
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._control: httpx2.Client | None = None
        self.url = ""
        self.base_url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process's id.

        Raises:
            RuntimeError: It does not run.
        """
        if self._process is None:
            raise RuntimeError("the sandbox does not run")
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            RuntimeError: It ended, or said nothing for 30 s.
        """
        options = ["--port", str(self._port), *self._fixed, *self._timing]
        self._process = subprocess.Popen(  # noqa: S603 -- our own program with our own options
            [sys.executable, "-m", "sandbox", *options],
            cwd=ROOT,
            env=os.environ | {"SANDBOX_CONTROL_KEY": CONTROL_KEY},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        try:
            ready = json.loads(_first_line(self._process))
        except BaseException:
            self.kill()
            raise
        self.url, self.base_url = ready["url"], ready["base_url"]
        self._port = httpx2.URL(self.url).port or 0
        self._control = httpx2.Client(
            base_url=f"{self.url}/sandbox/",
            headers={"X-Sandbox-Key": CONTROL_KEY},
            trust_env=False,
        )

    def stop(self) -> int | None:
        """Ask it to stop and wait; its exit code, or ``None`` when it did not run."""
        if self._process is not None:
            self._process.terminate()
        return self._reap()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
        self._reap()

    def restart(self) -> None:
        """Stop it, then start it again on the same port."""
        self.stop()
        self.start()

    def rings(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Every ring numbered above ``after``, oldest first."""
        rings: list[dict[str, Any]] = []
        while True:
            page = self.control("GET", f"rings?after={after}&limit=10000")
            rings += page["items"]
            after = rings[-1]["seq"] if rings else after
            if not page["items"] or after >= page["last_seq"]:
                return rings

    def fault(self, name: str, **settings: Any) -> str:  # noqa: ANN401 -- settings differ by fault
        """Set a fault; its id."""
        return str(self.control("POST", "faults", {"name": name, **settings})["id"])

    def faults(self) -> list[dict[str, Any]]:
        """The faults set since the last clearing, with their hits."""
        found: list[dict[str, Any]] = self.control("GET", "faults")["items"]
        return found

    def clear_faults(self) -> None:
        """Lift all faults."""
        self.control("DELETE", "faults")

    def set_agent(self, agent_id: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- booleans and a type
        """Change an agent: ``on_duty``, ``deployed``, ``type``."""
        return self.control("PUT", f"agents/{agent_id}", changes)

    def set_outcomes(self, mix: Mapping[str, float]) -> None:
        """Choose how calls from now on turn out: weights by outcome."""
        self.control("PUT", "outcomes", {"mix": dict(mix)})

    def set_latency(self, **milliseconds: float) -> None:
        """Choose how slowly it answers: ``call_ms``, ``history_ms``."""
        self.control("PUT", "latency", milliseconds)

    def add(self, kind: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 -- fields differ by kind
        """Add ``organizations``, ``credentials``, ``businesses``, ``agents`` or ``leads``."""
        return self.control("POST", kind, fields)

    def call(self, call_id: str) -> dict[str, Any]:
        """A call with its fate, also what the API does not show."""
        return self.control("GET", f"calls/{call_id}")

    def stats(self) -> dict[str, Any]:
        """Requests, rings and calls, counted."""
        return self.control("GET", "stats")

    def clock(self) -> dict[str, Any]:
        """Virtual and real time."""
        return self.control("GET", "clock")

    def move_clock(
        self,
        *,
        to: datetime | None = None,
        seconds: float | None = None,
        speed: float | None = None,
    ) -> dict[str, Any]:
        """Let virtual time leap forward, over `restart` too: to an instant, or by seconds.

        Args:
            to: An aware instant.
            seconds: Virtual seconds from now.
            speed: Virtual seconds per real second from then on; as it was if omitted.

        Raises:
            RuntimeError: It does not run, or refused, since the instant is past, say.
        """
        given = {"now": to and to.isoformat(), "advance_seconds": seconds, "speed": speed}
        clock = self.control("PUT", "clock", given)
        self._timing = _timing(clock["speed"], clock["start"], clock["real_start"])
        return clock

    def control(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Send one request to the control interface.

        Raises:
            RuntimeError: It does not run, or refused; the message says why.
        """
        if self._control is None:
            raise RuntimeError("the sandbox does not run")
        answer = self._control.request(method, path, json=body)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        parsed: dict[str, Any] = answer.json()
        return parsed

    def _reap(self) -> int | None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is None:
            return None
        process, self._process = self._process, None
        try:
            return process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            if process.stdout is not None:
                process.stdout.close()


def _timing(speed: float, start: str | None, real_start: float) -> list[str]:
    options = ["--clock-speed", str(speed)]
    if start is not None:
        options += ["--clock-start", start, "--clock-real-start", repr(real_start)]
    return options


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    if process.stdout is None:
        raise RuntimeError("the sandbox has no output")
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(timeout=START_SECONDS):
            raise RuntimeError("the sandbox said nothing in time")
    return _line(process.stdout)


def _line(stream: IO[bytes]) -> bytes:
    line = stream.readline()
    if not line:
        raise RuntimeError("the sandbox ended before it listened; see its standard error")
    return line
