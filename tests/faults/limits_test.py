"""429, 401 and 403: whoever may not call now waits, spends nothing, and rings each phone once."""

import asyncio
from collections.abc import Collection, Iterable
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import RowMapping

from tests.faults.promises import promises
from tests.faults.stage import lend
from tests.support.side_by_side import Played, Scenarios, caught
from tests.support.tenants import Tenant, Tenants

SPEED = 10.0
"""A minute of campaign time is six seconds, so that a rest of three is shorter."""

TOKENS = "POST /api/partner/v1/oauth/token"

hurried = Scenarios()
unhurried = Scenarios()
"""Where the upstream names an instant to wait for, its clock must pass as ours does."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def played(
    request: pytest.FixtureRequest,
    template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Played:
    """What became of all scenarios on two systems with a worker each."""
    async with AsyncExitStack() as stack:
        systems = []
        # Where agents are hardly ever read, only calls find out that something is wrong.
        for speed, cached in ((SPEED, "300"), (1.0, "1")):
            lent = lend(
                template,
                redis_url=redis_url,
                home=tmp_path_factory.mktemp("home"),
                speed=speed,
                OUTDIAL_PROBE_SECONDS="1",
                OUTDIAL_DUTY_CACHE_SECONDS=cached,
            )
            systems.append(await stack.enter_async_context(lent))
            # Nobody talks for long: with no call open, the history isn't read either.
            systems[-1].sandbox.set_outcomes({"wrong_person": 1.0})
            systems[-1].start_worker()
        quick, usual = (Tenants(system=system) for system in systems)
        raised = await asyncio.gather(hurried.play(quick, request), unhurried.play(usual, request))
        kept = asyncio.gather(*(promises(system) for system in systems))
        return Played(raised=raised[0] | raised[1], broken=await caught(kept))


async def _each_rings_once(tenant: Tenant, phones: Collection[str], *, answer: str) -> None:
    """Every phone rang once, by the last call of its lead; all before were refused so."""

    async def all_rung() -> bool:
        return {ring["phone"] for ring in tenant.rings()} == set(phones)

    await tenant.system.eventually("every phone rings", all_rung)
    for phone in phones:
        last = await tenant.until_call(phone, "placed", "live", "ended")
        *refused, _ = await tenant.calls(phone)
        assert {call["answer"] for call in refused} <= {answer, "not_sent", None}
        assert {call["state"] for call in refused} <= {"refused", "released"}
        assert [UUID(ring["request_id"]) for ring in tenant.rings(phone)] == [last["id"]]
        assert (await tenant.lead(phone))["attempts"] <= 1


async def _nothing_is_spent(tenant: Tenant, phones: Collection[str]) -> None:
    await tenant.until_quiet()
    assert tenant.rings() == []
    for phone in phones:
        lead = await tenant.lead(phone)
        assert (lead["state"], lead["attempts"]) == ("waiting", 0)


async def _refused(tenant: Tenant, answer: str) -> int:
    return sum(1 for call in await tenant.calls() if call["answer"] == answer)


@hurried
async def test_a_storm_of_429_halves_the_pace_once_and_it_recovers(tenants: Tenants) -> None:
    """The guards: the rest that was asked for, and one halving for all that was under way."""
    tenant = await tenants.open(calls_per_minute=120)
    storm = {"agent_id": tenant.agent, "count": 5}
    tenant.system.sandbox.fault("slow", seconds=0.4, **storm)
    tenant.system.sandbox.fault("rate_limit", retry_after="3", **storm)
    phones = tenant.people(60)
    await tenant.post(phones)
    await _each_rings_once(tenant, phones, answer="rate_limited")

    lane, parkings = await tenant.lane(), len(await tenant.told("agent.parked"))
    assert await _refused(tenant, "rate_limited") == 5
    assert 1 / 2**parkings <= lane["factor"] <= 1 / 2
    later = [c for c in await tenant.calls() if c["claimed_at"] > lane["probation_from"]]
    rest = min(c["armed_at"] for c in later if c["armed_at"]) - lane["probation_from"]
    assert rest >= timedelta(seconds=3) * SPEED

    space = timedelta(minutes=1) / (120 * lane["factor"])
    minute = lane["factor_at"] + timedelta(minutes=1)
    assert all(s >= space for s in _spaces(c for c in later if c["claimed_at"] < minute))
    assert min(_spaces(c for c in later if c["claimed_at"] > minute)) < 0.9 * space


def _spaces(calls: Iterable[RowMapping]) -> list[timedelta]:
    return [later - one for one, later in pairwise(sorted(c["place_at"] for c in calls))]


@unhurried
async def test_a_429_with_a_date_is_waited_out_and_every_phone_rings_once(
    tenants: Tenants,
) -> None:
    tenant = await tenants.open()
    clock = datetime.fromisoformat(tenant.system.sandbox.clock()["now"])
    until = clock.replace(microsecond=0) + timedelta(seconds=7)
    asked = format_datetime(until, usegmt=True)
    storm = tenant.system.sandbox.fault("rate_limit", agent_id=tenant.agent, retry_after=asked)
    phones = tenant.people(5)
    await tenant.post(phones[:3])
    await tenant.until_parked(lane="rate_limited")
    tenant.system.sandbox.control("DELETE", f"faults/{storm}")
    # These have no reason of their own to wait.
    await tenant.post(phones[3:])
    await _each_rings_once(tenant, phones, answer="rate_limited")
    assert datetime.fromisoformat(tenant.rings()[0]["at"]) >= until


@hurried
async def test_a_401_under_load_renews_the_token_once_and_every_phone_rings_once(
    tenants: Tenants,
) -> None:
    client = {"client_id": "busy-client", "client_secret": "busy-secret"}
    tenant = await tenants.open(credentials=client)
    first, *others = tenant.people(41)
    await tenant.post([first])
    await tenant.until(first, "done")
    sandbox = tenant.system.sandbox
    assert sandbox.stats()["requests"][TOKENS] == {"200": 1}

    # The new token takes its time: whoever finds out meanwhile that the old one is no good waits.
    sandbox.fault("slow", route="token", seconds=0.5, count=1)
    sandbox.control("DELETE", "tokens")
    await tenant.post(others)
    await _each_rings_once(tenant, [first, *others], answer="unauthorized")
    assert await _refused(tenant, "unauthorized") >= 1
    assert sandbox.stats()["requests"][TOKENS] == {"200": 2}
    assert (await tenant.organization())["parked_reason"] is None
    assert await tenant.told("organization.parked") == []


@hurried
async def test_calls_that_stay_unauthorized_with_a_fresh_token_park_the_organization(
    tenants: Tenants,
) -> None:
    """The guard is that a second 401 is believed: the agent can still be read all the time."""
    tenant = await tenants.open()
    wrong = tenant.system.sandbox.fault("unauthorized", agent_id=tenant.agent, route="call")
    phones = tenant.people(3)
    await tenant.post(phones)
    await tenant.until_parked(all_of_it="call_unauthorized")
    await _nothing_is_spent(tenant, phones)
    asked = await _refused(tenant, "unauthorized")
    assert 2 <= asked <= 2 * len(phones), "armed again once, and no more"

    tenant.system.sandbox.control("DELETE", f"faults/{wrong}")
    await tenant.connect(api_key=f"key-of-{tenant.upstream}")
    await _each_rings_once(tenant, phones, answer="unauthorized")
    assert (await tenant.organization())["parked_reason"] is None


@hurried
async def test_a_key_that_is_wrong_for_good_parks_the_organization_until_it_is_replaced(
    tenants: Tenants,
) -> None:
    tenant = await tenants.open(shown={"api_key": "nobodys-key"})
    phones = tenant.people(3)
    await tenant.post(phones)
    await tenant.until_parked(all_of_it="unauthorized")
    await _nothing_is_spent(tenant, phones)
    assert await tenant.calls() == []

    await tenant.connect(api_key=f"key-of-{tenant.upstream}")
    await _each_rings_once(tenant, phones, answer="unauthorized")


@unhurried
async def test_a_secret_that_was_changed_parks_the_organization_which_resumes_by_itself(
    tenants: Tenants,
) -> None:
    client = {"client_id": "old-client", "client_secret": "known-secret"}
    tenant = await tenants.open(credentials=client)
    sandbox = tenant.system.sandbox
    first, *others = tenant.people(4)
    await tenant.post([first])
    await tenant.until_call(first, "placed", "live")
    changed = client | {"client_secret": "unknown-secret"}
    sandbox.add("credentials", organization_id=tenant.upstream, **changed)
    sandbox.control("DELETE", "tokens")
    await tenant.post(others)
    await tenant.until_parked(all_of_it="token_refused")
    assert len(tenant.rings()) == 1
    assert {(await tenant.lead(phone))["attempts"] for phone in others} == {0}

    sandbox.add("credentials", organization_id=tenant.upstream, **client)
    await _each_rings_once(tenant, [first, *others], answer="unauthorized")
    assert (await tenant.organization())["parked_reason"] is None


@unhurried
async def test_a_403_parks_the_organization_at_once_until_it_may_call(tenants: Tenants) -> None:
    """The guard is that the agent can be read: its parking must outlast every such reading."""
    tenant = await tenants.open(scopes=["voice-agents:read", "calls:read"])
    phones = tenant.people(3)
    await tenant.post(phones)
    await tenant.until_parked(all_of_it="forbidden")
    await _nothing_is_spent(tenant, phones)
    before = await _refused(tenant, "forbidden")
    await tenant.until_due(phones)
    await tenant.until_read(times=2)
    assert await _refused(tenant, "forbidden") == before <= len(phones)

    tenant.system.sandbox.add("credentials", organization_id=tenant.upstream, api_key="may-call")
    await tenant.connect(api_key="may-call")
    await _each_rings_once(tenant, phones, answer="forbidden")
