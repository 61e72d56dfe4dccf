"""PostgreSQL lets one of two win: deadlocks, lock time-outs, serialization, a pool run dry.

Each process has two connections, and may have 64 calls in the air.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.faults.rig.moment import When
from tests.faults.rig.rig import ARM, Rig
from tests.faults.rig.servers import Servers
from tests.faults.stage import Lane, all_kept
from tests.faults.traffic import ACCEPTED, UNAVAILABLE, Client, at_work, not_sent, rang_once
from tests.support.people import leads

SPEED = 120.0
FAILURES = 20
BARRIER_SECONDS = 30.0
SETTLE = "transcript="
"""Only the end of a call writes that column."""

MORE_THAN_WAIT_FOR_LOCKS = 6
"""A process has two connections, which wait five seconds; ten is how long others wait for one."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def rig(
    own_servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Rig]:
    """API and two workers, with as few connections as they take."""
    home = tmp_path_factory.mktemp("contention")
    async with at_work(
        own_servers,
        home=home,
        speed=SPEED,
        OUTDIAL_DATABASE_POOL="2",
        OUTDIAL_CALLS_IN_FLIGHT="64",
    ) as made:
        yield made


@pytest.mark.asyncio
async def test_the_pool_is_exhausted_while_lock_waits_time_out(rig: Rig) -> None:
    """SQLSTATE 55P03 for whoever has a connection, and no connection for all others.

    Arms wait for the campaign as well as posts: an arm that took too long sends nothing.
    """
    lane = await Lane.open(rig.system, start=False)
    # As few as can be in the air at once and not open the breaker, which rests for half a minute.
    everybody = leads(20, codes=("201",))
    coming, waiting = everybody[:16], everybody[16:]
    client = Client(rig=rig, lane=lane)
    await client.post(waiting)

    async def turned_away() -> bool:
        return client.answers[UNAVAILABLE] > MORE_THAN_WAIT_FOR_LOCKS

    await rig.system.move_to_running(lane.campaign_id)
    # Claims go on, which only refer to the campaign.
    lock = "SELECT FROM campaigns WHERE id = :id FOR NO KEY UPDATE"
    async with _holding(rig, lock, lane.campaign_id):
        posting = asyncio.create_task(client.post(coming))
        await rig.system.eventually("the API has no connection to spare", turned_away)
    await posting
    assert client.answers[ACCEPTED] == len(everybody)
    await rang_once(lane, everybody)
    assert await not_sent(lane)
    await all_kept(rig.system)


@asynccontextmanager
async def _holding(
    rig: Rig, lock: str, row_id: UUID | None = None
) -> AsyncIterator[AsyncConnection]:
    async with rig.system.context.engine.begin() as conn:
        await conn.execute(text(lock), {"id": row_id} if row_id else {})
        yield conn


async def _waits_for(rig: Rig, conn: AsyncConnection, *, program: str = "worker") -> None:
    """Wait until a program waits for what this transaction holds."""
    (holder,) = (await conn.execute(text("SELECT pg_backend_pid()"))).scalars()

    async def waits() -> bool:
        return bool(
            await rig.system.rows(
                """
                SELECT pid FROM pg_stat_activity
                WHERE application_name = :program AND :pid = ANY(pg_blocking_pids(pid))
                """,
                program=program,
                pid=holder,
            )
        )

    await rig.system.eventually(f"a {program} waits", waits)


@dataclass
class Barrier:
    """Holds a program's statement back until the test has taken a lock that it will wait for."""

    arrived: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> None:
        """Be the statement that waits."""
        self.arrived.set()
        self.go.wait(BARRIER_SECONDS)

    async def has_come(self) -> None:
        """Wait for the statement."""
        assert await asyncio.to_thread(self.arrived.wait, BARRIER_SECONDS)


async def _deadlocks(rig: Rig) -> int:
    (row,) = await rig.system.rows(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    found: int = row["deadlocks"]
    return found


async def _deadlock(rig: Rig, lane: Lane, statement: str, code: str) -> None:
    """Let a transaction that has the call wait for its lead, and another take them in turn."""
    before = await _deadlocks(rig)
    barrier = Barrier()
    rig.at(statement, When.STATEMENT, barrier)
    people = leads(1, codes=(code,))
    await Client(rig=rig, lane=lane).post(people)
    await barrier.has_come()
    (call,) = await lane.calls()
    async with _holding(rig, "SELECT FROM leads WHERE id = :id FOR UPDATE", call["lead_id"]) as t:
        barrier.go.set()
        await _waits_for(rig, t)
        await t.execute(text("SELECT FROM calls WHERE id = :id FOR UPDATE"), {"id": call["id"]})
    await rang_once(lane, people)
    await _counted(rig, before)
    await all_kept(rig.system)


async def _counted(rig: Rig, before: int) -> None:
    async def counted() -> bool:
        return await _deadlocks(rig) > before

    await rig.system.eventually("PostgreSQL has broken a deadlock", counted)


@pytest.mark.asyncio
async def test_a_deadlock_at_the_arm(rig: Rig) -> None:
    """SQLSTATE 40P01: nothing is sent, and the lead is called by another call."""
    lane = await Lane.open(rig.system)
    await _deadlock(rig, lane, ARM, "203")
    assert [call["state"] for call in await not_sent(lane)] == ["released"]


@pytest.mark.asyncio
async def test_a_deadlock_at_the_settling(rig: Rig) -> None:
    """The next reading of the history finds the end again."""
    lane = await Lane.open(rig.system)
    await _deadlock(rig, lane, SETTLE, "207")
    assert len(await lane.told("call.ended")) == 1


@pytest.mark.asyncio
async def test_a_deadlock_at_the_intake(rig: Rig) -> None:
    """The API runs the transaction again, and the client never knows."""
    lane, people = await Lane.open(rig.system), leads(1, codes=("212",))
    before = await _deadlocks(rig)
    client = Client(rig=rig, lane=lane)
    async with _holding(rig, "LOCK TABLE leads IN SHARE ROW EXCLUSIVE MODE") as t:
        posting = asyncio.create_task(client.post(people))
        await _waits_for(rig, t, program="outdial-service")
        await t.execute(
            text("SELECT FROM campaigns WHERE id = :id FOR UPDATE"), {"id": lane.campaign_id}
        )
    await posting
    assert client.answers == {ACCEPTED: 1}
    await rang_once(lane, people)
    await _counted(rig, before)
    await all_kept(rig.system)


_TROUBLE = """
CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE turn bigint := nextval('troubles');
BEGIN
    IF turn <= TG_ARGV[0]::bigint AND turn % 2 = 1 THEN
        RAISE EXCEPTION 'in trouble' USING ERRCODE = TG_ARGV[1];
    END IF;
    RETURN NULL;
END $$
"""


@asynccontextmanager
async def _troubled(rig: Rig, sqlstate: str) -> AsyncIterator[None]:
    """Let every other statement that writes fail, up to a number of them."""
    tables = ("calls", "leads", "events", "evidence")
    plague = [
        f"CREATE TRIGGER troubled BEFORE INSERT OR UPDATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION trouble('{2 * FAILURES}', '{sqlstate}')"
        for table in tables
    ]
    cures = [f"DROP TRIGGER IF EXISTS troubled ON {table}" for table in tables]
    await _tell(rig, "CREATE SEQUENCE troubles", _TROUBLE)
    try:
        await _tell(rig, *plague)
        yield
        (row,) = await rig.system.rows("SELECT last_value FROM troubles")
    finally:
        await _tell(rig, *cures, "DROP FUNCTION trouble", "DROP SEQUENCE troubles")
    assert row["last_value"] >= 2 * FAILURES


async def _tell(rig: Rig, *statements: str) -> None:
    """One transaction each: whoever locks two tables at work would be in a deadlock with them."""
    for statement in statements:
        async with rig.system.context.engine.begin() as conn:
            await conn.execute(text(statement))


@pytest.mark.asyncio
@pytest.mark.parametrize(("sqlstate", "code"), [("40001", "215"), ("53100", "239")])
async def test_serialization_failures_and_a_disk_that_is_full_now_and_then(
    rig: Rig, sqlstate: str, code: str
) -> None:
    """Each step of some call fails, and is done again, or its call given back."""
    lane, people = await Lane.open(rig.system), leads(12, codes=(code,))
    client = Client(rig=rig, lane=lane)
    async with _troubled(rig, sqlstate):
        await client.post(people)
        await rang_once(lane, people)
    assert client.answers[UNAVAILABLE] > 0
    await all_kept(rig.system)
