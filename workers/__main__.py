"""`python -m workers`: one worker process, until SIGTERM or SIGINT."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Sequence

import structlog
import uvloop
from pydantic import ValidationError

from dialer import logs
from dialer.context import Context
from dialer.pipeline.dialing.warm import warm_up
from dialer.pipeline.reconciling import restored
from dialer.pipeline.settling.tidy import bury
from dialer.pipeline.upstream.partners import Partners
from dialer.settings import Settings
from dialer.store import version
from dialer.store.engine import create_engine
from dialer.vault import Vault
from dialer.wakeups import TROUBLE, QueueWakeups, connect
from dialer.witness import FileKeeper, Keeper, ValkeyKeeper
from workers import loops, queue, slots
from workers.lanes import Lanes

BAD_SETTING = 2
STALE_SCHEMA = 4
CANCELLATIONS = 10

log = structlog.get_logger(__name__)


async def work(settings: Settings) -> int:
    """Run until told to stop; the exit code."""
    engine = create_engine(
        settings.database_url.get_secret_value(),
        pool=settings.database_pool,
        name="worker",
        ping=False,
    )
    redis = connect(settings.redis_url.get_secret_value())
    context = Context(
        settings=settings,
        engine=engine,
        wakeups=QueueWakeups(redis=redis),
        vault=Vault(key=settings.secret_key.get_secret_value()),
    )
    try:
        async with engine.connect() as conn:
            if not await version.is_current(conn):
                log.error("schema_is_stale", remedy="run `outdial migrate`")
                return STALE_SCHEMA
        keepers = (
            FileKeeper(folder=settings.home / "witness"),
            ValkeyKeeper(redis=redis),
        )
        await warm_up(context)
        # Before anything dials: the database may be an older copy than what was seen last.
        await restored.beat(context, keepers, first=True)
        return await _run(context, keepers)
    finally:
        await engine.dispose()
        with contextlib.suppress(*TROUBLE):
            await redis.aclose()
            await redis.connection_pool.disconnect()


async def _run(context: Context, keepers: Sequence[Keeper]) -> int:
    slot = slots.take(context.settings.home / "slots")
    partners = Partners(context=context)
    lanes = Lanes(context=context, partners=partners, worker=slot.worker)
    if slot.former is not None:
        await bury(context, slot.former)
    slot.sign()
    tasks = [asyncio.create_task(queue.listen(context.settings, lanes), name="queue")]
    for name, (seconds, do) in loops.all_of(context, partners, lanes, keepers).items():
        tasks.append(asyncio.create_task(loops.repeat(name, seconds, do), name=name))
    stop = _told_to_stop()
    sys.stdout.write(json.dumps({"event": "ready", "worker": slot.worker}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await _cancel(tasks)
    left = await lanes.stop(seconds=context.settings.drain_seconds)
    await partners.aclose()
    await context.webhooks.aclose()
    log.info("worker_stopped", left_in_flight=left)
    slot.file.close()
    return 0


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    # More than once: a library in the middle of a connection's clean-up may swallow the first.
    pending = set(tasks)
    for _ in range(CANCELLATIONS):
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.5)
        if not pending:
            return
    log.warning("tasks_left", tasks=[task.get_name() for task in pending])


def _told_to_stop() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def main() -> None:
    """Read the settings and run."""
    try:
        settings = Settings()
    except ValidationError as error:
        # The values may be secrets: only names and reasons are told.
        for found in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in found["loc"]).upper()
            sys.stderr.write(f"OUTDIAL_{name}: {found['msg']}\n")
        sys.exit(BAD_SETTING)
    logs.configure(level=settings.log_level, style=settings.log_format)
    sys.exit(uvloop.run(work(settings)))


if __name__ == "__main__":
    main()
