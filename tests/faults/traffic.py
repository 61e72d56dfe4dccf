"""Whoever sends leads through an outage as a client does: again, until there is an answer."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from sqlalchemy import RowMapping

from tests.faults.rig.rig import Rig, rigged
from tests.faults.rig.servers import Servers
from tests.faults.stage import Lane

ANSWER_SECONDS = 30.0
AGAIN_SECONDS = 0.1
ACCEPTED, UNAVAILABLE = 202, 503

Person = Mapping[str, Any]


@asynccontextmanager
async def at_work(
    servers: Servers, *, home: Path, speed: float, workers: int = 2, **settings: str
) -> AsyncIterator[Rig]:
    """A rig whose API and workers have started."""
    async with rigged(servers, home=home, speed=speed, workers=workers, **settings) as rig:
        await rig.start(rig.api, *rig.workers)
        yield rig


@dataclass(eq=False, kw_only=True)
class Client:
    """Posts leads one by one, each with an Idempotency-Key, until each is accepted.

    Attributes:
        rig: Its API takes them in.
        lane: The campaign that they are for.
        answers: How often each status came.
    """

    rig: Rig
    lane: Lane
    answers: Counter[int] = field(default_factory=Counter)

    async def post(self, people: Sequence[Person]) -> None:
        """Send these side by side, and come back when all are accepted.

        Raises:
            AssertionError: An answer is neither an acceptance nor a clear "not now".
        """
        async with httpx2.AsyncClient(
            base_url=str(self.rig.api.ready["url"]),
            headers={"Authorization": f"Bearer {self.rig.key}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
        ) as client:
            await asyncio.gather(*(self._until_accepted(client, one) for one in people))

    async def _until_accepted(self, client: httpx2.AsyncClient, person: Person) -> None:
        key = uuid4().hex
        while True:
            if await self._accepted(client, person, key):
                return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _accepted(self, client: httpx2.AsyncClient, person: Person, key: str) -> bool:
        answer = await client.post(
            "/v1/leads",
            json={"campaign_id": str(self.lane.campaign_id), **person},
            headers={"Idempotency-Key": key},
        )
        self.answers[answer.status_code] += 1
        if answer.status_code == ACCEPTED:
            return True
        assert (answer.status_code, answer.json()["code"]) == (UNAVAILABLE, "unavailable")
        assert answer.headers["retry-after"]
        return False


async def rang_once(lane: Lane, people: Sequence[Person]) -> None:
    """Wait until every lead is in its last bucket; each of these phones rang once, no other."""
    await lane.until_over()
    assert await lane.leads() == {"done": len(people)}
    assert await lane.phones() == sorted(str(person["phone"]) for person in people)


async def not_sent(lane: Lane) -> Sequence[RowMapping]:
    """The campaign's calls for which nothing was sent; indeed the phone rang for none."""
    found = await lane.system.rows(
        """
        SELECT id, state, armed_at FROM calls WHERE campaign_id = :id
          AND state IN ('released', 'refused') AND answer = 'not_sent' ORDER BY state
        """,
        id=lane.campaign_id,
    )
    rung = {ring["request_id"] for ring in lane.system.sandbox.rings()}
    assert not rung & {str(call["id"]) for call in found}
    return found


@asynccontextmanager
async def altered(rig: Rig, harm: str, repair: str) -> AsyncIterator[None]:
    """Alter the database for a while; everybody but the test connects anew, before and after."""
    engine = rig.system.context.engine
    (row,) = await rig.system.rows("SELECT current_database() AS name")
    # The line that repairs must stand before the harm is done.
    async with engine.connect() as line:
        conn = await line.execution_options(isolation_level="AUTOCOMMIT")
        await conn.exec_driver_sql(f"ALTER DATABASE {row['name']} {harm}")
        try:
            await conn.exec_driver_sql(SEND_AWAY)
            yield
        finally:
            await conn.exec_driver_sql(f"ALTER DATABASE {row['name']} {repair}")
            await conn.exec_driver_sql(SEND_AWAY)
    # The test's own lines may have been made in the meantime.
    await engine.dispose()


SEND_AWAY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name <> 'test'
"""
