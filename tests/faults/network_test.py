"""The network to the upstream fails before, during and after a call request.

What was not sent costs nobody an attempt; what may have been sent is looked for, and nothing but
a new call of its own is ever sent after it. Each scenario has a wire of its own; all run at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
import pytest_asyncio

from dialer.store import engine
from tests.faults.promises import promises, witness
from tests.faults.rig.moment import When
from tests.faults.rig.proxy import Do, Way
from tests.faults.stage import MORNING, lend
from tests.faults.wire import Wire, wired
from tests.support.raw_server import RawServer, hang, make_certificates
from tests.support.servers import database
from tests.support.side_by_side import Played, Scenarios, caught
from tests.support.system import System, running_system
from tests.support.tenants import Tenants

SPEED = 480
"""The balanced proof's hour passes in eight seconds."""

CALL_SECONDS = 3.0
SETTINGS = {
    "OUTDIAL_PARTNER_CALL_TIMEOUT_SECONDS": str(CALL_SECONDS),
    "OUTDIAL_PROBE_SECONDS": "1",
    # What a call meets shall be met first by a call, not by a look at the agent.
    "OUTDIAL_DUTY_CACHE_SECONDS": "300",
}

MANY = 12
"""More people than the breaker needs to judge a minute by."""

NOWHERE = "https://nowhere.invalid/v1"
_WRONG_CLOCK = """
CREATE OR REPLACE FUNCTION outdial_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT clock_timestamp() - make_interval(secs => {behind})
$$
"""

shifted = Scenarios()
real = Scenarios()
"""In shifted time only this machine is called, so no name is looked up."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def played(
    request: pytest.FixtureRequest,
    template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Played:
    """What became of all scenarios, in a system in shifted time and one in real time."""
    home = tmp_path_factory.mktemp("network")
    async with AsyncExitStack() as stack:
        lent = lend(template, redis_url=redis_url, home=home / "shifted", speed=SPEED, **SETTINGS)
        fast = await stack.enter_async_context(lent)
        slow = await stack.enter_async_context(_in_real_time(template, redis_url, home / "real"))
        for system in (fast, slow):
            system.start_worker()
        raised = await asyncio.gather(
            shifted.play(Tenants(system=fast), request), real.play(Tenants(system=slow), request)
        )
        kept = asyncio.gather(*(promises(system) for system in (fast, slow)))
        return Played(raised=raised[0] | raised[1], broken=await caught(kept))


@asynccontextmanager
async def _in_real_time(template: str, redis_url: str, home: Path) -> AsyncIterator[System]:
    """As `lend`, but no rehearsal, and calls of a few seconds.

    The database's own clock is wrong by as much as it takes for it to be morning in New York.
    """
    with database(template, name=f"faults_{uuid4().hex}") as url:
        async with running_system(
            database_url=url, redis_url=redis_url, home=home, speed=1, start=MORNING, **SETTINGS
        ) as system:
            theirs = system.sandbox.clock()
            behind = theirs["real_start"] - datetime.fromisoformat(theirs["start"]).timestamp()
            async with system.context.engine.begin() as conn:
                await engine.run(conn, "DELETE FROM clock")
                await engine.run(conn, _WRONG_CLOCK.format(behind=behind))
            system.sandbox.set_outcomes({"busy": 1.0})
            await witness(system)
            yield system


async def _nobody_is_called(wire: Wire, astray: str | None, *, why: str) -> None:
    """Lead the wire astray: the breaker opens, nothing is spent, and all is well afterwards.

    Args:
        wire: The wire.
        astray: The address to lead it to; None closes the port that it leads to.
        why: The client's code for it.
    """
    tenant = wire.tenant
    phones = tenant.people(MANY)
    # A look at the agent that met the fault would park the lane before any call did.
    await wire.until_left_alone()
    if astray is None:
        wire.proxy.refuse()
    await wire.lead_to(astray or wire.base_url)
    await tenant.post(phones)
    await tenant.until_parked(lane="breaker_open")
    await wire.until_quiet()
    calls = await tenant.calls()
    assert {(call["state"], call["answer"]) for call in calls} == {("released", "not_sent")}
    assert {told["why"] for told in await tenant.told("call.released")} == {why}
    assert tenant.rings() == []
    await wire.lead_to(wire.base_url)
    wire.proxy.open()
    for phone in phones:
        assert (await tenant.until(phone, "done"))["attempts"] == 1
    assert sorted(ring["phone"] for ring in tenant.rings()) == phones
    assert wire.requests == [1] * MANY
    assert await tenant.told("agent.resumed")


@shifted
async def test_refused_connections_spend_nothing_and_all_are_called_afterwards(
    tenants: Tenants,
) -> None:
    """The guards: TCP stands before the arm; who could not send counts for the breaker."""
    async with wired(tenants) as wire:
        await _nobody_is_called(wire, None, why="connect_failed")


@shifted
async def test_a_port_without_tls_spends_nothing_and_all_are_called_afterwards(
    tenants: Tenants,
) -> None:
    """The guard: TLS stands before the arm."""
    async with wired(tenants) as wire:
        plain = wire.base_url.replace("http://", "https://")
        await _nobody_is_called(wire, plain, why="tls_failed")


@shifted
async def test_an_untrusted_certificate_spends_nothing_and_all_are_called_afterwards(
    tenants: Tenants,
) -> None:
    """The guard: nobody is told of a person before they have shown who they are."""
    async with wired(tenants) as wire, _impostor() as impostor:
        await _nobody_is_called(wire, impostor.base_url, why="tls_failed")
        assert impostor.requests == []


@asynccontextmanager
async def _impostor() -> AsyncIterator[RawServer]:
    with TemporaryDirectory() as folder:
        tls = make_certificates(Path(folder)).server
    async with RawServer(hang, tls=tls) as server:
        yield server


@real
async def test_a_name_that_does_not_resolve_spends_nothing_and_all_are_called_afterwards(
    tenants: Tenants,
) -> None:
    """The guard: a name is looked up before the arm."""
    async with wired(tenants) as wire:
        await _nobody_is_called(wire, NOWHERE, why="dns_failed")


@shifted
async def test_a_stale_kept_connection_costs_no_call_anything(tenants: Tenants) -> None:
    """The guard: each call has a connection of its own; reads go over kept ones, and again."""
    async with wired(tenants) as wire:
        phones = wire.tenant.people(4)
        for number, phone in enumerate(phones):
            await wire.tenant.post([phone])
            await wire.tenant.until(phone, "done")
            # What a call would keep is still there for the next one, or is stale by then.
            if number % 2:
                await wire.cut_what_is_kept()
        calls = await wire.tenant.calls()
        assert [(call["state"], call["answer"]) for call in calls] == [("ended", "placed")] * 4
        assert [ring["phone"] for ring in wire.tenant.rings()] == phones
        assert wire.requests == [1] * len(phones)


@shifted
async def test_a_reset_at_the_first_byte_is_doubted_and_called_again_once_it_is_disproved(
    tenants: Tenants,
) -> None:
    """The guards: the client sends nothing twice; a doubt ends by proof alone."""
    async with wired(tenants) as wire:
        wire.at(When.REQUEST, then=Do.CUT)
        await wire.calls_once("absent", "ended")


@shifted
async def test_a_reset_within_the_request_is_doubted_and_called_again_once_it_is_disproved(
    tenants: Tenants,
) -> None:
    """The guard: that half a request was sent is no proof that none was read."""
    async with wired(tenants, shears=Way.TO_SERVER) as wire:
        await wire.calls_once("absent", "ended")
        assert wire.cuts


@shifted
async def test_a_reset_after_the_request_is_found_in_the_history(tenants: Tenants) -> None:
    """The guard: a lost connection isn't taken for a call that was not placed."""
    async with wired(tenants) as wire:
        wire.at(When.SENT, then=Do.CUT)
        await wire.calls_once("ended")


@shifted
async def test_a_reset_in_place_of_the_answer_is_found_in_the_history(tenants: Tenants) -> None:
    """The guard: as after the request."""
    async with wired(tenants) as wire:
        wire.at(When.ANSWER, then=Do.CUT)
        await wire.calls_once("ended")


@shifted
async def test_an_answer_cut_in_its_middle_is_found_in_the_history(tenants: Tenants) -> None:
    """The guard: half an answer is none, though its status is 200."""
    async with wired(tenants, shears=Way.TO_CLIENT) as wire:
        await wire.calls_once("ended")
        assert wire.cuts


@shifted
async def test_a_swallowed_answer_times_out_and_is_found_in_the_history(tenants: Tenants) -> None:
    """The guard: a time-out isn't taken for a call that was not placed."""
    async with wired(tenants) as wire:
        wire.at(When.ANSWER, then=Do.SWALLOW)
        await wire.calls_once("ended")


@shifted
async def test_a_swallowed_request_times_out_and_is_called_again_once_it_is_disproved(
    tenants: Tenants,
) -> None:
    """The guard: a time-out isn't taken for a call that was placed, either."""
    async with wired(tenants) as wire:
        wire.at(When.REQUEST, then=Do.SWALLOW)
        await wire.calls_once("absent", "ended")


@shifted
async def test_a_request_that_a_silent_network_delivers_after_the_time_out_is_found(
    tenants: Tenants,
) -> None:
    """The guard: a doubt settles from its closing on, since what was sent may still arrive."""
    async with wired(tenants) as wire:
        wire.hold_first_call(CALL_SECONDS + 0.5)
        await wire.calls_once("ended")
