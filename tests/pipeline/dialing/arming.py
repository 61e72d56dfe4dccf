"""Stops an arm just before it looks at its gates, so that a test can change them meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import RowMapping

from dialer.pipeline.dialing import place
from dialer.pipeline.upstream.partners import Partners
from dialer.store.compliance import suppressions
from tests.support.house import House
from tests.support.sandbox import SandboxProcess

_WAITING = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@asynccontextmanager
async def about_to_arm(house: House, upstream: Partners, call: RowMapping) -> AsyncIterator[None]:
    """Place a call up to the moment before its gates are judged; go on at the end."""
    async with house.context.engine.begin() as conn:
        await suppressions.guard(
            conn,
            organization_id=call["organization_id"],
            phone=call["phone"],
            exclusive=True,
        )
        placing = asyncio.create_task(place.place(house.context, upstream, call["id"]))
        while await house.rows(_WAITING) == []:
            assert not placing.done(), "it ended before its gates were judged"
            await asyncio.sleep(0.01)
        yield
    await placing


def rings(sandbox: SandboxProcess, call: RowMapping) -> int:
    """How often the phone rang for a call."""
    return sum(ring["request_id"] == str(call["id"]) for ring in sandbox.rings())


async def said(house: House, call: RowMapping) -> list[str]:
    """Why a call was released, by its timeline."""
    found = await house.rows(
        "SELECT body FROM events WHERE call_id = :id AND name = 'call.released'", id=call["id"]
    )
    return [row["body"]["why"] for row in found]
