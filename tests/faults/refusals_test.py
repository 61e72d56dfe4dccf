"""Refusals: 400 and 404 by each cause, and refusals that were lies.

A refusal proves that no phone rang, so its call is over and its lead waits, with no attempt spent.
Why it was refused decides what follows; whether it is true is looked up in the history.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from dialer.store import engine
from tests.faults.promises import promises
from tests.faults.stage import lend
from tests.support.side_by_side import Played, Scenarios, caught
from tests.support.tenants import Tenant, Tenants

SPEED = 300.0
SETTINGS = {
    "OUTDIAL_PROBE_SECONDS": "1",
    # Only a call's own refusal may tell that an agent has changed.
    "OUTDIAL_DUTY_CACHE_SECONDS": "300",
}

scenario = Scenarios()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def played(
    request: pytest.FixtureRequest,
    template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Played:
    """What became of all scenarios on a system with a worker."""
    home = tmp_path_factory.mktemp("home")
    async with lend(template, redis_url=redis_url, home=home, speed=SPEED, **SETTINGS) as system:
        system.start_worker()
        raised = await scenario.play(Tenants(system=system), request)
        return Played(raised=raised, broken=await caught(promises(system)))


async def _was_refused(tenant: Tenant, phone: str, *, answer: str) -> None:
    """Nothing rang, the lead waits, and nothing was spent on it."""
    found = await tenant.sent(phone)
    assert {(call["state"], call["answer"]) for call in found} == {("refused", answer)}
    assert tenant.rings(phone) == []
    assert (await tenant.lead(phone))["attempts"] == 0


async def _rings_once(tenant: Tenant, phone: str, *, answer: str) -> None:
    """After as many refusals as there were, one call rang."""
    lead = await tenant.until(phone, "done")
    *refused, last = await tenant.sent(phone)
    assert {(call["state"], call["answer"]) for call in refused} == {("refused", answer)}
    assert last["state"] == "ended"
    assert [UUID(ring["request_id"]) for ring in tenant.rings(phone)] == [last["id"]]
    assert lead["attempts"] == 1


async def _a_minute_passes(tenant: Tenant, *phones: str) -> None:
    """Bring forward the end of the minute of real time that an unexplained refusal waits."""
    for phone in phones:

        async def deferred(phone: str = phone) -> bool:
            lead = await tenant.system.rows(
                """
                SELECT id FROM leads WHERE organization_id = :org AND phone = :phone
                  AND state = 'waiting' AND due_at > outdial_now() + outdial_real(20)
                """,
                org=tenant.system.organization_id,
                phone=phone,
            )
            return bool(lead)

        await tenant.system.eventually(f"{phone} waits for a minute", deferred)
    async with tenant.system.context.engine.begin() as conn:
        await engine.run(
            conn,
            """
            UPDATE leads SET due_at = outdial_now()
            WHERE organization_id = :org AND phone = ANY(:phones) AND state = 'waiting'
            """,
            org=tenant.system.organization_id,
            phones=list(phones),
        )


async def _known_on_duty(tenants: Tenants) -> Tenant:
    """A tenant whose agent dialed, and which nobody reads again before a call is refused."""
    tenant = await tenants.open()
    (phone,) = tenant.people(1)
    await tenant.post([phone])
    await tenant.until(phone, "done")
    # Agents are kept warm in turn, and this one has no lead: once it is read, the turn that may
    # still have had the other is over.
    await (await tenants.open()).until_known()
    return tenant


async def _parks_and_resumes(
    tenants: Tenants, *, change: Mapping[str, Any], back: Mapping[str, Any], why: str
) -> None:
    tenant = await _known_on_duty(tenants)
    (after,) = tenant.people(1)
    tenant.system.sandbox.set_agent(tenant.agent, **change)
    await tenant.post([after])
    await tenant.until_parked(lane=why)
    await _was_refused(tenant, after, answer="bad_request")
    assert [told["why"] for told in await tenant.told("agent.parked")] == [why]

    tenant.system.sandbox.set_agent(tenant.agent, **back)
    await _rings_once(tenant, after, answer="bad_request")
    assert (await tenant.lane())["parked_reason"] is None


@scenario
async def test_a_400_by_an_agent_of_the_wrong_type_parks_the_lane(tenants: Tenants) -> None:
    await _parks_and_resumes(
        tenants, change={"type": "INBOUND"}, back={"type": "OUTBOUND"}, why="wrong_type"
    )


@scenario
async def test_a_400_by_an_agent_that_is_not_deployed_parks_the_lane(tenants: Tenants) -> None:
    await _parks_and_resumes(
        tenants,
        change={"deployed": False},
        back={"deployed": True, "on_duty": True},
        why="not_deployed",
    )


@scenario
async def test_a_400_by_an_agent_off_duty_parks_the_lane(tenants: Tenants) -> None:
    await _parks_and_resumes(
        tenants, change={"on_duty": False}, back={"on_duty": True}, why="off_duty"
    )


@scenario
async def test_a_number_is_refused_for_good_only_the_second_time(tenants: Tenants) -> None:
    """The guard is the second look: an agent may have changed while it was read afresh."""
    tenant = await tenants.open()
    never, once = tenant.person("refuse", count=None), tenant.person("refuse")
    await tenant.post([never, once])
    await _a_minute_passes(tenant, never, once)
    assert (await tenant.until(never, "done"))["reason"] == "refused_by_upstream"
    await _was_refused(tenant, never, answer="bad_request")
    assert len(await tenant.sent(never)) == 2
    await _rings_once(tenant, once, answer="bad_request")
    assert await tenant.told("agent.parked") == []


@scenario
async def test_three_unexplained_refusals_park_the_campaign_until_it_is_resumed(
    tenants: Tenants,
) -> None:
    tenant = await tenants.open()
    bad = [tenant.person("refuse", count=None) for _ in range(3)]
    (good,) = tenant.people(1)
    await tenant.post(bad)
    await _a_minute_passes(tenant, *bad)

    async def parked() -> bool:
        return bool(await tenant.told("campaign.parked"))

    await tenant.system.eventually("the campaign is parked", parked)
    await tenant.post([good])
    for phone in bad:
        await tenant.until(phone, "done")
        await _was_refused(tenant, phone, answer="bad_request")
    # Two sweeps of the worker later the good number still waits.
    await asyncio.sleep(2.5)
    assert await tenant.calls(good) == []
    assert await tenant.told("campaign.parked") == [{"why": "unexplained_refusals"}]

    await tenant.resume()
    assert (await tenant.until(good, "done"))["attempts"] == 1
    assert len(tenant.rings()) == 1


@scenario
async def test_a_404_by_an_agent_that_is_gone_parks_the_lane(tenants: Tenants) -> None:
    tenant = await _known_on_duty(tenants)
    (after,) = tenant.people(1)
    tenant.system.sandbox.control("DELETE", f"agents/{tenant.agent}")
    await tenant.post([after])
    await tenant.until_parked(lane="agent_gone")
    await _was_refused(tenant, after, answer="not_found")

    tenant.system.sandbox.add("agents", business_id=tenant.business, id=tenant.agent)
    await _rings_once(tenant, after, answer="not_found")


@scenario
async def test_a_404_by_an_unknown_lead_id_is_called_without_it_where_that_is_allowed(
    tenants: Tenants,
) -> None:
    tenant = await tenants.open(call_without_lead=True)
    known = tenant.system.sandbox.add("leads", business_id=tenant.business, name="Ann Bee")["id"]
    good, phone = tenant.people(2)
    await tenant.post([good], partner_lead_id=known)
    await tenant.post([phone], partner_lead_id="lead_nowhere")
    await _rings_once(tenant, phone, answer="not_found")
    assert len(await tenant.sent(phone)) == 2
    assert (await tenant.lead(phone))["partner_lead_id"] is None
    await tenant.until(good, "done")
    assert len(await tenant.sent(good)) == 1
    assert (await tenant.lead(good))["partner_lead_id"] == known
    assert await tenant.told("agent.parked") == []


@scenario
async def test_a_404_by_an_unknown_lead_id_holds_the_lead_otherwise(tenants: Tenants) -> None:
    tenant = await tenants.open(call_without_lead=False)
    (phone,) = tenant.people(1)
    await tenant.post([phone], partner_lead_id="lead_nowhere")
    assert (await tenant.until(phone, "held"))["reason"] == "partner_lead_unknown"
    await _was_refused(tenant, phone, answer="not_found")
    assert len(await tenant.sent(phone)) == 1


async def _lies(tenants: Tenants, status: int, answer: str) -> Tenant:
    """The upstream refuses a call that it places all the same; it is found before its turn."""
    tenant = await tenants.open()
    phone = tenant.person("fail_after_ring", status=status)
    await tenant.post([phone])
    lead = await tenant.until(phone, "done")
    (call,) = await tenant.sent(phone)
    assert (call["state"], call["status"]) == ("ended", status)
    assert [UUID(ring["request_id"]) for ring in tenant.rings()] == [call["id"]]
    assert lead["attempts"] == 1
    assert await tenant.told("answer.disbelieved") == [{"answer": answer}]
    return tenant


@scenario
async def test_a_400_that_had_rung_rings_once_and_is_never_believed_again(
    tenants: Tenants,
) -> None:
    """The guard is the look for refused calls: the lead would be called again in a minute."""
    tenant = await _lies(tenants, 400, "bad_request")
    honest = tenant.person("refuse")
    await tenant.post([honest])
    call = await tenant.until_call(honest, "unknown")
    assert (call["answer"], call["code"], call["status"]) == ("unknown", "bad_request", 400)
    assert tenant.rings(honest) == []
    assert (await tenant.lead(honest))["state"] == "calling"


@scenario
async def test_a_404_that_had_rung_rings_once(tenants: Tenants) -> None:
    await _lies(tenants, 404, "not_found")


@scenario
async def test_a_403_that_had_rung_rings_once(tenants: Tenants) -> None:
    await _lies(tenants, 403, "forbidden")


@scenario
async def test_a_429_that_had_rung_rings_once(tenants: Tenants) -> None:
    await _lies(tenants, 429, "rate_limited")
