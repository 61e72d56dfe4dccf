"""Carries out one strike, and takes it back when its time is over."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from dialer import clock
from dialer.pipeline.compliance.suppress import suppress
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import ConflictError
from dialer.store.engine import is_transient
from dialer.wakeups import connect
from tests.faults.campaign.draw import LAG_SECONDS, SECONDS_OF, Kind, Strike
from tests.faults.rig.program import Program
from tests.faults.rig.proxy import Do, Proxy
from tests.faults.rig.rig import Rig
from tests.support.people import leads

AGENT = "agent_demo"
TRIES = 50


@dataclass
class Deeds:
    """What was done, by real time in seconds since 1970, for the judge.

    Attributes:
        kills: When programs were killed.
        paused: From when to when nothing of the campaign may be armed.
        suppressed: From when on a number may not be armed.
    """

    kills: list[float] = field(default_factory=list)
    paused: list[tuple[float, float]] = field(default_factory=list)
    suppressed: dict[str, float] = field(default_factory=dict)


@dataclass(kw_only=True)
class Striker:
    """Strikes at a rig and its one campaign."""

    rig: Rig
    campaign: UUID
    people: int
    deeds: Deeds = field(default_factory=Deeds)
    struck: int = 0
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _commanding: asyncio.Lock = field(default_factory=asyncio.Lock)
    _paused_since: list[float] = field(default_factory=list)

    async def strike(self, strike: Strike) -> None:
        """Carry out a strike; back when it is over."""
        await asyncio.sleep(strike.at)
        await self._how(strike.kind)(strike)
        self.struck += 1

    def _how(self, kind: Kind) -> Callable[[Strike], Awaitable[None]]:
        return {
            Kind.KILL: self._kill,
            Kind.KILL_BOTH: self._kill,
            Kind.KILL_API: self._kill,
            Kind.KILL_AT: self._kill_at,
            Kind.FREEZE: self._freeze,
            Kind.FREEZE_AT: self._freeze_at,
            Kind.LOSE_COMMIT: self._lose_commit,
            Kind.CUT_DATABASE: self._cut,
            Kind.HOLD_DATABASE: self._hold,
            Kind.RESTART_DATABASE: self._restart,
            Kind.FLUSH_QUEUE: self._flush,
            Kind.RESTART_QUEUE: self._restart,
            Kind.REFUSE_QUEUE: self._refuse,
            Kind.CUT_PARTNER: self._cut,
            Kind.HOLD_PARTNER: self._hold,
            Kind.REFUSE_PARTNER: self._refuse,
            Kind.ANSWER: self._answer,
            Kind.HISTORY: self._history,
            Kind.DUTY: self._duty,
            Kind.PAUSE: self._pause,
            Kind.SUPPRESS: self._suppress,
        }[kind]

    def _dead(self, *programs: Program) -> None:
        for program in programs:
            program.kill()
        self.deeds.kills.append(clock.wall())

    async def _kill(self, strike: Strike) -> None:
        chosen = {
            Kind.KILL: [self._worker(strike)],
            Kind.KILL_BOTH: list(self.rig.workers),
            Kind.KILL_API: [self.rig.api],
        }[strike.kind]
        await asyncio.to_thread(self._dead, *chosen)

    async def _kill_at(self, strike: Strike) -> None:
        self.rig.at(
            strike.of,
            strike.when,
            lambda: self._dead(self._worker(strike)),
            skip=strike.skip,
        )

    async def _freeze(self, strike: Strike) -> None:
        worker = self._worker(strike)
        worker.freeze()
        await asyncio.sleep(strike.seconds)
        worker.thaw()

    async def _freeze_at(self, strike: Strike) -> None:
        worker = self._worker(strike)
        moment = self.rig.at(strike.of, strike.when, worker.freeze, skip=strike.skip)
        if await asyncio.to_thread(moment.came.wait, 5.0):
            await asyncio.sleep(strike.seconds)
        moment.times = 0
        worker.thaw()

    async def _lose_commit(self, strike: Strike) -> None:
        self.rig.at(strike.of, strike.when, then=Do.CUT, skip=strike.skip)

    def _wires(self, kind: Kind) -> list[Proxy]:
        programs = [*self.rig.workers, self.rig.api]
        if "PostgreSQL" in kind.value:
            return [program.database for program in programs]
        if "Valkey" in kind.value:
            return [program.queue for program in programs]
        return [self.rig.partner]

    async def _cut(self, strike: Strike) -> None:
        for wire in self._wires(strike.kind):
            await asyncio.to_thread(wire.cut)

    async def _hold(self, strike: Strike) -> None:
        for wire in self._wires(strike.kind):
            wire.hold()
        await asyncio.sleep(strike.seconds)
        for wire in self._wires(strike.kind):
            wire.release()

    async def _refuse(self, strike: Strike) -> None:
        for wire in self._wires(strike.kind):
            await asyncio.to_thread(wire.refuse)
        await asyncio.sleep(strike.seconds)
        for wire in self._wires(strike.kind):
            await asyncio.to_thread(wire.open)

    async def _restart(self, strike: Strike) -> None:
        async with self._restarting:
            if strike.kind is Kind.RESTART_DATABASE:
                await self.rig.servers.restart_postgres()
            else:
                await self._flush(strike)
                await self.rig.servers.restart_valkey()

    async def _flush(self, _strike: Strike) -> None:
        redis = connect(self.rig.system.environment["OUTDIAL_REDIS_URL"])
        with contextlib.suppress(RedisError, OSError):
            await redis.flushall()
        await redis.aclose()
        await redis.connection_pool.disconnect()

    async def _answer(self, strike: Strike) -> None:
        told: dict[str, object] = {"count": strike.count}
        if strike.of in SECONDS_OF:
            told["seconds"] = SECONDS_OF[strike.of]
        await asyncio.to_thread(self.rig.sandbox.fault, strike.of, **told)

    async def _history(self, strike: Strike) -> None:
        told: dict[str, object] = {"count": strike.count}
        if strike.of == "history_lag":
            told["seconds"] = LAG_SECONDS
        if strike.of == "history_stalled":
            told = {}
        fault = await asyncio.to_thread(self.rig.sandbox.fault, strike.of, **told)
        if strike.of == "history_stalled":
            await asyncio.sleep(strike.seconds)
            await asyncio.to_thread(self.rig.sandbox.control, "DELETE", f"faults/{fault}")

    async def _duty(self, strike: Strike) -> None:
        await asyncio.to_thread(self.rig.sandbox.set_agent, AGENT, on_duty=False)
        await asyncio.sleep(strike.seconds)
        await asyncio.to_thread(self.rig.sandbox.set_agent, AGENT, on_duty=True)

    async def _pause(self, strike: Strike) -> None:
        async with self._commanding:
            with contextlib.suppress(ConflictError):
                await self._insisting(lambda: self._move(CampaignState.PAUSED))
            self._paused_since.append(clock.wall())
        await asyncio.sleep(strike.seconds)
        async with self._commanding:
            # Whoever resumes ends every pause, those that would have lasted longer too.
            over = clock.wall()
            self.deeds.paused += [(began, over) for began in self._paused_since]
            self._paused_since.clear()
            with contextlib.suppress(ConflictError):
                await self._insisting(lambda: self._move(CampaignState.RUNNING))

    async def _move(self, to: CampaignState) -> None:
        await self.rig.system.move(self.campaign, to)

    async def _suppress(self, strike: Strike) -> None:
        phone = str(leads(self.people)[strike.who % self.people]["phone"])
        await self._insisting(lambda: self._add_to_list(phone))
        self.deeds.suppressed.setdefault(phone, clock.wall())

    async def _add_to_list(self, phone: str) -> None:
        await suppress(
            self.rig.system.context,
            organization_id=self.rig.system.organization_id,
            raw_phone=phone,
            reason="asked on another line",
        )

    async def _insisting(self, do: Callable[[], Awaitable[None]]) -> None:
        """Do what a person would try again while the database is away."""
        for _ in range(TRIES):
            try:
                await do()
            except (DBAPIError, OSError, TimeoutError) as error:
                if not is_transient(error):
                    raise
                await asyncio.sleep(0.2)
            else:
                return
        raise AssertionError("the database never came back")

    def _worker(self, strike: Strike) -> Program:
        return self.rig.workers[strike.who % len(self.rig.workers)]
