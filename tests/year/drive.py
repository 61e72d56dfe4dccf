"""Drives a campaign through campaign time: the real stages, one after the other, by leaps.

A leap goes to the next instant at which anything is due and never past it, and moves the
database's clock and the sandbox's by the same numbers, so that the two agree exactly. Between two
leaps time runs on as it does.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from dialer.pipeline.access import setup
from dialer.pipeline.compliance import rulebook
from dialer.pipeline.dialing.place import place
from dialer.pipeline.reconciling.reconcile import reconcile
from dialer.pipeline.settling.tidy import tidy
from dialer.pipeline.upstream import duty
from dialer.pipeline.upstream.partners import Partners
from dialer.store.dialing import agents
from tests.support.house import House, build_house, open_context
from tests.support.leaps import leap
from tests.support.sandbox import SandboxProcess
from tests.year import plan
from tests.year.people import Person

HISTORY_SECONDS = "200"
"""About as long as the longest talk: one look at the history finds most ends."""

LOST_ANSWERS = 0.01
"""The share of calls whose phone rings and whose answer is lost: those must not ring again."""

SOON = timedelta(seconds=1)
TOLD_EVERY = 1_000
MOST_STALLED = 400
STEPS_A_PERSON = 200
STEPS_AT_LEAST = 10_000

_WAITS = """
SELECT outdial_now() AS now, w.*, EXISTS (SELECT FROM calls WHERE finished_at IS NULL) AS open
FROM (
    SELECT min(due_at) AS due, min(expires_at) AS expiry FROM leads
    WHERE campaign_id = :campaign AND state = 'waiting'
) AS w
"""
_TURNS = """
SELECT (SELECT next_poll_at FROM history WHERE organization_id = :org) AS poll,
    (SELECT min(probe_at) FROM agents WHERE parked_reason IS NOT NULL) AS probe
"""
_STALL = """
SELECT outdial_now() AS now, c.state, c.parked_reason AS campaign, a.parked_reason AS agent,
    a.probe_at, a.deployed, a.on_duty, o.parked_reason AS organization, o.parked_until,
    (SELECT min(due_at) FROM leads WHERE campaign_id = c.id AND state = 'waiting') AS due
FROM campaigns c JOIN agents a ON a.id = c.agent_id
JOIN organizations o ON o.id = c.organization_id
WHERE c.id = :campaign
"""


@dataclass(kw_only=True)
class Drive:
    """A campaign under way.

    Attributes:
        house: The organization in its database.
        sandbox: Where the phones ring.
        partners: Clients of it.
        campaign: The campaign's row.
        coming: Whoever is still to come in, in order.
        receipts: How those who came were answered.
        steps: Leaps so far.
        stalled: Leaps in a row in which somebody was due and nobody was called.
        tell: Is told now and then how far it is.
    """

    house: House
    sandbox: SandboxProcess
    partners: Partners
    campaign: RowMapping
    coming: deque[Person]
    receipts: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    stalled: int = 0
    tell: Callable[[str], None] = field(default=lambda _: None)

    async def play(self, *, until: datetime) -> None:
        """Go on until nothing is left to do, or that instant.

        Raises:
            AssertionError: Time does not get on.
        """
        most = STEPS_AT_LEAST + STEPS_A_PERSON * len(self.coming)
        while (at := await self._next()) is not None and at < until:
            await leap(self.house.context, self.sandbox, to=at)
            await self._work()
            self.steps += 1
            if self.steps % TOLD_EVERY == 0:
                self.tell(f"{self.steps:>7,} leaps, {at:%d %B %Y}")
            assert self.stalled < MOST_STALLED, f"nobody is called at {at}: {await self._why()}"
            assert self.steps < most, f"{self.steps} leaps, and it is only {at}"

    async def _next(self) -> datetime | None:
        waits = await self.house.row(_WAITS, campaign=self.campaign["id"])
        turns = await self.house.row(_TURNS, org=self.house.organization_id)
        now: datetime = waits["now"]
        instants = [waits["due"], waits["expiry"], turns["probe"]]
        instants = [at for at in instants if at is not None and at > now]
        stalls = not waits["open"] and waits["due"] is not None and waits["due"] <= now
        self.stalled = self.stalled + 1 if stalls else 0
        if waits["open"]:
            instants.append(turns["poll"] or now)
        elif stalls:
            instants.append(now + SOON)
        if self.coming:
            instants.append(self.coming[0].at)
        return max(min(instants), now) if instants else None

    async def _why(self) -> dict[str, object]:
        return dict(await self.house.row(_STALL, campaign=self.campaign["id"]))

    async def _work(self) -> None:
        await self._take_in()
        await tidy(self.house.context)
        await reconcile(self.house.context, self.partners, self.house.organization_id)
        while await self._dial():
            pass

    async def _take_in(self) -> None:
        now = await self.house.now()
        came = []
        while self.coming and self.coming[0].at <= now:
            came.append(self.coming.popleft().as_lead())
        if came:
            receipts = await self.house.post(self.campaign["id"], came)
            self.receipts.update(receipt.status for receipt in receipts)

    async def _dial(self) -> bool:
        """Claim and place once; whether there may be more."""
        context, lane = self.house.context, self.campaign["agent_id"]
        async with context.engine.connect() as conn:
            due = await agents.with_work(conn)
        if lane not in due or not await duty.ready(context, self.partners, lane):
            return False
        claimed = await self.house.claim(lane, wanted=plan.CONCURRENCY)
        await asyncio.gather(*(place(context, self.partners, one) for one in claimed.call_ids))
        return claimed.again == "now"


@asynccontextmanager
async def driving(
    *, database_url: str, redis_url: str, seed: int, start: datetime, everyone: list[Person]
) -> AsyncIterator[Drive]:
    """A running campaign in an empty database, before its first lead.

    Args:
        database_url: A migrated, empty database.
        redis_url: A queue; nobody listens to it.
        seed: Decides the sandbox's chances.
        start: Campaign time at the start.
        everyone: Who will come in, in order.
    """
    async with open_context(
        database_url, redis_url, pool=20, history_seconds=HISTORY_SECONDS
    ) as context:
        house = await build_house(context)
        with SandboxProcess(clock_start=start.isoformat(), seed=seed) as sandbox:
            sandbox.set_outcomes(plan.OUTCOMES)
            sandbox.fault("drop", probability=LOST_ANSWERS)
            drive = await _first_steps(house, sandbox, everyone, start)
            try:
                yield drive
            finally:
                await drive.partners.aclose()


async def _first_steps(
    house: House, sandbox: SandboxProcess, everyone: list[Person], start: datetime
) -> Drive:
    await house.set_time(start)
    await setup.connect_partner(
        house.context,
        organization_id=house.organization_id,
        base_url=sandbox.base_url,
        api_key="sandbox-key",
    )
    limits = {
        "per_number_24h": plan.PER_NUMBER_24H,
        "per_number_7d": plan.PER_NUMBER_7D,
        "gap_minutes": plan.GAP_MINUTES,
    }
    await rulebook.change(
        house.context,
        organization_id=house.organization_id,
        edit=rulebook.Edit(limits=limits, by="the year"),
    )
    return Drive(
        house=house,
        sandbox=sandbox,
        partners=Partners(context=house.context),
        campaign=await house.campaign(
            purpose=plan.PURPOSE,
            hours=plan.WEEK,
            closed_dates=plan.CLOSED_DATES,
            holidays=True,
            concurrency=plan.CONCURRENCY,
        ),
        coming=deque(everyone),
    )
