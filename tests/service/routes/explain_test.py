"""Why a lead waits, why a campaign is idle, and what a start would come to, over HTTP."""

import pytest

from dialer.context import Context
from dialer.store.engine import run
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, fresh_phone

pytestmark = pytest.mark.asyncio


async def _sql(context: Context, sql: str, **values: object) -> None:
    async with context.engine.begin() as conn:
        await run(conn, sql, **values)


async def _start(tenant: Tenant, context: Context) -> None:
    await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/start")
    await _sql(
        context,
        """
        UPDATE agents SET deployed = true, on_duty = true, checked_at = outdial_now()
        WHERE organization_id = :org
        """,
        org=tenant.organization_id,
    )


async def test_a_draft_is_what_keeps_its_leads_back(tenant: Tenant) -> None:
    lead = await tenant.lead()
    found = await tenant.get(f"/v1/leads/{lead}/why")
    assert found["state"] == "waiting"
    assert found["estimate_at"] is None
    gates = [one["gate"] for one in found["verdicts"]]
    assert gates[:4] == ["organization", "business", "agent", "campaign"]
    assert gates[-1] == "pace"
    shut = {one["gate"]: one["why"] for one in found["verdicts"] if not one["open"]}
    assert shut.items() >= {"agent": "off_duty", "campaign": "campaign_draft"}.items()
    # Duty was never read here, and the first gate that is shut is the one that blocks.
    assert found["blocks"] == next(one for one in found["verdicts"] if not one["open"])
    idle = await tenant.get(f"/v1/campaigns/{tenant.campaign_id}/why-idle")
    assert idle["says"] == found["blocks"]["says"]
    assert idle["waiting"] == [{"reason": "new", "leads": 1, "due": 1, "next_due_at": None}]


async def test_what_opens_by_itself_says_when(tenant: Tenant, context: Context) -> None:
    await _start(tenant, context)
    lead = await tenant.lead(not_before="2099-01-05T18:00:00Z")
    found = await tenant.get(f"/v1/leads/{lead}/why")
    assert found["blocks"]["gate"] == "not_before"
    assert found["blocks"]["until"] == "2099-01-05T18:00:00Z"
    assert found["next_at"] == found["estimate_at"] == "2099-01-05T18:00:00Z"


async def test_a_preflight_tells_who_can_be_called(tenant: Tenant, context: Context) -> None:
    where = f"/v1/campaigns/{tenant.campaign_id}"
    change = {"consent": "required", "price_per_minute": "0.10", "budget": "1.00"}
    patched = await tenant.call("PATCH", where, json=change)
    assert patched.status_code == 200, patched.text
    await _start(tenant, context)
    barred = fresh_phone()
    for number in range(9):
        await tenant.lead(consent={"given": number > 0})
    await tenant.lead(phone=barred, consent={"given": True})
    await _sql(
        context,
        """
        INSERT INTO suppressions (id, organization_id, phone, reason)
        VALUES (gen_random_uuid(), :org, :phone, 'asked')
        """,
        org=tenant.organization_id,
        phone=barred,
    )
    found = await tenant.get(f"{where}/preflight")
    assert found["leads"] == 10
    never = {row["reason"]: row["leads"] for row in found["never"]}
    assert never == {"no_consent": 1, "suppressed": 1}
    later = sum(row["leads"] for row in found["later"])
    assert found["now"] + later == 8
    assert sum(row["leads"] for row in found["by_zone"]) == 8
    assert sum(row["leads"] for row in found["by_hour"]) == 8
    assert found["by_hour"] == sorted(found["by_hour"], key=lambda row: row["hour"])
    assert found["calls"] == {"least": 10, "most": 24}
    assert found["minutes"] == {"least": 3.0, "most": 48.0}
    assert found["cost"] == {"least": 0.3, "most": 4.8}
    assert found["pace"] == 60
    warned = {row["code"]: row["leads"] for row in found["warnings"]}
    assert warned == {"no_consent": 1, "suppressed": 1, "over_budget": 0}
    assert all(row["says"].endswith(".") for row in found["warnings"])


async def test_a_preflight_without_a_price_or_leads(tenant: Tenant) -> None:
    found = await tenant.get(f"/v1/campaigns/{tenant.campaign_id}/preflight")
    assert (found["leads"], found["now"], found["later"], found["cost"]) == (0, 0, [], None)
    assert {row["code"] for row in found["warnings"]} == {"agent_unread", "nobody"}


async def test_a_plan_that_cannot_be_read_is_told_and_no_fault_of_ours(
    tenant: Tenant, context: Context
) -> None:
    await _sql(
        context,
        "UPDATE campaigns SET hours = '{}' WHERE organization_id = :org",
        org=tenant.organization_id,
    )
    answer = await tenant.call("GET", f"/v1/campaigns/{tenant.campaign_id}/preflight")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    lead = await tenant.lead()
    found = await tenant.get(f"/v1/leads/{lead}/why")
    assert "gate_unreadable" in {one["why"] for one in found["verdicts"]}


@pytest.mark.parametrize(
    "what", ["leads/{lead}/why", "campaigns/{campaign}/why-idle", "campaigns/{campaign}/preflight"]
)
async def test_another_organizations_is_not_found(
    tenant: Tenant, new_tenant: MakeTenant, what: str
) -> None:
    stranger = await new_tenant()
    path = f"/v1/{what.format(lead=await tenant.lead(), campaign=tenant.campaign_id)}"
    foreign = await stranger.call("GET", path)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    odd = await tenant.call("GET", path, params={"verbose": "1"})
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (422, "?verbose")
    nonsense = await tenant.call("GET", f"/v1/{what.format(lead='x', campaign='x')}")
    assert nonsense.status_code == 404
