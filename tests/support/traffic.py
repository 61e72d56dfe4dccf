"""Calls placed at an even pace straight with the sandbox, and only the history's reading ours.

Placing is tested elsewhere; here thousands of calls have to go and end in a few seconds, so each
is one request and one row. Where they are measured, campaign time all but stands still on both
sides and is moved on in steps: what is counted doesn't depend on how busy the machine is.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.access import setup
from dialer.pipeline.reconciling.reconcile import reconcile
from dialer.pipeline.upstream.partners import Partners
from dialer.store import clock
from dialer.store.engine import run
from partner import CallRequest, PartnerClient
from tests.support.house import NOON, House
from tests.support.sandbox import SandboxProcess
from tests.support.steady import USUAL

STILL = 0.001
"""The clocks' speed between two steps: a step that takes a second adds a millisecond."""

STEP = timedelta(seconds=1)
_PLENTY = 4
"""So many leads for each call that has to end; they run out only where no end is read."""

_LEADS = """
INSERT INTO leads (id, organization_id, campaign_id, source_id, phone, raw_phone, phone_code,
    state, due_at)
SELECT gen_random_uuid(), :org, :campaign, (SELECT id FROM sources WHERE organization_id = :org
    LIMIT 1), n, n, 'given', 'calling', outdial_now()
FROM (SELECT '+1' || (200 + i / 100) || '55501' || lpad((i % 100)::text, 2, '0') AS n
    FROM generate_series(0, :count - 1) AS i) AS numbers
RETURNING id, phone
"""
_CALL = """
INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
    state, place_at, claim_expires_at, window_until, armed_at, slot_until, closed_at, closed_by,
    answered_at, answer, partner_call_id)
VALUES (:id, :org, :business, :agent, :campaign, :lead, :phone, 'placed', :armed, :armed,
    'infinity', :armed, CAST(:armed AS timestamptz) + interval '30 minutes', outdial_now(),
    'sender', outdial_now(), 'placed', :partner_call_id)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What reading the history cost.

    Attributes:
        requests: For history, as the sandbox counted them.
        ended: Calls whose end was kept meanwhile.
        waited: Campaign seconds from a call's end until it was kept, one for each, in order.
    """

    requests: int
    ended: int
    waited: tuple[float, ...]

    @property
    def per_thousand(self) -> float:
        """Requests for 1,000 ended calls."""
        return 1000 * self.requests / self.ended


def quick(house: House) -> House:
    """The house with the shortest interval, since real seconds are long when time runs fast."""
    settings = house.context.settings.model_copy(update={"history_seconds": 0.2})
    return replace(house, context=replace(house.context, settings=settings))


@asynccontextmanager
async def fast_sandbox(
    house: House, speed: float
) -> AsyncIterator[tuple[SandboxProcess, Partners]]:
    """A sandbox whose time, and the house's, passes `speed` times as fast."""
    began = time.time()
    with SandboxProcess(clock_start=NOON.isoformat(), clock_speed=speed) as sandbox:
        async with house.context.engine.begin() as conn:
            await clock.set_rehearsal(
                conn,
                virtual_start=NOON,
                real_start=datetime.fromtimestamp(began, UTC),
                factor=speed,
            )
        await setup.connect_partner(
            house.context,
            organization_id=house.organization_id,
            base_url=sandbox.base_url,
            api_key="sandbox-key",
        )
        partners = Partners(context=house.context)
        try:
            yield sandbox, partners
        finally:
            await partners.aclose()


async def measure(
    house: House,
    sandbox: SandboxProcess,
    partners: Partners,
    *,
    per_minute: float,
    warm_up: int,
    calls: int,
) -> Budget:
    """Place calls evenly, let the first of them warm up, and count requests over the others.

    Both clocks are stopped, but for `STILL`, and led on from there.

    Args:
        house: Where the rows are.
        sandbox: Where the phones ring.
        partners: Clients of it.
        per_minute: Calls a minute of campaign time.
        warm_up: How many are ended before counting begins.
        calls: How many are ended while counting.
    """
    campaign = await house.campaign()
    leads = await house.rows(
        _LEADS,
        org=house.organization_id,
        campaign=campaign["id"],
        count=_PLENTY * (warm_up + calls),
    )
    stream = _Stream(
        house=_slow(house),
        sandbox=sandbox,
        partners=partners,
        client=await partners.of(house.organization_id),
        campaign=campaign,
        leads=leads,
        per_minute=per_minute,
        began=await _common_second(house, sandbox),
    )
    first = await stream.run(warm_up)
    last = await stream.run(warm_up + calls)
    return Budget(
        requests=last[0] - first[0],
        ended=last[1] - first[1],
        waited=await _waited(house, after=first[1]),
    )


def _slow(house: House) -> House:
    # The interval is real time, which hardly passes: as campaign time it has to be the usual one.
    seconds = USUAL.total_seconds() / STILL
    settings = house.context.settings.model_copy(update={"history_seconds": seconds})
    return replace(house, context=replace(house.context, settings=settings))


async def _common_second(house: House, sandbox: SandboxProcess) -> datetime:
    """A whole second that neither clock has reached."""
    later = max(await house.now(), datetime.fromisoformat(sandbox.clock()["now"]))
    return later.replace(microsecond=0) + 2 * STEP


async def _waited(house: House, *, after: int) -> tuple[float, ...]:
    found = await house.rows(
        """
        SELECT extract(epoch FROM finished_at - ended_at)::float8 AS seconds FROM calls
        WHERE state = 'ended' ORDER BY finished_at OFFSET :after
        """,
        after=after,
    )
    return tuple(sorted(row["seconds"] for row in found))


@dataclass(kw_only=True)
class _Stream:
    """Calls that start evenly while both clocks are led on, and the readings that fall due.

    `began` is the instant at which the first is placed.
    """

    house: House
    sandbox: SandboxProcess
    partners: Partners
    client: PartnerClient
    campaign: RowMapping
    leads: Sequence[RowMapping]
    per_minute: float
    began: datetime
    steps: int = 0
    placed: int = 0
    ended: int = 0

    async def run(self, least: int) -> tuple[int, int]:
        """Go on until that many ends are kept: history requests and kept ends by then."""
        while self.ended < least:
            assert self.placed < len(self.leads), f"all are called, but {self.ended} ends are kept"
            await self._step()
        return int(self.sandbox.stats()["history_requests"]), self.ended

    async def _step(self) -> None:
        now = self.began + self.steps * STEP
        await self._lead_on(now)
        due = int((now - self.began).total_seconds() * self.per_minute / 60) + 1
        await self._place(self.leads[self.placed : due], armed=now)
        self.steps, self.placed = self.steps + 1, due
        self.ended += await reconcile(
            self.house.context, self.partners, self.house.organization_id
        )

    async def _lead_on(self, now: datetime) -> None:
        self.sandbox.move_clock(to=now, speed=STILL)
        async with self.house.context.engine.begin() as conn:
            real_start = datetime.fromtimestamp(time.time(), UTC)
            await clock.set_rehearsal(conn, virtual_start=now, real_start=real_start, factor=STILL)

    async def _place(self, leads: Sequence[RowMapping], *, armed: datetime) -> None:
        orders = (CallRequest(phone_number=lead["phone"]) for lead in leads)
        rings = (self.client.call("biz_demo", "agent_demo", order) for order in orders)
        placed = await asyncio.gather(*rings)
        async with self.house.context.engine.begin() as conn:
            for lead, answer in zip(leads, placed, strict=True):
                await run(conn, _CALL, **self._row(lead, answer.call_id, armed))

    def _row(self, lead: RowMapping, partner_call_id: str, armed: datetime) -> dict[str, object]:
        return {
            "id": new_id(),
            "org": self.house.organization_id,
            "business": self.campaign["business_id"],
            "agent": self.campaign["agent_id"],
            "campaign": self.campaign["id"],
            "lead": lead["id"],
            "phone": lead["phone"],
            "armed": armed,
            "partner_call_id": partner_call_id,
        }
