"""A wake-up may always be lost, and whoever sends it never learns of it by an exception."""

from uuid import uuid4

import uvloop
from arq.connections import ArqRedis

from dialer.wakeups import QUEUE, QueueWakeups, connect


def _reset_unseen(redis: ArqRedis) -> int:
    """Close the kept connections under the pool, as a network does; how many there were."""
    kept = redis.connection_pool._available_connections  # noqa: SLF001 -- no other way to them
    for connection in kept:
        writer = connection._writer  # noqa: SLF001 -- likewise
        assert writer is not None
        writer.transport.abort()
    return len(kept)


async def _twice_over_a_connection_that_went_away(url: str) -> int:
    redis = connect(url)
    wakeups = QueueWakeups(redis=redis)
    try:
        await redis.zremrangebyrank(QUEUE, 0, -1)
        await wakeups.lanes([uuid4()])
        assert _reset_unseen(redis) > 0
        await wakeups.lanes([uuid4()])
        return int(await redis.zcard(QUEUE))
    finally:
        await redis.aclose()
        await redis.connection_pool.disconnect()


def test_a_connection_that_was_reset_unseen_costs_a_wake_up_and_no_more(redis_url: str) -> None:
    # The programs run on uvloop, which has words of its own for a connection that is gone.
    assert uvloop.run(_twice_over_a_connection_that_went_away(redis_url)) >= 1
