"""Something that can't be taken back waits for a typed yes, or for --yes where nobody can type."""

import os
import pty
import subprocess

import pytest

from tests.outdial.host import CHECKOUT
from tests.outdial.serving import COMMAND
from tests.outdial.upstream.beside import Beside

ARGUMENTS = ("agents", "call", "agent_demo", "+12125550151", "--business", "biz_demo")


def type_in(beside: Beside, typed: str) -> subprocess.CompletedProcess[str]:
    """Runs the command for somebody at a terminal, who types that."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed.encode())
        return subprocess.run(  # noqa: S603 - our own program
            [*COMMAND, *ARGUMENTS],
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=CHECKOUT,
            env={**os.environ, **beside.environ},
        )
    finally:
        os.close(ours)
        os.close(theirs)


def rung(beside: Beside) -> int:
    """How many phones rang."""
    return len(beside.sandbox.rings())


def test_a_typed_yes_goes_on(beside: Beside) -> None:
    before = rung(beside)
    ended = type_in(beside, "yes\n")
    assert ended.returncode == 0, ended.stderr
    assert "This rings +12125550151 now: a real phone" in ended.stderr
    assert rung(beside) == before + 1


@pytest.mark.parametrize("typed", ["y\n", "no\n", "\n", "\x04"], ids=["y", "no", "enter", "end"])
def test_anything_else_does_nothing(beside: Beside, typed: str) -> None:
    before = rung(beside)
    ended = type_in(beside, typed)
    assert ended.returncode == 1
    assert ended.stderr.endswith("outdial: nothing was done\n")
    assert rung(beside) == before
