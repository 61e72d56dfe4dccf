"""Fills runs until it is killed; started as a program with a database, a queue and a batch."""

import asyncio
import sys

from dialer.pipeline.planning import filling
from tests.support.house import open_context

PAUSE_SECONDS = 0.05


async def main(database_url: str, redis_url: str, batch: str) -> None:
    """Do what a worker's loop does."""
    async with open_context(database_url, redis_url, pool=2) as context:
        await filling.fill_all(context, batch=int(batch))
        sys.stdout.write('{"event": "ready"}\n')
        sys.stdout.flush()
        while True:
            await filling.fill_all(context, batch=int(batch))
            await asyncio.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
