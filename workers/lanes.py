"""Lanes: for each woken lane a task that claims and places until nothing is due."""

import asyncio
from uuid import UUID

import structlog

from dialer.context import Context
from dialer.pipeline.dialing.claim import Claimed, claim
from dialer.pipeline.dialing.place import place
from dialer.pipeline.upstream import duty
from dialer.pipeline.upstream.partners import Partners
from dialer.store.dialing import calls
from dialer.store.engine import is_transient

SOON_SECONDS = 0.25
LINGER_SECONDS = 2.0
_BACK_OFF_SECONDS = (0.2, 5.0)

log = structlog.get_logger(__name__)


class Lanes:
    """Runs lanes in this process; several processes may run the same lane at once."""

    def __init__(self, *, context: Context, partners: Partners, worker: str) -> None:
        self._context = context
        self._partners = partners
        self._worker = worker
        self._woken: dict[UUID, asyncio.Event] = {}
        self._runners: dict[UUID, asyncio.Task[None]] = {}
        self._flying: dict[UUID, asyncio.Task[None]] = {}
        self._reserved = 0
        self._lost_sight = False
        self._stopping = False

    @property
    def in_flight(self) -> int:
        """Calls that this process is placing."""
        return len(self._flying)

    def wake(self, agent_id: UUID) -> None:
        """Look at a lane at once. Never blocks; waking a running lane makes it look again."""
        if self._stopping:
            return
        self._woken.setdefault(agent_id, asyncio.Event()).set()
        if agent_id not in self._runners:
            task = asyncio.create_task(self._run(agent_id), name=f"lane-{agent_id}")
            self._runners[agent_id] = task

    async def take_up(self) -> None:
        """Place what this process claimed and lost sight of, as far as there is room.

        The database went away before the commit of a claim was heard of, or before a claimed
        call was read. Left alone, its number and its slot would be taken until the claim expires.
        To place a call that is being placed already does no harm.
        """
        if not self._lost_sight or self._stopping:
            return
        self._lost_sight = False
        try:
            async with self._context.engine.connect() as conn:
                mine = await calls.claimed_by(conn, self._worker)
        except Exception:
            self._lost_sight = True
            raise
        strays = [call_id for call_id in mine if call_id not in self._flying]
        room = self._free()
        for call_id in strays[:room]:
            self._fly(call_id)
        self._lost_sight |= len(strays) > room

    async def stop(self, *, seconds: float) -> int:
        """Claim nothing more, and wait for the calls under way; how many are left."""
        self._stopping = True
        for woken in self._woken.values():
            woken.set()
        # Runners are not cancelled: a claim that has begun is finished and its calls placed.
        await asyncio.gather(*self._runners.values(), return_exceptions=True)
        if self._flying:
            await asyncio.wait(self._flying.values(), timeout=seconds)
        return len(self._flying)

    async def _run(self, agent_id: UUID) -> None:
        woken = self._woken[agent_id]
        pause = _BACK_OFF_SECONDS[0]
        try:
            while not self._stopping:
                woken.clear()
                try:
                    claimed = await self._look(agent_id)
                    pause = _BACK_OFF_SECONDS[0]
                except Exception as error:  # noqa: BLE001 -- a lane outlives any failure
                    self._lost_sight = True
                    log.warning("lane_failed", agent_id=str(agent_id), error=repr(error)[:300])
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _BACK_OFF_SECONDS[1])
                    continue
                if not await self._pause(woken, claimed):
                    return
        finally:
            del self._runners[agent_id]

    async def _look(self, agent_id: UUID) -> Claimed:
        room = self._reserve()
        if room < 1:
            return Claimed(again="soon")
        try:
            if not await duty.ready(self._context, self._partners, agent_id):
                return Claimed()
            claimed = await claim(self._context, agent_id, wanted=room, worker=self._worker)
            for call_id in claimed.call_ids:
                self._fly(call_id)
            return claimed
        finally:
            self._reserved -= room

    def _reserve(self) -> int:
        """Take a fair share of what this process may have under way, before anything waits."""
        share = self._context.settings.calls_in_flight // max(1, len(self._runners))
        room = min(self._free(), max(1, share))
        self._reserved += room
        return room

    def _free(self) -> int:
        most = self._context.settings.calls_in_flight
        return max(0, most - len(self._flying) - self._reserved)

    def _fly(self, call_id: UUID) -> None:
        if call_id in self._flying:
            return
        task = asyncio.create_task(self._place(call_id), name=f"call-{call_id}")
        self._flying[call_id] = task
        task.add_done_callback(lambda _: self._flying.pop(call_id, None))

    async def _place(self, call_id: UUID) -> None:
        try:
            await place(self._context, self._partners, call_id)
        except Exception as error:
            # The row tells how far it came; whoever looks next takes it from there.
            self._lost_sight = True
            if is_transient(error):
                log.warning("place_failed", call_id=str(call_id), error=type(error).__name__)
            else:
                log.exception("place_failed", call_id=str(call_id))

    async def _pause(self, woken: asyncio.Event, claimed: Claimed) -> bool:
        """Wait for the next look; False when the lane has nothing to do for now."""
        if claimed.again == "now":
            return True
        seconds = SOON_SECONDS if claimed.again == "soon" else LINGER_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            return claimed.again == "soon"
        return True
