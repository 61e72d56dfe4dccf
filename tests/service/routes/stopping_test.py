"""A word from the CRM over HTTP and by webhook, and many suppressions at once."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from dialer.context import Context
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, dial, fresh_phone

pytestmark = pytest.mark.asyncio

STAGES = {"external_id": "deal.id", "phone": "deal.phone", "stop_word": ["deal.stage", "deal.DNC"]}


async def _state(tenant: Tenant, lead_id: str) -> tuple[str, str | None]:
    lead = await tenant.get(f"/v1/leads/{lead_id}")
    return lead["state"], lead["reason"]


async def test_a_lead_is_stopped_by_each_of_its_names(tenant: Tenant) -> None:
    phone = fresh_phone()
    names: list[dict[str, Any]] = [
        {"external_id": "row-7"},
        {"phone": phone},
        {"external_id": 71, "source": "api"},
    ]
    leads = [
        await tenant.lead(external_id="row-7"),
        await tenant.lead(phone=phone),
        await tenant.lead(external_id="71"),
    ]
    leads.append(await tenant.lead())
    names.append({"lead_id": leads[-1], "campaign_id": tenant.campaign_id})
    for lead, name in zip(leads, names, strict=True):
        answer = await tenant.post("/v1/leads/stop", {**name, "word": "won"})
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "ended": [lead],
            "in_call": [],
            "finished": 0,
            "in_flight": 0,
            "suppressed": [],
        }
        assert await _state(tenant, lead) == ("done", "crm_won")


async def test_do_not_call_names_the_numbers_that_are_barred(tenant: Tenant) -> None:
    phone = fresh_phone()
    lead = await tenant.lead(phone=phone, external_id="row-7")
    answer = await tenant.post("/v1/leads/stop", {"external_id": "row-7", "word": "do_not_call"})
    assert answer.json()["suppressed"] == [phone]
    assert await _state(tenant, lead) == ("suppressed", "crm_do_not_call")
    (entry,) = (await tenant.get("/v1/suppressions"))["items"]
    assert (entry["phone"], entry["reason"]) == (phone, "crm_do_not_call")


async def test_a_lead_in_a_call_is_told_apart(tenant: Tenant, context: Context) -> None:
    lead = await tenant.lead()
    await dial(context, lead, state="dialing")
    answer = await tenant.post("/v1/leads/stop", {"lead_id": lead, "word": "lost"})
    assert (answer.json()["in_call"], answer.json()["in_flight"]) == ([lead], 1)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"word": "won"}, ""),
        ({"lead_id": str(uuid4()), "phone": "2125550142", "word": "won"}, ""),
        ({"external_id": "x"}, "/word"),
        ({"external_id": "x", "word": "closed won"}, "/word"),
        ({"external_id": "", "word": "won"}, "/external_id"),
        ({"external_id": "x" * 301, "word": "won"}, "/external_id"),
        ({"phone": "911", "word": "won"}, "/phone"),
        ({"lead_id": "x", "word": "won"}, "/lead_id"),
        ({"external_id": "x", "word": "won", "why": 1}, "/why"),
    ],
)
async def test_what_can_not_be_read_is_named(
    tenant: Tenant, body: dict[str, object], pointer: str
) -> None:
    answer = await tenant.post("/v1/leads/stop", body)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_nobody_elses_leads_are_there(new_tenant: MakeTenant) -> None:
    owner, stranger = await new_tenant(), await new_tenant()
    phone = fresh_phone()
    lead = await owner.lead(external_id="row-7", phone=phone)
    names: list[dict[str, object]] = [
        {"lead_id": lead},
        {"external_id": "row-7"},
        {"phone": phone},
        {"external_id": "row\x007", "source": "nobody's"},
        {"phone": phone, "campaign_id": owner.campaign_id},
    ]
    for name in names:
        answer = await stranger.post("/v1/leads/stop", {**name, "word": "won"})
        assert answer.status_code == 404, answer.text
    assert (await _state(owner, lead))[0] == "waiting"


async def _hook(tenant: Tenant, source: dict[str, Any], body: object) -> httpx2.Response:
    return await tenant.api.post(source["hook"], json=body, headers={"X-API-Key": source["key"]})


def _deal(stage: object, **more: object) -> dict[str, object]:
    return {"deal": {"id": "d-7", "phone": "4125550151", "stage": stage, **more}}


async def test_a_webhook_that_says_won_ends_the_lead_that_it_made(tenant: Tenant) -> None:
    source = await tenant.source(field_map=STAGES)
    made = (await _hook(tenant, source, _deal("New"))).json()
    assert made["status"] == "accepted"
    lead = made["lead_id"]
    told = await _hook(tenant, source, _deal("Closed Won"))
    assert (told.status_code, told.json()["status"]) == (202, "accepted")
    assert told.json()["leads"] == [
        {
            "index": 0,
            "word": "won",
            "status": "stopped",
            "lead_id": lead,
            "external_id": "d-7",
        }
    ]
    assert await _state(tenant, lead) == ("done", "crm_won")
    # It stands among the deliveries, like any other.
    kept = await tenant.get(f"/v1/deliveries/{told.json()['delivery_id']}")
    assert (kept["state"], kept["leads"][0]["status"]) == ("accepted", "stopped")
    again = await _hook(tenant, source, _deal("closedwon"))
    assert again.json()["leads"][0]["status"] == "stopped"


async def test_a_webhook_of_somebody_who_was_never_sent_here_is_no_trouble(
    tenant: Tenant,
) -> None:
    source = await tenant.source(field_map=STAGES)
    told = await _hook(tenant, source, _deal("lost"))
    assert (told.status_code, told.json()["status"]) == (202, "accepted")
    assert told.json()["leads"][0]["status"] == "no_such_lead"
    assert (await tenant.get("/v1/ledger"))["total"]["accepted"] == 0
    # But who asks not to be called is not called, known or not.
    barred = await _hook(tenant, source, _deal(None, DNC=True))
    assert barred.json()["leads"][0]["status"] == "stopped"
    (entry,) = (await tenant.get("/v1/suppressions"))["items"]
    assert entry["phone"] == "+14125550151"


async def test_a_list_may_bring_leads_and_words_and_a_nameless_word_is_refused(
    tenant: Tenant,
) -> None:
    source = await tenant.source(field_map=STAGES)
    rows = [_deal("Junk"), _deal("New"), {"deal": {"stage": "won"}}]
    told = (await _hook(tenant, source, rows)).json()
    assert [row["status"] for row in told["leads"]] == ["stopped", "accepted", "rejected"]
    assert told["status"] == "partial"
    assert await _state(tenant, told["leads"][1]["lead_id"]) == ("done", "crm_lost")


async def test_a_paused_source_still_hears_who_asks_not_to_be_called(tenant: Tenant) -> None:
    source = await tenant.source(field_map=STAGES)
    lead = (await _hook(tenant, source, _deal("New"))).json()["lead_id"]
    where = f"/v1/sources/{source['source']['id']}"
    await tenant.call("PATCH", where, json={"state": "paused"})
    told = (await _hook(tenant, source, _deal("Do not call"))).json()
    assert told["leads"][0]["status"] == "stopped"
    assert (await _state(tenant, lead))[0] == "suppressed"
    assert (await _hook(tenant, source, _deal("New"))).json()["status"] == "needs_attention"


async def test_without_a_map_that_names_it_a_stage_is_only_a_field(tenant: Tenant) -> None:
    source = await tenant.source()
    body = {"phone": fresh_phone(), "id": "d-7", "stage": "won", "stop_word": "won"}
    assert (await _hook(tenant, source, body)).json()["leads"][0]["status"] == "accepted"


async def test_many_suppressions_have_a_receipt_each(tenant: Tenant) -> None:
    phone = fresh_phone()
    lead = await tenant.lead(phone=phone)
    rows = [{"phone": phone, "reason": "asked"}, {"phone": "911", "reason": "x"}, 7]
    answer = await tenant.post("/v1/suppressions/bulk", {"rows": rows})
    assert answer.status_code == 207
    told = answer.json()
    assert (told["listed"], told["known"], told["rejected"]) == (1, 0, 2)
    assert [row["index"] for row in told["rows"]] == [0, 1, 2]
    assert told["rows"][1]["errors"][0]["pointer"] == "/phone"
    assert await _state(tenant, lead) == ("suppressed", "suppressed")
    again = await tenant.post("/v1/suppressions/bulk", {"rows": rows[:1]})
    assert (again.status_code, again.json()["known"]) == (200, 1)


@pytest.mark.parametrize("rows", [[], [{}] * 1_001, "x", None])
async def test_a_list_of_suppressions_has_a_size(tenant: Tenant, rows: object) -> None:
    answer = await tenant.post("/v1/suppressions/bulk", {"rows": rows})
    assert answer.status_code == 422, answer.text
