"""Held calls over the API: listed, looked at, decided once, each decision on the timeline."""

from typing import Any

import pytest

from dialer.context import Context
from dialer.pipeline.settling import settle
from dialer.pipeline.settling.settle import Seen
from dialer.store.dialing import calls
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, dial, hold

pytestmark = pytest.mark.asyncio


async def _entry(tenant: Tenant, lead: str, name: str) -> dict[str, Any]:
    timeline = (await tenant.get(f"/v1/leads/{lead}"))["timeline"]
    (found,) = [entry for entry in timeline if entry["name"] == name]
    entry: dict[str, Any] = found
    return entry


async def test_what_waits_is_listed_with_all_that_a_decision_needs(
    tenant: Tenant, context: Context
) -> None:
    lead = await tenant.lead(name="Ada Example")
    call = await hold(context, lead, status=500)
    await dial(context, await tenant.lead(), state="placed")
    (item,) = (await tenant.get("/v1/held"))["items"]
    assert (item["id"], item["lead_id"], item["name"]) == (call, lead, "Ada Example")
    assert (item["state"], item["why"]) == ("held", "not_found_in_24_hours")
    assert (item["answer"], item["answer_status"], item["answer_code"]) == (
        "unknown",
        500,
        "server_error",
    )
    assert (item["campaign_name"], item["sweeps"]) == ("Spring", 0)
    assert item["looked_for"]["partner_agent_id"] == "agent_1"
    assert item["looked_for"]["start"] < item["armed_at"] < item["looked_for"]["end"]
    one = await tenant.get(f"/v1/held/{call}")
    assert [evidence["body"]["status"] for evidence in one["evidence"]] == [500]
    assert [entry["name"] for entry in one["timeline"]][-2:] == ["call.held", "lead.held"]


async def test_the_list_is_paged(tenant: Tenant, context: Context) -> None:
    made = [await hold(context, await tenant.lead()) for _ in range(3)]
    first = await tenant.get("/v1/held", limit=2)
    rest = await tenant.get("/v1/held", limit=2, cursor=first["next_cursor"])
    assert [item["id"] for item in (*first["items"], *rest["items"])] == made
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("decision", "call_is", "lead_is"),
    [
        ("reached", "ended", "done"),
        ("call_again", "absent", "waiting"),
        ("drop", "ended", "cancelled"),
    ],
)
async def test_a_decision_stands_in_the_timeline_with_the_keys_name(
    tenant: Tenant, context: Context, *, decision: str, call_is: str, lead_is: str
) -> None:
    lead = await tenant.lead()
    call = await hold(context, lead)
    body = {"decision": decision, "note": " <script>alert(1)</script> "}
    decided = await tenant.post(f"/v1/calls/{call}/decide", body)
    assert (decided.status_code, decided.json()["state"]) == (200, call_is)
    assert (await tenant.get(f"/v1/leads/{lead}"))["state"] == lead_is
    told = await _entry(tenant, lead, "call.decided")
    assert told["call_id"] == call
    assert told["body"] == {
        "decision": decision,
        "was": "held",
        "by": "all",
        "through": "api",
        "note": "<script>alert(1)</script>",
    }
    assert (await tenant.get("/v1/held"))["items"] == []
    gone = await tenant.call("GET", f"/v1/held/{call}")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    assert (await tenant.get("/v1/ledger"))["total"]["balanced"]


async def test_a_second_decision_is_refused_and_names_the_first(
    tenant: Tenant, context: Context
) -> None:
    call = await hold(context, await tenant.lead())
    where = f"/v1/calls/{call}/decide"
    assert (await tenant.post(where, {"decision": "drop"})).status_code == 200
    for decision in ("drop", "reached", "call_again"):
        again = await tenant.post(where, {"decision": decision})
        assert (again.status_code, again.json()["code"]) == (409, "already_decided")
        assert "already: drop, by all" in again.json()["detail"]


async def test_a_call_that_was_found_meanwhile_is_told_as_such(
    tenant: Tenant, context: Context
) -> None:
    lead = await tenant.lead()
    call = await hold(context, lead)
    async with context.engine.begin() as conn:
        row = await calls.get(conn, organization_id=tenant.organization_id, call_id=call)  # type: ignore[arg-type]  # text will do
        assert row is not None
        seen = Seen(partner_call_id=f"call_{call}", status="COMPLETED")
        assert await settle.end(conn, row, seen) is not None
    refused = await tenant.post(f"/v1/calls/{call}/decide", {"decision": "call_again"})
    assert (refused.status_code, refused.json()["code"]) == (409, "found_meanwhile")
    assert "found in the history" in refused.json()["detail"]
    assert (await tenant.get(f"/v1/leads/{lead}"))["state"] != "held"


@pytest.mark.parametrize("note", ["", "   ", "x" * 501, 7, ["x"]])
async def test_a_note_is_a_few_words_or_absent(
    tenant: Tenant, context: Context, note: object
) -> None:
    call = await hold(context, await tenant.lead())
    answer = await tenant.post(f"/v1/calls/{call}/decide", {"decision": "drop", "note": note})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/note")
    assert len((await tenant.get("/v1/held"))["items"]) == 1


async def test_who_may_read_may_not_decide_and_strangers_see_nothing(
    tenant: Tenant, context: Context, new_tenant: MakeTenant
) -> None:
    call = await hold(context, await tenant.lead())
    key = await tenant.key_with("calls:read")
    reading = {"Authorization": f"Bearer {key}"}
    where = f"/v1/calls/{call}/decide"
    assert (await tenant.api.get("/v1/held", headers=reading)).status_code == 200
    refused = await tenant.api.post(where, json={"decision": "drop"}, headers=reading)
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    stranger = await new_tenant()
    assert (await stranger.get("/v1/held"))["items"] == []
    assert (await stranger.post(where, {"decision": "drop"})).status_code == 404
    assert len((await tenant.get("/v1/held"))["items"]) == 1
