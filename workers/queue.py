"""The arq worker: takes wake-ups, and is started again whenever its queue goes away."""

import asyncio
import contextlib
from uuid import UUID, uuid4

import structlog
from arq.worker import Worker, func

from dialer import clock
from dialer.settings import Settings
from dialer.wakeups import (
    EXPIRES_SECONDS,
    JOB,
    QUEUE,
    TROUBLE,
    connect,
    deserialize,
    serialize,
)
from workers.lanes import Lanes

_BACK_OFF_SECONDS = (0.2, 3.0)

log = structlog.get_logger(__name__)


async def wake_lane(ctx: dict[str, object], agent_id: str) -> None:
    """The only job: look at a lane."""
    lanes = ctx["lanes"]
    if isinstance(lanes, Lanes):
        with contextlib.suppress(ValueError):
            lanes.wake(UUID(agent_id))


async def listen(settings: Settings, lanes: Lanes) -> None:
    """Take wake-ups for ever. Without a queue the sweep still finds work every second."""
    pause = _BACK_OFF_SECONDS[0]
    while True:
        worker = _worker(settings, lanes)
        try:
            await _forget_the_late(worker)
            await worker.async_run()
        except TROUBLE as error:
            log.warning("queue_lost", error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _BACK_OFF_SECONDS[1])
        else:
            pause = _BACK_OFF_SECONDS[0]
        finally:
            await _close(worker)


def _worker(settings: Settings, lanes: Lanes) -> Worker:
    # Settings that avoid arq's traps: an own pool with time-outs, a short poll, JSON instead of
    # pickle, no kept results, no retries (a lost wake-up is found by the sweep).
    return Worker(
        functions=[func(wake_lane, name=JOB, keep_result=0, timeout=5, max_tries=1)],
        queue_name=QUEUE,
        redis_pool=connect(settings.redis_url.get_secret_value(), connections=10),
        ctx={"lanes": lanes},
        handle_signals=False,
        poll_delay=settings.poll_delay_ms / 1000,
        max_jobs=50,
        queue_read_limit=1_000,
        job_timeout=5,
        job_completion_wait=0,
        keep_result=0,
        max_tries=1,
        retry_jobs=False,
        health_check_interval=15,
        health_check_key=f"{QUEUE}:health:{uuid4()}",
        log_results=False,
        job_serializer=serialize,
        job_deserializer=deserialize,
    )


async def _forget_the_late(worker: Worker) -> None:
    # While no worker ran, wake-ups piled up. The sweep has their work; taking them one by one
    # would only keep this worker from fresh ones.
    late = (clock.wall() - EXPIRES_SECONDS) * 1000
    await worker.pool.zremrangebyscore(QUEUE, "-inf", late)


async def _close(worker: Worker) -> None:
    with contextlib.suppress(*TROUBLE, asyncio.CancelledError):
        await worker.close()
    pool = worker._pool  # noqa: SLF001 -- arq closes it only after a healthy shutdown
    if pool is not None:
        with contextlib.suppress(*TROUBLE):
            await pool.aclose()
            await pool.connection_pool.disconnect()
