"""A whole Outdial for a measurement: the tests' system, at real speed, with everybody awake."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import anyio.to_thread

from outdial.machine.database import upgrade
from tests.support.servers import create_database, drop_database, postgres_url, valkey_url
from tests.support.system import System, running_system


@asynccontextmanager
async def stack(*, speed: float = 1.0, **settings: str) -> AsyncIterator[System]:
    """A system on servers of its own; every call is answered and talked on."""
    name = f"bench_{uuid4().hex}"
    url = create_database(postgres_url(), name)
    await anyio.to_thread.run_sync(upgrade, url)
    with tempfile.TemporaryDirectory(prefix="outdial-bench-") as home:
        async with running_system(
            database_url=url, redis_url=valkey_url(), home=Path(home), speed=speed, **settings
        ) as system:
            yield system
    drop_database(postgres_url(), name)


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
