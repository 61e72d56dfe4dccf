"""A database restored from a copy: recognised, quarantined, caught up; nobody rings twice."""

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import RowMapping

from dialer.context import Context, Pulse
from dialer.pipeline.dialing import place
from dialer.pipeline.reconciling import restored
from dialer.pipeline.reconciling.reconcile import reconcile
from dialer.pipeline.upstream.partners import Partners
from dialer.wakeups import connect
from dialer.witness import FileKeeper, Keeper, ValkeyKeeper
from outdial.embedded.postgres import EmbeddedPostgres
from outdial.machine.database import upgrade
from tests.support.house import House, build_house, open_context
from tests.support.listing import listing
from tests.support.traffic import fast_sandbox, quick

SPEED = 120.0
SECONDS = 90.0
LONG_AGO = 6.0
TALKS = {"answered_interested": 1.0}


class _Server:
    """A PostgreSQL of its own, whose data can be copied and put back."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(directory=folder / "postgres", fast=True)
        self.url = self._server.start()
        self._data = next(folder.rglob("data/global")).parent
        self._kept = self._data.with_name("kept")

    def copy(self) -> None:
        """Keep a copy of the data as it stands."""
        self._server.stop()
        shutil.copytree(self._data, self._kept, copy_function=_copy)
        _own_alike(self._data, self._kept)
        self._server.start()

    def restore(self) -> None:
        """Put the copy back."""
        self._server.stop()
        shutil.rmtree(self._data)
        self._kept.rename(self._data)
        self._server.start()

    def end(self) -> None:
        """Stop it and remove its data."""
        self._server.remove()


def _copy(source: str, target: str) -> str:
    return str(shutil.copy2(source, target))


def _own_alike(source: Path, target: Path) -> None:
    owner = source.stat()
    for path in (target, *target.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)


@pytest.fixture
def server() -> Iterator[_Server]:
    """A server of the test's own. Its parents must be open to the server's account."""
    folder = Path(tempfile.mkdtemp(prefix="outdial-restore-"))
    folder.chmod(0o711)
    made = _Server(folder)
    upgrade(made.url)
    yield made
    made.end()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _own_pulse(context: Context) -> Iterator[None]:
    """Leave the other tests' context without a pulse: their databases are emptied in between."""
    yield
    context.pulse.beat = 0


@asynccontextmanager
async def _house_on(server: _Server, redis_url: str) -> AsyncIterator[House]:
    async with open_context(server.url, redis_url, settle_minutes="15") as context:
        yield quick(await build_house(context))


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + SECONDS
    while not await check():
        assert time.monotonic() < deadline, check
        await asyncio.sleep(0.05)


async def _place(house: House, partners: Partners, campaign: RowMapping) -> int:
    """Claim and place whatever is due; how many."""
    await house.on_duty(campaign["agent_id"])
    claimed = await house.claim(campaign["agent_id"])
    for call_id in claimed.call_ids:
        await place.place(house.context, partners, call_id)
    return len(claimed.call_ids)


async def _quarantined(house: House) -> bool:
    row = await house.row("SELECT restored_at FROM organizations")
    return row["restored_at"] is not None


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_after_a_restore_nobody_is_rung_twice_and_every_ring_is_linked(
    server: _Server, redis_url: str
) -> None:
    async with (
        _house_on(server, redis_url) as house,
        fast_sandbox(house, SPEED) as (sandbox, partners),
    ):
        sandbox.set_outcomes(TALKS)
        campaign = await house.campaign()
        claimed = await house.claimed(campaign)
        for _ in range(3):
            await house.lead(campaign["id"])
        assert not await restored.beat(house.context, [])
        await house.context.engine.dispose()
        server.copy()

        # What the copy doesn't know: the claim was placed, and so were three more.
        await place.place(house.context, partners, claimed["id"])
        assert await _place(house, partners, campaign) == 3
        assert len(sandbox.rings()) == 4
        await restored.beat(house.context, [])
        await house.context.engine.dispose()
        server.restore()

        # Nobody has noticed yet, and the leads are claimed anew; the pulse knows better.
        await house.lead(campaign["id"])
        assert await _place(house, partners, campaign) == 4
        assert len(sandbox.rings()) == 4
        assert await restored.beat(house.context, [])
        assert (await house.call(claimed["id"]))["state"] == "unknown"
        assert await _place(house, partners, campaign) == 0

        async def recovered() -> bool:
            await restored.recover(house.context, partners)
            await reconcile(house.context, partners, house.organization_id)
            return not await _quarantined(house)

        await until(recovered)
        await _place(house, partners, campaign)

        async def over() -> bool:
            await reconcile(house.context, partners, house.organization_id)
            return {row["state"] for row in await house.rows("SELECT state FROM leads")} == {
                "done"
            }

        await until(over)
        rings = sandbox.rings()
        assert len(rings) == 5
        assert max(Counter(ring["phone"] for ring in rings).values()) == 1
        linked = await house.rows("SELECT partner_call_id FROM calls")
        assert {ring["call_id"] for ring in rings} <= {row["partner_call_id"] for row in linked}
        names = Counter(await house.names())
        assert (names["organization.restored"], names["organization.recovered"]) == (1, 1)
        await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_a_lead_that_is_claimed_before_the_restore_is_noticed_keeps_the_ring_it_had(
    server: _Server, redis_url: str
) -> None:
    async with (
        _house_on(server, redis_url) as house,
        fast_sandbox(house, SPEED) as (sandbox, partners),
    ):
        sandbox.set_outcomes(TALKS)
        campaign = await house.campaign()
        await house.lead(campaign["id"])
        assert not await restored.beat(house.context, [])
        await house.context.engine.dispose()
        server.copy()
        assert await _place(house, partners, campaign) == 1
        await restored.beat(house.context, [])
        await house.context.engine.dispose()
        server.restore()

        # Longer ago than any clocks could differ.
        await asyncio.sleep(LONG_AGO)
        await house.on_duty(campaign["agent_id"])
        anew = await house.claim(campaign["agent_id"])
        assert len(anew.call_ids) == 1
        assert await restored.beat(house.context, [])
        assert (await house.call(anew.call_ids[0]))["state"] == "unknown"

        async def over() -> bool:
            await restored.recover(house.context, partners)
            await reconcile(house.context, partners, house.organization_id)
            await _place(house, partners, campaign)
            state = (await house.row("SELECT state FROM leads"))["state"]
            return state == "done" and not await _quarantined(house)

        await until(over)
        [ring] = sandbox.rings()
        call = await house.row("SELECT * FROM calls")
        assert (call["partner_call_id"], call["state"]) == (ring["call_id"], "ended")
        assert call["armed_at"] <= call["claimed_at"]
        assert (await house.row("SELECT attempts FROM leads"))["attempts"] == 1
        await house.assert_balanced()


@asynccontextmanager
async def _newcomer(house: House) -> AsyncIterator[Context]:
    """A process that has seen nothing yet."""
    old = house.context
    made = Context(
        settings=old.settings,
        engine=old.engine,
        wakeups=old.wakeups,
        vault=old.vault,
        pulse=Pulse(),
    )
    yield made


@pytest.mark.asyncio
@pytest.mark.parametrize("kept", ["file", "valkey"])
async def test_a_new_process_asks_what_was_kept_outside(
    house: House, tmp_path: Path, redis_url: str, kept: str
) -> None:
    redis = connect(redis_url)
    try:
        keeper = (
            FileKeeper(folder=tmp_path / "witness")
            if kept == "file"
            else ValkeyKeeper(redis=redis)
        )
        for _ in range(3):
            assert not await restored.beat(house.context, [keeper])
        async with _newcomer(house) as context:
            assert not await restored.beat(context, [keeper], first=True)
        await house.run("UPDATE witness SET beat = 2")
        async with _newcomer(house) as context:
            assert await restored.beat(context, [keeper], first=True)
            assert await _quarantined(house)
            # It is noticed once.
            assert not await restored.beat(context, [keeper])
    finally:
        await redis.aclose()
        await redis.connection_pool.disconnect()


@pytest.mark.asyncio
async def test_another_timeline_is_a_restore_even_if_nothing_was_kept(house: House) -> None:
    await restored.beat(house.context, [])
    assert (await house.row("SELECT cluster FROM witness"))["cluster"] is not None
    await house.run("UPDATE witness SET cluster = '1/1'")
    assert await restored.beat(house.context, [])


@pytest.mark.asyncio
async def test_a_restore_leaves_what_is_proven_and_doubts_what_is_not(house: House) -> None:
    campaign = await house.campaign()
    claimed = await house.claimed(campaign)
    dialing = await house.dialing(campaign)
    others = {}
    for state in ("placed", "live", "held"):
        call = await house.dialing(campaign)
        await house.run("UPDATE calls SET state = :s WHERE id = :id", s=state, id=call["id"])
        others[call["id"]] = state
    await restored.beat(house.context, [])
    house.context.pulse.beat += 5
    assert await restored.beat(house.context, [])
    for call in (claimed, dialing):
        row = await house.call(call["id"])
        assert (row["state"], row["closed_at"]) == ("unknown", None)
        assert row["armed_at"] is not None
        assert row["fence"] != call["fence"]
    assert {i: (await house.call(i))["state"] for i in others} == others
    assert (await house.names()).count("organization.restored") == 1
    await house.lead(campaign["id"])
    assert (await house.claim(campaign["agent_id"])).call_ids == ()


@pytest.mark.asyncio
async def test_keepers_that_fail_cost_evidence_and_nothing_else(
    house: House, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    redis = connect("redis://127.0.0.1:1/0")
    keepers: list[Keeper] = [FileKeeper(folder=blocked), ValkeyKeeper(redis=redis)]
    try:
        assert not await restored.beat(house.context, keepers, first=True)
        assert [await keeper.recall(uuid4()) for keeper in keepers] == [0, 0]
    finally:
        await redis.aclose()
        await redis.connection_pool.disconnect()


@pytest.mark.asyncio
async def test_an_incomplete_sweep_ends_no_quarantine(house: House) -> None:
    await house.campaign()
    await restored.beat(house.context, [])
    house.context.pulse.beat += 5
    assert await restored.beat(house.context, [])
    await house.pass_time(minutes=11)
    for items, lasts in (([{"customerNumber": "+12125550142"}], True), ([], False)):
        await house.run("UPDATE organizations SET recovered_at = NULL")
        async with listing(house, items) as partners:
            await restored.recover(house.context, partners)
        assert await _quarantined(house) is lasts


@pytest.mark.asyncio
async def test_why_a_look_came_to_nothing_is_kept_until_one_succeeds(house: House) -> None:
    await house.campaign()
    await restored.beat(house.context, [])
    house.context.pulse.beat += 5
    assert await restored.beat(house.context, [])
    async with fast_sandbox(house, SPEED) as (sandbox, partners):
        sandbox.fault("refuse", route="history")
        await restored.recover(house.context, partners)
        assert await _problem(house) is not None
        sandbox.clear_faults()
        await house.run(
            "UPDATE organizations SET restored_at = restored_at - interval '11 min', "
            "recovered_at = NULL"
        )
        await restored.recover(house.context, partners)
        assert not await _quarantined(house)
        assert await _problem(house) is None


async def _problem(house: House) -> str | None:
    row = await house.row("SELECT recovery_problem FROM organizations")
    found: str | None = row["recovery_problem"]
    return found
