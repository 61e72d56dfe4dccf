"""The one module that sends wake-ups. A wake-up carries an id and may always be lost."""

import asyncio
import json
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

import structlog
from arq.connections import ArqRedis
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

from dialer import clock

QUEUE = "outdial:wakeups"
JOB = "wake_lane"
_SEND_SECONDS = 0.5
_REST_SECONDS = 1.0
_BUCKET_SECONDS = 0.02
EXPIRES_SECONDS = 10
"""A wake-up that nobody took for so long has been made up for by the sweep."""

TROUBLE = (RedisError, OSError, TimeoutError, RuntimeError)
"""What a queue that is away raises. uvloop says RuntimeError, and no error of the network, of a
connection that was reset while nobody looked."""

log = structlog.get_logger(__name__)


class Wakeups(Protocol):
    """Tells workers that a lane may have work. Never raises, never waits long."""

    async def lanes(self, agent_ids: Iterable[UUID]) -> None:
        """Wake the workers for these lanes; call it after the commit."""
        ...


def serialize(job: dict[str, object]) -> bytes:
    """Encode a job as JSON: ids only, so a reader of the queue can run nothing."""
    # arq also hands over what became of a job, an exception perhaps.
    return json.dumps(job, default=str).encode()


def deserialize(body: bytes) -> dict[str, object]:
    """Decode what `serialize` wrote."""
    found: dict[str, object] = json.loads(body)
    return found


def connect(url: str, *, connections: int = 20) -> ArqRedis:
    """Connect with time-outs on every step, so that a frozen server is noticed."""
    # A socket file has no peer to lose, and its connections don't know the option.
    keepalive = {} if url.startswith("unix:") else {"socket_keepalive": True}
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=3,
        socket_timeout=3,
        socket_connect_timeout=3,
        health_check_interval=15,
        **keepalive,
    )
    return ArqRedis(
        connection_pool=pool,
        job_serializer=serialize,
        job_deserializer=deserialize,
        default_queue_name=QUEUE,
    )


class QueueWakeups:
    """Sends wake-ups through arq; while the queue is away, the sweep does its work."""

    def __init__(self, *, redis: ArqRedis) -> None:
        self._redis = redis
        self._rest_until = 0.0

    async def lanes(self, agent_ids: Iterable[UUID]) -> None:
        """Wake the workers for these lanes. A failure costs at most a second of delay."""
        if clock.monotonic() < self._rest_until:
            return
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                for agent_id in agent_ids:
                    await self._send(agent_id)
        except TROUBLE as error:
            self._rest_until = clock.monotonic() + _REST_SECONDS
            log.warning("wakeup_not_sent", error=type(error).__name__)

    async def _send(self, agent_id: UUID) -> None:
        # Many posts within one poll of a worker need one wake-up, not many.
        bucket = int(clock.wall() / _BUCKET_SECONDS)
        await self._redis.enqueue_job(
            JOB, str(agent_id), _job_id=f"{agent_id}:{bucket}", _expires=EXPIRES_SECONDS
        )
