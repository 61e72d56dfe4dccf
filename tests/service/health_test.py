"""Liveness, readiness and what is counted."""

import httpx2
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from dialer.context import Context
from dialer.store import version
from dialer.store.engine import create_engine, run
from service.app import create_app
from service.metrics import GAUGES, METRICS
from tests.service.tenants import Tenant, dial, disbelieve, hold, quarantine

pytestmark = pytest.mark.asyncio

_NOBODY = "redis://127.0.0.1:1/0"


def _client(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://outdial.test"
    )


async def test_all_is_well(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/healthz")).json() == {"status": "ok"}
    assert (await api.get("/readyz")).json() == {
        "status": "ready",
        "database": "ok",
        "schema_revision": version.newest(),
        "queue": "ok",
    }


async def test_without_the_queue_it_is_degraded_and_ready(context: Context) -> None:
    queue = Redis.from_url(_NOBODY, retry=Retry(NoBackoff(), 0))
    async with _client(create_app(context, queue=queue)) as client:
        answer = await client.get("/readyz")
    await queue.aclose()
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["queue"] == "away"


async def test_without_the_database_it_lives_and_is_not_ready(
    app: FastAPI, context: Context
) -> None:
    engine = create_engine("postgresql+asyncpg://x@127.0.0.1:1/x", pool=2, name="tests")
    away = Context(
        settings=context.settings, engine=engine, wakeups=context.wakeups, vault=context.vault
    )
    async with _client(create_app(away, queue=app.state.shell.queue)) as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        lead = await client.get("/v1/leads", headers={"X-API-Key": "odk_aaaaaaaa_b"})
        counted = await client.get("/metrics")
    await engine.dispose()
    for answer in (ready, lead):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "1"
    assert "database" in ready.json()["detail"]
    assert counted.status_code == 200
    assert not any(name in counted.text for name in GAUGES)


async def test_on_a_stale_schema_it_is_not_ready(
    api: httpx2.AsyncClient, context: Context
) -> None:
    async with context.engine.begin() as conn:
        await run(conn, "UPDATE alembic_version SET version_num = '0000'")
    answer = await api.get("/readyz")
    async with context.engine.begin() as conn:
        await run(conn, "UPDATE alembic_version SET version_num = :it", it=version.newest())
    assert answer.status_code == 503
    assert "outdial migrate" in answer.json()["detail"]


async def test_requests_and_rows_are_counted_without_naming_anyone(
    api: httpx2.AsyncClient, tenant: Tenant
) -> None:
    lead = await tenant.lead(name="Owen Castillo")
    await tenant.post("/v1/leads", {"campaign_id": tenant.campaign_id, "phone": "911"})
    await tenant.get(f"/v1/leads/{lead}")
    await api.get("/no/such/address")
    text = (await api.get("/metrics")).text
    for name in METRICS:
        assert f"# HELP {name.removesuffix('_total')}" in text or f"# HELP {name}" in text
    assert 'outdial_leads_total{code="phone.service_code",result="rejected"}' in text
    assert 'route="/v1/leads/{lead_id}",status="200"' in text
    assert 'route="unmatched",status="404"' in text
    for private in (lead, "Owen", "+1", str(tenant.organization_id), "such"):
        assert private not in text


async def test_what_a_person_should_see_is_measured(
    api: httpx2.AsyncClient, context: Context, tenant: Tenant
) -> None:
    before = await _gauges(api)
    await quarantine(context, tenant.organization_id)
    await hold(context, await tenant.lead())
    await disbelieve(context, await dial(context, await tenant.lead(), state="unknown"))
    after = await _gauges(api)
    changed = {name for name in GAUGES if after[name] == before[name] + 1}
    assert changed == {
        "outdial_quarantined_organizations",
        "outdial_disbelieved_answers",
        "outdial_unknown_calls",
        "outdial_held_calls",
    }


async def _gauges(api: httpx2.AsyncClient) -> dict[str, float]:
    lines = (await api.get("/metrics")).text.splitlines()
    told = (line.split() for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in told if name in GAUGES}
