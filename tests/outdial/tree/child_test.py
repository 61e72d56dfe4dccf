"""One child: readiness, output, restart, end."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from outdial.machine.processes import ProcessStamp
from outdial.tree.child import (
    Child,
    ChildFailedError,
    Program,
    StartInterruptedError,
    Watchers,
)

READY = 'print(\'{"event": "ready", "n": 7}\', flush=True)\n'
SLEEP = "import time; time.sleep(60)"


@dataclass
class Seen:
    """What a child's watchers were told."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    started: list[ProcessStamp] = field(default_factory=list)
    ended: list[ProcessStamp] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, line: str) -> None:
        """Waits for a line."""
        with self.changed:
            assert self.changed.wait_for(lambda: line in self.lines, 60), self.lines


@contextmanager
def child_of(code: str, seen: Seen) -> Iterator[Child]:
    """Makes a child, not yet started, and stops it in the end."""

    def line(_name: str, text: str) -> None:
        with seen.changed:
            seen.lines.append(text)
            seen.changed.notify_all()

    made = Child(
        program=Program(name="child", argv=(sys.executable, "-c", code), env=os.environ),
        watchers=Watchers(
            line=line,
            note=lambda _name, text: seen.notes.append(text),
            started=lambda _name, stamp: seen.started.append(stamp),
            ended=seen.ended.append,
        ),
    )
    try:
        yield made
    finally:
        made.stop(threading.Event())


def test_the_ready_line_is_kept_and_not_shown() -> None:
    seen = Seen()
    other = json.dumps({"event": "other"})
    code = f"print('first'); print('{other}'); print('{{broken')\n{READY}print('last')\n{SLEEP}"
    with child_of(
        "import sys; sys.stdout.reconfigure(line_buffering=True)\n" + code, seen
    ) as child:
        child.start(threading.Event())
        assert child.announcement == {"event": "ready", "n": 7}
        seen.wait_for("last")
        assert seen.lines == ["first", other, "{broken", "last"]
        assert seen.started[0].running()
    assert seen.ended == seen.started
    assert not seen.started[0].running()
    assert seen.notes == []


def test_an_endless_line_is_shown_in_pieces() -> None:
    seen = Seen()
    with child_of(f"{READY}print('x' * 200_000 + 'y', flush=True)\n{SLEEP}", seen) as child:
        child.start(threading.Event())
        with seen.changed:
            assert seen.changed.wait_for(lambda: seen.lines[-1:] and seen.lines[-1][-1] == "y", 60)
        assert max(map(len, seen.lines)) == 64 * 1024
        assert sum(map(len, seen.lines)) == 200_001


def test_an_object_that_is_no_message_is_a_line() -> None:
    seen = Seen()
    with child_of(f"print('{{}}', flush=True)\n{READY}{SLEEP}", seen) as child:
        child.start(threading.Event())
        assert seen.lines == ["{}"]


def test_a_child_that_keeps_ending_is_given_up_with_its_words() -> None:
    seen = Seen()
    with child_of("print('\\x1b[2Jthe reason'); raise SystemExit(9)", seen) as child:
        with pytest.raises(ChildFailedError, match=r"^child does not .* said:\nthe reason"):
            child.start(threading.Event())
        assert seen.notes[:2] == [
            "ended with code 9; starting again in 0.5 s",
            "ended with code 9; starting again in 1 s",
        ]


def test_a_start_ends_when_it_is_no_longer_wanted() -> None:
    seen = Seen()
    interrupted = threading.Event()
    interrupted.set()
    with child_of(SLEEP, seen) as child, pytest.raises(StartInterruptedError):
        child.start(interrupted)
    assert not any(stamp.running() for stamp in seen.started)


def test_a_grandchild_that_holds_the_output_does_not_hold_up_the_end() -> None:
    seen = Seen()
    code = (
        "import subprocess, sys\n"
        f"other = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
        f"print(other.pid, flush=True)\n{READY}{SLEEP}"
    )
    with child_of(code, seen) as child:
        child.start(threading.Event())
        other = ProcessStamp.of(int(seen.lines[0]))
    assert seen.ended == seen.started
    assert other is not None
    assert other.running()
    os.kill(other.pid, 9)
