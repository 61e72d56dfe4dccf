"""Moves campaign time and the sandbox's forward at once, by the same numbers."""

import asyncio
from datetime import UTC, datetime, timedelta

from dialer.context import Context
from dialer.store import clock
from tests.support.sandbox import SandboxProcess

_MILLISECOND = timedelta(milliseconds=1)
_SHORT = timedelta(milliseconds=50)


async def leap(context: Context, sandbox: SandboxProcess, *, to: datetime) -> None:
    """Let it be an instant on both clocks, which then agree exactly.

    Args:
        context: Whose database.
        sandbox: Whose clock shows whole milliseconds: the instant is rounded up to one.
        to: Aware; nothing happens when it is not ahead.
    """
    whole = to - timedelta(microseconds=to.microsecond % 1000)
    given = whole if whole == to else whole + _MILLISECOND
    ahead = given - datetime.fromisoformat(sandbox.clock()["now"])
    if ahead < _SHORT:
        # It comes by itself, and might have come before the clock could be moved.
        await asyncio.sleep(max(ahead.total_seconds(), 0.0))
        return
    moved = sandbox.move_clock(to=given)
    async with context.engine.begin() as conn:
        await clock.set_rehearsal(
            conn,
            virtual_start=datetime.fromisoformat(moved["start"]),
            real_start=datetime.fromtimestamp(moved["real_start"], UTC),
            factor=moved["speed"],
        )
