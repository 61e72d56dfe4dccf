"""The recurring work of a worker process, each in a loop of its own that survives failures."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from dialer.context import Context
from dialer.pipeline.planning import filling, schedules
from dialer.pipeline.reconciling import late, refusals, restored
from dialer.pipeline.reconciling.reconcile import reconcile
from dialer.pipeline.settling.tidy import bury, tidy
from dialer.pipeline.upstream import duty
from dialer.pipeline.upstream.partners import Partners
from dialer.store import organizations
from dialer.store.dialing import agents, tallies
from dialer.witness import Keeper
from workers import slots
from workers.lanes import Lanes

SWEEP_SECONDS = 1.0
RECONCILE_SECONDS = 0.2
WARM_SECONDS = 3.0
BURY_SECONDS = 1.0
REFUSALS_SECONDS = 1.0
DECIDED_SECONDS = 10.0
BEAT_SECONDS = 1.0
RECOVERY_SECONDS = 2.0
TALLIES_SECONDS = 60.0
SCHEDULES_SECONDS = 5.0
RUNS_SECONDS = 1.0

log = structlog.get_logger(__name__)


async def repeat(name: str, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work every so often, for ever; a failure is logged and tried again."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 -- the loop outlives any failure
            log.warning("loop_failed", loop=name, error=repr(error)[:300])
        await asyncio.sleep(seconds)


async def sweep(context: Context, lanes: Lanes) -> None:
    """Wake the lanes that have work, whatever became of their wake-ups, and tidy up."""
    async with context.engine.connect() as conn:
        due = await agents.with_work(conn)
    for agent_id in due:
        lanes.wake(agent_id)
    await lanes.take_up()
    await tidy(context)


async def read_histories(context: Context, partners: Partners) -> None:
    """Read the history of every organization whose turn it is."""
    async with context.engine.connect() as conn:
        due = await organizations.with_work(conn)
    # Side by side: one tenant's slow upstream must not delay the others.
    readings = (reconcile(context, partners, row["id"]) for row in due)
    for outcome in await asyncio.gather(*readings, return_exceptions=True):
        if isinstance(outcome, BaseException):
            log.warning("history_failed", error=repr(outcome)[:300])


async def look_for_the_refused(context: Context, partners: Partners) -> None:
    """Look once for calls that were refused a minute ago."""
    looks = (refusals.look(context, partners, id_) for id_ in await refusals.due(context))
    for outcome in await asyncio.gather(*looks, return_exceptions=True):
        if isinstance(outcome, BaseException):
            log.warning("refusals_failed", error=repr(outcome)[:300])


async def look_for_the_decided(context: Context, partners: Partners) -> None:
    """Look, ever more rarely, for calls that a person decided lately."""
    due = await late.due(context)
    looks = (late.look(context, partners, id_, call_ids) for id_, call_ids in due.items())
    for outcome in await asyncio.gather(*looks, return_exceptions=True):
        if isinstance(outcome, BaseException):
            log.warning("decided_failed", error=repr(outcome)[:300])


async def count_on(context: Context, keepers: Sequence[Keeper]) -> None:
    """Let the database's counter grow, so that a copy of it is known by its age."""
    await restored.beat(context, keepers)


async def bury_the_dead(context: Context) -> None:
    """Free what workers of this machine left behind when they died."""
    for worker in slots.abandoned(context.settings.home / "slots"):
        await bury(context, worker)


async def add_up(context: Context) -> None:
    """Add up what campaigns with a limit have used, so that claims needn't."""
    async with context.engine.begin() as conn:
        await tallies.settle(conn)


def all_of(
    context: Context, partners: Partners, lanes: Lanes, keepers: Sequence[Keeper]
) -> dict[str, tuple[float, Callable[[], Awaitable[None]]]]:
    """Every loop by name: its period in seconds, and its work."""
    return {
        "sweep": (SWEEP_SECONDS, lambda: sweep(context, lanes)),
        "reconcile": (RECONCILE_SECONDS, lambda: read_histories(context, partners)),
        "beat": (BEAT_SECONDS, lambda: count_on(context, keepers)),
        "recovery": (RECOVERY_SECONDS, lambda: restored.recover(context, partners)),
        "refusals": (REFUSALS_SECONDS, lambda: look_for_the_refused(context, partners)),
        "decided": (DECIDED_SECONDS, lambda: look_for_the_decided(context, partners)),
        "burials": (BURY_SECONDS, lambda: bury_the_dead(context)),
        "tallies": (TALLIES_SECONDS, lambda: add_up(context)),
        "duty": (WARM_SECONDS, lambda: duty.keep_warm(context, partners)),
        "schedules": (SCHEDULES_SECONDS, lambda: schedules.run_due(context)),
        "runs": (RUNS_SECONDS, lambda: filling.fill_all(context)),
    }
