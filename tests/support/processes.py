"""Starts a program of ours for a test and waits for its ready line."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from tests.support.sandbox import ROOT

READY_SECONDS = 40


@contextmanager
def running(
    module: str, *arguments: str, environment: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Run `python -m module`, lend its ready line, and stop it at the end.

    Raises:
        RuntimeError: it was not ready in time.
    """
    process = subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        yield first_line(process.stdout)
    finally:
        process.terminate()
        try:
            process.wait(timeout=45)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def first_line(stdout: IO[bytes] | None) -> dict[str, Any]:
    """Wait for a program's ready line, which is JSON.

    Raises:
        RuntimeError: it said nothing in time, or ended.
    """
    if stdout is None:
        raise RuntimeError("the program has no output")
    with selectors.DefaultSelector() as selector:
        selector.register(stdout, selectors.EVENT_READ)
        if not selector.select(timeout=READY_SECONDS):
            raise RuntimeError("the program was not ready in time")
    said = stdout.readline()
    if not said:
        raise RuntimeError("the program ended before it was ready")
    line: dict[str, Any] = json.loads(said)
    return line
