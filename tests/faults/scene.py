"""A scenario about time: its people, calls beside them, strangers, and hours that pass.

It has thirteen hours of campaign time, from eight in the morning in New York: nobody is called
at night, wherever a source says that they are.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import RowMapping

from tests.faults.stage import Lane, now
from tests.support.people import numbers
from tests.support.system import System

STRANGERS = ("702", "801", "505")
_TRICKLE_SECONDS = 0.3
_HANDS = 8
"""Requests that a stranger makes at once."""


class Town:
    """A running system with the numbers that nobody has been called at yet.

    Args:
        system: What the scenario runs in.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self._numbers: Iterator[str] = numbers(2_000)

    def people(self, count: int) -> list[str]:
        """That many numbers which nothing else in the system has."""
        return [next(self._numbers) for _ in range(count)]

    async def scene(self, **plan: Any) -> "Scene":  # noqa: ANN401 -- a plan's parts differ
        """A lane of its own, with a campaign that calls each person once."""
        return Scene(town=self, lane=await Lane.open(self.system, **plan))


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One scenario's lane, and what is told about it.

    Attributes:
        town: Where its people come from.
        lane: Its agent and campaign.
    """

    town: Town
    lane: Lane

    @property
    def system(self) -> System:
        """The running system."""
        return self.town.system

    def spoil(self, fault: str, phones: Sequence[str], **settings: Any) -> None:  # noqa: ANN401 -- settings differ by fault
        """Let the first call to each of these numbers go wrong."""
        for phone in phones:
            self.system.sandbox.fault(fault, phone=phone, count=1, **settings)

    async def post(self, phones: Sequence[str]) -> None:
        """Have these people called now."""
        given = [{"phone": phone, "name": "Ada Example"} for phone in phones]
        receipts = await self.system.post(self.lane.campaign_id, given)
        assert {receipt.status for receipt in receipts} == {"accepted"}

    async def calls(self, *phones: str) -> Sequence[RowMapping]:
        """The calls to these numbers, in the order of their claims."""
        return await self.system.rows(
            """
            SELECT * FROM calls WHERE campaign_id = :id AND phone = ANY(:phones)
            ORDER BY claimed_at, id
            """,
            id=self.lane.campaign_id,
            phones=list(phones),
        )

    async def states(self, phones: Sequence[str]) -> list[str]:
        """The states of all calls to these numbers, sorted."""
        return sorted(call["state"] for call in await self.calls(*phones))

    def rings(self, phones: Sequence[str]) -> list[str]:
        """These numbers as often as their phones rang, whoever rang them, sorted."""
        heard = [ring["phone"] for ring in self.system.sandbox.rings()]
        return sorted(phone for phone in heard if phone in phones)

    async def until(self, state: str, phones: Sequence[str]) -> None:
        """Wait until the last call to each of these numbers is in a state."""

        async def there() -> bool:
            last = {call["phone"]: call["state"] for call in await self.calls(*phones)}
            return all(last.get(phone) == state for phone in phones)

        await self.system.eventually(f"{len(phones)} calls {state}", there)

    async def until_minute(self, minute: float, *, since: datetime) -> None:
        """Wait until so many minutes have passed in campaign time."""
        until = since + timedelta(minutes=minute)

        async def passed() -> bool:
            return await now(self.system) >= until

        await self.system.eventually(f"{until} has come", passed)

    async def until_seen(self, phone: str) -> None:
        """Wait until the history has shown a call to a number."""

        async def seen() -> bool:
            return any(call["seen_at"] is not None for call in await self.calls(phone))

        await self.system.eventually(f"the call to {phone} is listed", seen)

    async def watermark(self) -> str:
        """Call one more person, all goes well, and the history shows it; their number."""
        (phone,) = self.town.people(1)
        await self.post([phone])
        await self.until_seen(phone)
        return phone

    @asynccontextmanager
    async def trickle(self) -> AsyncIterator[None]:
        """Meanwhile, go on calling people with whom all goes well."""
        async with _meanwhile(lambda: self.post(self.town.people(1)), every=_TRICKLE_SECONDS):
            yield

    async def crowd(self, count: int) -> None:
        """Have a stranger with the same account call so many other people at once."""
        async with _stranger(self.system) as client:
            hands = asyncio.Semaphore(_HANDS)
            await asyncio.gather(
                *(_call(client, "agent_demo", p, hands) for p in numbers(count, codes=STRANGERS))
            )

    @asynccontextmanager
    async def others(self) -> AsyncIterator[None]:
        """Meanwhile, have a stranger call other people, one after the other."""
        called = itertools.cycle(numbers(100, codes=STRANGERS))
        async with _stranger(self.system) as client:

            async def one_more() -> None:
                await _call(client, "agent_demo", next(called), asyncio.Semaphore())

            async with _meanwhile(one_more, every=_TRICKLE_SECONDS / 3):
                yield

    async def strange_call(self, phone: str) -> str:
        """Have somebody else ring this number through the same agent; the upstream's id."""
        async with _stranger(self.system) as client:
            return await _call(client, self.lane.agent, phone, asyncio.Semaphore())


def _stranger(system: System) -> httpx2.AsyncClient:
    # Says nothing of whose request it is: no call of ours explains its rings.
    return httpx2.AsyncClient(
        base_url=system.sandbox.base_url,
        headers={"Authorization": "Bearer sandbox-key"},
        timeout=30,
        trust_env=False,
    )


async def _call(
    client: httpx2.AsyncClient, agent: str, phone: str, hands: asyncio.Semaphore
) -> str:
    async with hands:
        answer = await client.post(
            f"/businesses/biz_demo/voice-agents/{agent}/call",
            json={"phoneNumber": phone, "name": "Bo Example"},
        )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["callId"])


@asynccontextmanager
async def _meanwhile(work: Callable[[], Awaitable[None]], *, every: float) -> AsyncIterator[None]:
    over = asyncio.Event()

    async def go_on() -> None:
        while not over.is_set():
            await work()
            await asyncio.sleep(every)

    # Told, not cancelled: a library in the middle of something may swallow a cancellation.
    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        over.set()
        await task
