"""Answers that prove nothing: a call that rang is found, one that didn't is called again by proof.

The guard of all of them: whatever isn't a clear yes or a clear no leaves its call unknown, and an
unknown call is looked for, never sent again. Campaign time passes 400 times as fast; where a day
has to pass, 14,400 times.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import RowMapping

from dialer.pipeline.settling.decide import Decider, decide
from dialer.rules.proof.decision import Decision
from tests.faults.promises import promises
from tests.faults.stage import lend, now
from tests.support.side_by_side import Played, Scenarios, caught
from tests.support.tenants import Tenant, Tenants

SPEED = 400.0
DAYS_SPEED = 14_400.0
BALANCED = timedelta(hours=1)
STRICT = timedelta(minutes=30)
"""Three times the lag that is assumed until it is measured."""

SETTINGS = {"OUTDIAL_PROBE_SECONDS": "1", "OUTDIAL_PARTNER_CALL_TIMEOUT_SECONDS": "4"}

answered = Scenarios()
days_later = Scenarios()


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
        for speed in (SPEED, DAYS_SPEED):
            home = tmp_path_factory.mktemp("home")
            lent = lend(template, redis_url=redis_url, home=home, speed=speed, **SETTINGS)
            systems.append(await stack.enter_async_context(lent))
            systems[-1].start_worker()
        quick, quicker = (Tenants(system=system) for system in systems)
        raised = await asyncio.gather(
            answered.play(quick, request), days_later.play(quicker, request)
        )
        kept = asyncio.gather(*(promises(system) for system in systems))
        return Played(raised=raised[0] | raised[1], broken=await caught(kept))


async def _is_found(tenant: Tenant, phone: str, *, code: str, answer: str = "unknown") -> None:
    """The one call rang, and was found in the history; nothing else was ever sent."""
    lead = await tenant.until(phone, "done")
    (call,) = await tenant.sent(phone)
    assert (call["state"], call["answer"], call["code"]) == ("ended", answer, code)
    assert _rung(tenant, phone) == [call["id"]]
    assert call["partner_call_id"] == tenant.rings(phone)[0]["call_id"]
    assert lead["attempts"] == 1


async def _is_called_again(
    tenant: Tenant, phone: str, *, code: str, settling: timedelta = BALANCED
) -> None:
    """The first call didn't ring and was proven absent; a second one rang, once."""
    lead = await tenant.until(phone, "done")
    silent, second = await tenant.sent(phone)
    assert (silent["state"], silent["answer"], silent["code"]) == ("absent", "unknown", code)
    assert silent["sweeps"] >= 3
    assert second["claimed_at"] - silent["closed_at"] >= settling
    assert (second["state"], second["answer"]) == ("ended", "placed")
    assert _rung(tenant, phone) == [second["id"]]
    assert lead["attempts"] == 1


def _rung(tenant: Tenant, phone: str) -> list[UUID]:
    return [UUID(ring["request_id"]) for ring in tenant.rings(phone)]


async def _statuses(tenant: Tenant, phones: Sequence[str]) -> list[int | None]:
    return [(await tenant.sent(phone))[0]["status"] for phone in phones]


@answered
async def test_a_500_a_502_and_a_504_are_unknown_whether_they_rang_or_not(
    tenants: Tenants,
) -> None:
    tenant = await tenants.open()
    failures = [500, 502, 504]
    rang = [tenant.person("fail_after_ring", status=status) for status in failures]
    silent = [tenant.person("fail_before_ring", status=status) for status in failures]
    await tenant.post([*rang, *silent])
    for phone in rang:
        await _is_found(tenant, phone, code="server_error")
    for phone in silent:
        await _is_called_again(tenant, phone, code="server_error")
    assert await _statuses(tenant, [*rang, *silent]) == failures * 2


@answered
async def test_a_503_with_html_is_unknown_like_one_that_rang(tenants: Tenants) -> None:
    tenant = await tenants.open()
    rang = tenant.person("fail_after_ring", status=503)
    silent = [
        tenant.person("unavailable_html"),
        # A proxy's word on when to come back is no proof that nothing went through it.
        tenant.person("unavailable_html", retry_after="1"),
    ]
    await tenant.post([rang, *silent])
    await _is_found(tenant, rang, code="server_error")
    for phone in silent:
        await _is_called_again(tenant, phone, code="server_error")
    assert await _statuses(tenant, [rang, *silent]) == [503, 503, 503]


@answered
async def test_a_time_out_is_unknown_whether_it_rang_or_not(tenants: Tenants) -> None:
    tenant = await tenants.open()
    rang, silent = tenant.person("hang"), tenant.person("hang_before_ring")
    await tenant.post([rang, silent])
    await _is_found(tenant, rang, code="timeout")
    await _is_called_again(tenant, silent, code="timeout")


@answered
async def test_a_dropped_connection_is_unknown_whether_it_rang_or_not(tenants: Tenants) -> None:
    tenant = await tenants.open()
    rang, silent = tenant.person("drop"), tenant.person("drop_before_ring")
    await tenant.post([rang, silent])
    await _is_found(tenant, rang, code="connection_lost")
    await _is_called_again(tenant, silent, code="connection_lost")


@answered
async def test_a_request_that_is_processed_minutes_after_we_hung_up_is_found(
    tenants: Tenants,
) -> None:
    """The guard is the settling: as long as the request may yet be read, nothing is absent."""
    tenant = await tenants.open()
    late = {tenant.person("late_ring", seconds=seconds): seconds for seconds in (0.5, 2.0)}
    await tenant.post(list(late))
    for phone, seconds in late.items():
        await _is_found(tenant, phone, code="connection_lost")
        (call,), (ring,) = await tenant.sent(phone), tenant.rings(phone)
        # What was sent just before the answer was recorded rang these minutes after it.
        gap = datetime.fromisoformat(ring["at"]) - call["armed_at"]
        assert gap >= timedelta(seconds=seconds * SPEED)


@answered
async def test_a_body_that_cannot_be_believed_is_unknown_whether_it_rang_or_not(
    tenants: Tenants,
) -> None:
    tenant = await tenants.open()
    rang = {
        tenant.person("garbled"): "unreadable_body",
        tenant.person("truncated"): "connection_lost",
        tenant.person("success_false"): "not_successful",
    }
    silent = tenant.person("success_false", rang=False)
    await tenant.post([*rang, silent])
    for phone, code in rang.items():
        await _is_found(tenant, phone, code=code)
    await _is_called_again(tenant, silent, code="not_successful")
    assert await _statuses(tenant, [*rang, silent]) == [200, 200, 200, 200]


@answered
async def test_a_307_is_never_followed(tenants: Tenants) -> None:
    """A client that followed it would post the call again: the first call would have rung."""
    tenant = await tenants.open()
    phone = tenant.person("redirect")
    await tenant.post([phone])
    await _is_called_again(tenant, phone, code="unexpected_status")
    assert await _statuses(tenant, [phone]) == [307]


@answered
async def test_with_traffic_the_strict_proof_needs_no_hour(tenants: Tenants) -> None:
    tenant = await tenants.open(absence_proof="strict")
    silent = {
        tenant.person("fail_before_ring"): "server_error",
        tenant.person("drop_before_ring"): "connection_lost",
    }
    await tenant.post(list(silent))
    for phone in silent:
        await tenant.until_call(phone, "unknown")
    # A call a minute: some start late enough to be watermarks of a list that is alive.
    others = tenant.people(30)
    await tenant.post(others, campaign=await tenant.campaign(calls_per_minute=1))
    for phone, code in silent.items():
        await _is_called_again(tenant, phone, code=code, settling=STRICT)
    for phone in others:
        await tenant.until(phone, "done")
        assert len(tenant.rings(phone)) == 1


@answered
async def test_without_traffic_the_strict_proof_is_never_had(tenants: Tenants) -> None:
    """The guard is the watermarks: a list that shows nothing new may stand still."""
    tenant = await tenants.open(absence_proof="strict")
    phone = tenant.person("fail_before_ring")
    await tenant.post([phone])
    call = await tenant.until_call(phone, "unknown")

    async def long_settled() -> bool:
        return bool(await now(tenant.system) > call["closed_at"] + timedelta(minutes=75))

    await tenant.system.eventually("more than an hour passes", long_settled)
    (call,) = await tenant.sent(phone)
    assert (call["state"], call["sweeps"]) == ("unknown", 0)
    assert tenant.rings() == []
    assert (await tenant.lead(phone))["state"] == "calling"


@days_later
async def test_a_409_that_rang_is_found_however_late_it_is_listed(tenants: Tenants) -> None:
    """The guard is that a 409 is never proven absent: any other answer was, hours before."""
    tenant = await tenants.open()
    hours = (5, 24)
    rang = [tenant.person("conflict_after_ring") for _ in hours]
    for phone, late in zip(rang, hours, strict=True):
        tenant.system.sandbox.fault("history_lag", phone=phone, seconds=late * 3600.0)
    await tenant.post(rang)
    for phone, late in zip(rang, hours, strict=True):
        await _is_found(tenant, phone, code="conflict", answer="conflict")
        (call,) = await tenant.sent(phone)
        assert call["seen_at"] - call["armed_at"] >= timedelta(hours=late)
    assert await _statuses(tenant, rang) == [409, 409]


async def _decided(tenant: Tenant, call: RowMapping, decision: Decision) -> None:
    await decide(
        tenant.system.context,
        organization_id=tenant.system.organization_id,
        call_id=call["id"],
        decision=decision,
        by=Decider(name="Test", through="api"),
    )


@days_later
async def test_a_409_that_did_not_ring_is_held_after_a_day_and_decided_by_a_person(
    tenants: Tenants,
) -> None:
    tenant = await tenants.open()
    again, reached, dropped = (tenant.person("conflict_before_ring") for _ in range(3))
    await tenant.post([again, reached, dropped])
    for phone in (again, reached, dropped):
        await tenant.until(phone, "held")
        (call,) = await tenant.sent(phone)
        assert (call["state"], call["answer"], call["code"]) == ("held", "conflict", "conflict")
        assert call["sweeps"] >= 3
        assert await now(tenant.system) >= call["armed_at"] + timedelta(hours=24)
    assert tenant.rings() == []

    await _decided(tenant, (await tenant.sent(again))[0], "call_again")
    await _decided(tenant, (await tenant.sent(reached))[0], "reached")
    await _decided(tenant, (await tenant.sent(dropped))[0], "drop")
    assert (await tenant.until(again, "done"))["attempts"] == 1
    first, second = await tenant.sent(again)
    assert (first["state"], second["state"]) == ("absent", "ended")
    assert [UUID(ring["request_id"]) for ring in tenant.rings()] == [second["id"]]
    for phone, bucket in ((reached, "done"), (dropped, "cancelled")):
        assert (await tenant.lead(phone))["state"] == bucket
        assert [call["state"] for call in await tenant.sent(phone)] == ["ended"]
