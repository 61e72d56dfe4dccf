"""Webhook deliveries: stored first, mapped, repeated, replayed."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, fresh_phone

pytestmark = pytest.mark.asyncio

# The shapes that Zapier, Make and n8n users send, as the webhook samples describe them.
ZAP = (
    '{"phone":"412-555-0151","full_name":"Owen Castillo","email":"","lead_id":"row-1187",'
    '"notes":"From spring mailer","photos":"https://cdn.example.com/a.jpg, '
    'https://cdn.example.com/b.png","timezone":"America/New_York"}'
)
ARRAY = (
    '[{"phone":"4125550151","name":"Owen Castillo","id":1},'
    '{"phone":"911","name":"Bad Row","id":2}]'
)
JSON = {"content-type": "application/json"}


async def _send(
    tenant: Tenant, source: dict[str, Any], body: str | bytes, **headers: str
) -> httpx2.Response:
    sent = (
        JSON | {"X-API-Key": source["key"]} | {k.replace("_", "-"): v for k, v in headers.items()}
    )
    return await tenant.api.post(source["hook"], content=body, headers=sent)


async def test_a_zap_is_mapped_without_any_map(tenant: Tenant) -> None:
    source = await tenant.source()
    answer = await _send(tenant, source, ZAP, idempotency_key="zap-row-1187")
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    lead = await tenant.get(f"/v1/leads/{answer.json()['lead_id']}")
    expected = {
        "phone": "+14125550151",
        "name": "Owen Castillo",
        "email": None,
        "external_id": "row-1187",
        "context": "From spring mailer",
        "image_urls": ["https://cdn.example.com/a.jpg", "https://cdn.example.com/b.png"],
        "timezone": "America/New_York",
        "partner_lead_id": None,
    }
    assert {name: lead[name] for name in expected} == expected
    assert lead["source_id"] == source["source"]["id"]


async def test_one_bad_row_does_not_lose_the_good_one(tenant: Tenant) -> None:
    source = await tenant.source()
    answer = await tenant.api.post(
        source["hook"],
        content=ARRAY,
        headers=JSON | {"Authorization": f"Bearer {source['key']}"},
    )
    assert (answer.status_code, answer.json()["status"]) == (207, "partial")
    good, bad = answer.json()["leads"]
    assert (good["status"], good["external_id"]) == ("accepted", "1")
    assert (bad["status"], bad["errors"][0]["code"]) == ("rejected", "phone.service_code")
    assert "lead_id" not in answer.json()


async def test_the_key_may_stand_in_the_address(tenant: Tenant) -> None:
    source = await tenant.source()
    answer = await tenant.api.post(
        f"{source['hook']}?key={source['key']}", json={"tel": fresh_phone()}
    )
    assert answer.json()["status"] == "accepted"


async def test_a_source_is_found_by_its_id_too(tenant: Tenant) -> None:
    source = await tenant.source()
    answer = await tenant.api.post(
        f"/v1/hooks/{source['source']['id']}",
        json={"mobile": fresh_phone()},
        headers={"X-API-Key": source["key"]},
    )
    assert answer.json()["status"] == "accepted"


async def test_forms_are_taken(tenant: Tenant) -> None:
    source = await tenant.source()
    coded = await tenant.api.post(
        source["hook"],
        data={"phone": fresh_phone(), "First Name": "Owen"},
        headers={"X-API-Key": source["key"]},
    )
    assert coded.json()["status"] == "accepted"
    body = (
        f'--b\r\nContent-Disposition: form-data; name="phone"\r\n\r\n{fresh_phone()}\r\n--b--\r\n'
    )
    parts = await _send(tenant, source, body, content_type="multipart/form-data; boundary=b")
    assert parts.json()["status"] == "accepted"


async def test_what_no_field_maps_to_phone_says_what_it_saw(tenant: Tenant) -> None:
    source = await tenant.source()
    answer = await _send(tenant, source, '{"contact": {"handy": "4125550151"}, "x": 1}')
    assert (answer.status_code, answer.json()["status"]) == (202, "needs_attention")
    assert answer.json()["problem"] == {
        "code": "not_mapped",
        "detail": "no field mapped to phone; saw keys contact.handy, x",
    }
    names = [e["name"] for e in (await tenant.get("/v1/events"))["items"]]
    assert names[-1] == "delivery.needs_attention"
    [listed] = (await tenant.get("/v1/deliveries", state="needs_attention"))["items"]
    assert listed["problem"]["code"] == "not_mapped"
    [shown] = [s for s in (await tenant.get("/v1/sources"))["items"] if s["kind"] == "hook"]
    assert shown["needs_attention"] == 1


async def test_a_mended_map_and_a_replay_make_the_lead(tenant: Tenant) -> None:
    source = await tenant.source()
    phone = fresh_phone()
    first = await _send(tenant, source, json.dumps({"contact": {"handy": phone}}))
    where = f"/v1/deliveries/{first.json()['delivery_id']}"
    still = await tenant.post(f"{where}/replay")
    assert still.json()["status"] == "needs_attention"
    await tenant.call(
        "PATCH",
        f"/v1/sources/{source['source']['id']}",
        json={"field_map": {"phone": ["phone", "contact.handy"]}},
    )
    done = await tenant.post(f"{where}/replay")
    assert (done.status_code, done.json()["status"]) == (202, "accepted")
    again = await tenant.post(f"{where}/replay")
    assert again.json() == done.json()
    assert again.headers["idempotent-replayed"] == "true"
    shown = await tenant.get(where)
    assert (shown["state"], json.loads(shown["body"])) == (
        "accepted",
        {"contact": {"handy": phone}},
    )
    assert shown["leads"][0]["phone"] == phone
    assert len((await tenant.get("/v1/leads"))["items"]) == 1


async def test_a_replay_keeps_the_rows_that_made_leads(tenant: Tenant) -> None:
    # With `each`, nothing but the delivery's own memory keeps a good row from a second lead.
    campaign = await tenant.call(
        "PATCH", f"/v1/campaigns/{tenant.campaign_id}", json={"same_number": "each"}
    )
    assert campaign.status_code == 200
    source = await tenant.source()
    rows = [{"phone": fresh_phone()}, {"handy": fresh_phone()}]
    first = await _send(tenant, source, json.dumps(rows))
    assert (first.status_code, first.json()["status"]) == (207, "partial")
    await tenant.call(
        "PATCH",
        f"/v1/sources/{source['source']['id']}",
        json={"field_map": {"phone": ["phone", "handy"]}},
    )
    done = await tenant.post(f"/v1/deliveries/{first.json()['delivery_id']}/replay")
    assert (done.status_code, done.json()["status"]) == (202, "accepted")
    assert done.json()["leads"][0] == first.json()["leads"][0]
    assert len((await tenant.get("/v1/leads"))["items"]) == 2


async def test_a_paused_source_stores_and_answers_well(tenant: Tenant) -> None:
    source = await tenant.source()
    where = f"/v1/sources/{source['source']['id']}"
    await tenant.call("PATCH", where, json={"state": "paused"})
    answer = await _send(tenant, source, json.dumps({"phone": fresh_phone()}))
    assert (answer.status_code, answer.json()["problem"]["code"]) == (202, "source_paused")
    await tenant.call("PATCH", where, json={"state": "active"})
    done = await tenant.post(f"/v1/deliveries/{answer.json()['delivery_id']}/replay")
    assert done.json()["status"] == "accepted"


async def test_a_finished_campaign_leaves_the_delivery_waiting(tenant: Tenant) -> None:
    source = await tenant.source()
    await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/cancel")
    answer = await _send(tenant, source, json.dumps({"phone": fresh_phone()}))
    assert (answer.status_code, answer.json()["problem"]["code"]) == (202, "campaign_closed")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("[]", 202, "no_rows"),
        ("5", 202, "not_an_object"),
        ('["a", "b"]', 207, "not_an_object"),
        ("null", 202, "not_an_object"),
        ('{"phone": "911"}', 202, "phone.service_code"),
        ('{"phone": "4125550151", "timezone": "Mars/Olympus"}', 202, "invalid"),
        ('{"phone": {"a": 1}}', 202, "not_mapped"),
    ],
)
async def test_what_makes_no_lead_is_stored_all_the_same(
    tenant: Tenant, body: str, status: int, code: str
) -> None:
    source = await tenant.source()
    answer = await _send(tenant, source, body)
    assert (answer.status_code, answer.json()["status"]) == (status, "needs_attention")
    assert answer.json()["problem"]["code"] == code
    assert len((await tenant.get("/v1/deliveries"))["items"]) == 1


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("{", "application/json", 400, "malformed_json"),
        ("<a/>", "application/xml", 415, "unsupported_media_type"),
        ("x", "multipart/form-data", 422, "invalid_input"),
        (json.dumps([{}] * 1_001), "application/json", 422, "invalid_input"),
    ],
)
async def test_what_can_not_be_read_is_refused_and_not_stored(
    tenant: Tenant, body: str, kind: str, status: int, code: str
) -> None:
    source = await tenant.source()
    answer = await _send(tenant, source, body, content_type=kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await tenant.get("/v1/deliveries"))["items"] == []


async def test_the_same_delivery_is_answered_once(tenant: Tenant) -> None:
    source = await tenant.source()
    body = json.dumps({"phone": fresh_phone()})
    answers = await asyncio.gather(
        *(_send(tenant, source, body, idempotency_key="d-1") for _ in range(10))
    )
    assert {a.status_code for a in answers} == {202}
    assert len({(a.json()["delivery_id"], a.json()["lead_id"]) for a in answers}) == 1
    assert len((await tenant.get("/v1/leads"))["items"]) == 1
    other = await _send(tenant, source, '{"phone": "4125550152"}', idempotency_key="d-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_without_a_key_the_external_id_decides(tenant: Tenant) -> None:
    source = await tenant.source()
    first = await _send(tenant, source, json.dumps({"id": 7, "phone": fresh_phone()}))
    again = await _send(tenant, source, json.dumps({"id": 7, "phone": fresh_phone()}))
    assert again.json()["lead_id"] == first.json()["lead_id"]
    assert again.json()["delivery_id"] != first.json()["delivery_id"]


async def test_a_sources_key_opens_nothing_else(tenant: Tenant) -> None:
    source = await tenant.source("one")
    other = await tenant.source("two")
    key = {"X-API-Key": source["key"]}
    elsewhere = await tenant.api.post(other["hook"], json={}, headers=key)
    assert elsewhere.status_code == 404
    lead = {"campaign_id": tenant.campaign_id, "phone": fresh_phone()}
    assert (await tenant.api.post("/v1/leads", json=lead, headers=key)).status_code == 403
    for path in ("/v1/leads", "/v1/sources", "/v1/ledger", "/v1/events"):
        assert (await tenant.api.get(path, headers=key)).status_code == 403


async def test_a_hook_needs_a_key_that_fits(tenant: Tenant, new_tenant: MakeTenant) -> None:
    source = await tenant.source()
    other = await new_tenant()
    assert (await tenant.api.post(source["hook"], json={})).status_code == 401
    assert (await tenant.api.post(f"{source['hook']}?key=odk_x_y", json={})).status_code == 401
    foreign = await other.post(source["hook"], {"phone": fresh_phone()})
    assert foreign.status_code == 404
    reader = await tenant.key_with("leads:read")
    narrow = await tenant.api.post(source["hook"], json={}, headers={"X-API-Key": reader})
    assert narrow.status_code == 403


async def test_the_built_in_sources_are_no_hooks(tenant: Tenant) -> None:
    assert (await tenant.post("/v1/hooks/api", {"phone": fresh_phone()})).status_code == 404
