"""Calls placed at an even pace straight with the sandbox, and only the history's reading ours.

Placing is tested elsewhere; here thousands of calls have to go and end in a few seconds, so each
is one request and one row, and campaign time runs faster on both sides.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline import setup
from dialer.pipeline.partners import Partners
from dialer.pipeline.reconcile import reconcile
from dialer.store import clock
from partner import CallRequest, PartnerClient
from tests.support.house import NOON, House
from tests.support.sandbox import SandboxProcess

AT_ONCE = 16
LOOK_SECONDS = 0.02

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
        _LEADS, org=house.organization_id, campaign=campaign["id"], count=4 * (warm_up + calls)
    )
    client = await partners.of(house.organization_id)
    placing = asyncio.create_task(_place(house, client, campaign, leads, per_minute))
    reading = asyncio.create_task(_read(house, partners))
    try:
        first = await _when_ended(house, sandbox, warm_up)
        last = await _when_ended(house, sandbox, warm_up + calls)
    finally:
        for task in (placing, reading):
            task.cancel()
        await asyncio.gather(placing, reading, return_exceptions=True)
    waited = await house.rows(
        """
        SELECT extract(epoch FROM finished_at - ended_at)::float8 AS seconds FROM calls
        WHERE state = 'ended' ORDER BY finished_at OFFSET :first
        """,
        first=first[1],
    )
    return Budget(
        requests=last[0] - first[0],
        ended=last[1] - first[1],
        waited=tuple(sorted(row["seconds"] for row in waited)),
    )


async def _when_ended(house: House, sandbox: SandboxProcess, least: int) -> tuple[int, int]:
    """History requests and kept ends, once that many were kept."""
    while True:
        row = await house.row("SELECT count(*) AS n FROM calls WHERE state = 'ended'")
        if row["n"] >= least:
            return int(sandbox.stats()["history_requests"]), int(row["n"])
        await asyncio.sleep(LOOK_SECONDS)


async def _read(house: House, partners: Partners) -> None:
    while True:
        await reconcile(house.context, partners, house.organization_id)
        await asyncio.sleep(LOOK_SECONDS)


async def _place(
    house: House,
    client: PartnerClient,
    campaign: RowMapping,
    leads: Sequence[RowMapping],
    per_minute: float,
) -> None:
    async with house.context.engine.connect() as conn:
        speed = await clock.speed(conn) or 1.0
    room = asyncio.Semaphore(AT_ONCE)
    began = await house.now()
    async with asyncio.TaskGroup() as group:
        for number, lead in enumerate(leads):
            ahead = timedelta(minutes=number / per_minute) - ((await house.now()) - began)
            await asyncio.sleep(max(ahead.total_seconds(), 0.0) / speed)
            await room.acquire()
            placed = group.create_task(_ring(house, client, campaign, lead["id"], lead["phone"]))
            placed.add_done_callback(lambda _: room.release())


async def _ring(
    house: House, client: PartnerClient, campaign: RowMapping, lead_id: UUID, phone: str
) -> None:
    armed = await house.now()
    placed = await client.call("biz_demo", "agent_demo", CallRequest(phone_number=phone))
    await house.run(
        _CALL,
        id=new_id(),
        org=house.organization_id,
        business=campaign["business_id"],
        agent=campaign["agent_id"],
        campaign=campaign["id"],
        lead=lead_id,
        phone=phone,
        armed=armed,
        partner_call_id=placed.call_id,
    )
