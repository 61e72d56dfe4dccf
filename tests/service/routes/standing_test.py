"""The status: what stands in the way is told, and what a person may lift of it is lifted."""

from datetime import datetime, timedelta

import pytest

from dialer.context import Context
from dialer.rules.proof.restore import WAITS
from dialer.store.engine import run
from tests.service.tenants import Tenant, dial, disbelieve, hold, quarantine

pytestmark = pytest.mark.asyncio


async def test_where_all_is_well_it_says_so(tenant: Tenant) -> None:
    status = await tenant.get("/v1/status")
    assert status["dials"] is True
    assert (status["quarantine"], status["parked_reason"]) == (None, None)
    assert status["disbelieved"] == []
    assert (status["unknown_calls"], status["held_calls"], status["mistaken_leads"]) == (0, 0, 0)


async def test_a_quarantine_is_told_and_nothing_ends_it_by_hand(
    tenant: Tenant, context: Context
) -> None:
    await quarantine(context, tenant.organization_id)
    status = await tenant.get("/v1/status")
    assert status["dials"] is False
    found = status["quarantine"]
    assert (found["waits_for"], found["says"]) == ("credentials", WAITS["credentials"])
    since = datetime.fromisoformat(found["since"])
    assert datetime.fromisoformat(found["ends_at"]) == since + timedelta(minutes=10)
    assert datetime.fromisoformat(found["looked_from"]) < since
    for command in ("start", "pause", "resume"):
        await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/{command}")
    await tenant.post(f"/v1/agents/{tenant.agent_id}/resume")
    await tenant.call(
        "PUT", "/v1/partner", json={"base_url": "https://p.example.com", "api_key": "x"}
    )
    found = (await tenant.get("/v1/status"))["quarantine"]
    assert found["waits_for"] == "first_look"


async def test_an_answer_is_believed_again_with_a_note_on_the_timeline(
    tenant: Tenant, context: Context
) -> None:
    lead = await tenant.lead()
    call = await dial(context, lead, state="unknown")
    await disbelieve(context, call)
    (found,) = (await tenant.get("/v1/status"))["disbelieved"]
    assert (found["answer"], found["call_id"], found["lead_id"]) == ("bad_request", call, lead)
    where = "/v1/answers/bad_request/believe"
    for body in ({}, {"note": " "}, {"note": "x" * 501}):
        assert (await tenant.post(where, body)).status_code == 422
    done = await tenant.post(where, {"note": "They mended it."})
    assert (done.status_code, done.json()["disbelieved"]) == (200, [])
    told = (await tenant.get(f"/v1/leads/{lead}"))["timeline"][-1]
    assert (told["name"], told["call_id"]) == ("answer.believed", call)
    assert told["body"] == {
        "answer": "bad_request",
        "by": "all",
        "through": "api",
        "note": "They mended it.",
    }
    again = await tenant.post(where, {"note": "Twice."})
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


async def test_what_waits_for_somebody_is_counted(tenant: Tenant, context: Context) -> None:
    await hold(context, await tenant.lead())
    await dial(context, await tenant.lead(), state="unknown")
    mistaken = await tenant.lead()
    async with context.engine.begin() as conn:
        await run(
            conn,
            "UPDATE leads SET state = 'held', reason = 'partner_lead_unknown' WHERE id = :id",
            id=mistaken,
        )
    status = await tenant.get("/v1/status")
    assert (status["unknown_calls"], status["held_calls"], status["mistaken_leads"]) == (1, 1, 1)
    assert status["unknown_since"] is not None
    released = await tenant.post(f"/v1/leads/{mistaken}/release", {"note": "The CRM was moved."})
    assert (released.status_code, released.json()["state"]) == (200, "waiting")
    told = (await tenant.get(f"/v1/leads/{mistaken}"))["timeline"][-1]
    assert (told["name"], told["body"]["by"]) == ("lead.waiting", "all")
    again = await tenant.post(f"/v1/leads/{mistaken}/release", {})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_an_unknown_call_says_what_it_waits_for(tenant: Tenant, context: Context) -> None:
    lead = await tenant.lead(name="Ada Example")
    call = await dial(context, lead, state="unknown")
    page = await tenant.get("/v1/unknown", limit=1)
    assert page["next_cursor"] is None
    (found,) = page["items"]
    assert (found["id"], found["lead_id"], found["name"]) == (call, lead, "Ada Example")
    assert found["waits_for"] == "settling"
    armed, asked = (datetime.fromisoformat(found[name]) for name in ("armed_at", "held_at"))
    assert asked - armed == timedelta(hours=24)
    # Nobody can say that its sender is done: three hours are added.
    settled = datetime.fromisoformat(found["settled_at"])
    assert settled - armed == timedelta(hours=3, minutes=30)
