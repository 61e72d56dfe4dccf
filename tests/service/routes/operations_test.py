"""Agents, limits, the ledger, sources, keys, suppressions, credentials, events."""

from uuid import UUID

import pytest

from dialer.context import Context
from dialer.store import events, organizations
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, dial, fresh_phone

pytestmark = pytest.mark.asyncio


async def test_an_agent_is_paused_and_resumed(tenant: Tenant) -> None:
    [agent] = (await tenant.get("/v1/agents"))["items"]
    assert (agent["id"], agent["paused_at"]) == (tenant.agent_id, None)
    for _ in range(2):
        paused = await tenant.post(f"/v1/agents/{agent['id']}/pause")
        assert paused.json()["agent"]["paused_at"] is not None
    resumed = await tenant.post(f"/v1/agents/{agent['id']}/resume")
    assert resumed.json() == {"agent": agent, "in_flight": 0}
    names = [e["name"] for e in (await tenant.get("/v1/events"))["items"]]
    assert names[-2:] == ["agent.parked", "agent.resumed"]


async def test_limits_are_set_and_lifted(tenant: Tenant) -> None:
    assert await tenant.get("/v1/limits") == {"calls_per_minute": None, "concurrency": None}
    for limits in (
        {"calls_per_minute": 120, "concurrency": 9},
        {"calls_per_minute": None, "concurrency": 5},
    ):
        assert (await tenant.call("PUT", "/v1/limits", json=limits)).json() == limits
        assert await tenant.get("/v1/limits") == limits


async def test_limits_of_agents_and_businesses_are_set_and_lifted(tenant: Tenant) -> None:
    for kind in ("agents", "businesses"):
        one = (await tenant.get(f"/v1/{kind}"))["items"][0]
        for limits in (
            {"calls_per_minute": 60, "concurrency": 4},
            {"calls_per_minute": None, "concurrency": None},
        ):
            answer = await tenant.call("PUT", f"/v1/{kind}/{one['id']}/limits", json=limits)
            assert answer.json() == limits
            now = (await tenant.get(f"/v1/{kind}"))["items"][0]
            assert {name: now[name] for name in limits} == limits


async def test_the_ledger_adds_up(tenant: Tenant) -> None:
    lead = await tenant.lead()
    phone = fresh_phone()
    await tenant.lead(phone=phone)
    await tenant.lead()
    await tenant.post(f"/v1/leads/{lead}/cancel")
    await tenant.post("/v1/suppressions", {"phone": phone, "reason": "asked"})
    ledger = await tenant.get("/v1/ledger")
    buckets = {"waiting": 1, "suppressed": 1, "cancelled": 1}
    rest = dict.fromkeys(("calling", "held", "done", "expired"), 0)
    assert ledger["total"] == {"accepted": 3, "balanced": True, **buckets, **rest}
    [campaign] = ledger["campaigns"]
    assert campaign.items() >= ledger["total"].items()
    assert campaign["campaign_id"] == tenant.campaign_id
    assert ledger["waiting_reasons"] == {"draft": 1}


async def test_suppressing_a_number_ends_what_waits_for_it(tenant: Tenant) -> None:
    phone = fresh_phone()
    lead = await tenant.lead(phone=phone)
    raw = f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
    made = await tenant.post(
        "/v1/suppressions", {"phone": raw, "reason": "asked", "campaign_id": tenant.campaign_id}
    )
    assert (made.status_code, made.json()["phone"]) == (201, phone)
    shown = await tenant.get(f"/v1/leads/{lead}")
    assert (shown["state"], shown["reason"]) == ("suppressed", "suppressed")
    assert shown["timeline"][-1]["name"] == "lead.suppressed"
    [entry] = (await tenant.get("/v1/suppressions", phone=phone))["items"]
    assert entry == made.json()


async def test_a_number_is_taken_off_the_list(tenant: Tenant, new_tenant: MakeTenant) -> None:
    phone = fresh_phone()
    made = await tenant.post("/v1/suppressions", {"phone": phone, "reason": "by mistake"})
    where = f"/v1/suppressions/{made.json()['id']}"
    assert (await (await new_tenant()).call("DELETE", where)).status_code == 404
    assert (await tenant.call("DELETE", where)).status_code == 204
    assert (await tenant.get("/v1/suppressions"))["items"] == []
    assert (await tenant.call("DELETE", where)).status_code == 404
    told = (await tenant.get("/v1/events"))["items"][-1]
    assert told["name"] == "number.unsuppressed"
    assert told["body"]["why"] == "by mistake"
    assert phone not in str(told)


async def test_a_held_call_is_decided(tenant: Tenant, context: Context) -> None:
    lead = await tenant.lead()
    where = f"/v1/calls/{await dial(context, lead, state='held')}/decide"
    odd = await tenant.post(where, {"decision": "maybe"})
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (422, "/decision")
    done = await tenant.post(where, {"decision": "reached"})
    assert (done.status_code, done.json()["state"]) == (200, "ended")
    assert (await tenant.get(f"/v1/leads/{lead}"))["state"] == "done"
    again = await tenant.post(where, {"decision": "call_again"})
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    assert (await tenant.get("/v1/ledger"))["total"]["balanced"]


async def test_an_outcome_that_there_is_not_is_refused(tenant: Tenant) -> None:
    answer = await tenant.call("GET", "/v1/calls", params={"outcome": "no_anser"})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "?outcome")
    assert (error["code"], error["suggestion"]) == ("unknown_outcome", "no_answer")
    assert "voicemail" in error["message"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"phone": "911", "reason": "x"}, "/phone"),
        ({"phone": "4125550151", "reason": " "}, "/reason"),
        ({"phone": "4125550151", "reason": "x", "until": "2020-01-01T00:00:00Z"}, "/until"),
    ],
)
async def test_a_wrong_suppression_is_refused(
    tenant: Tenant, body: dict[str, str], pointer: str
) -> None:
    answer = await tenant.post("/v1/suppressions", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_source_is_made_once_and_its_map_is_checked(tenant: Tenant) -> None:
    body = {"name": "crm", "campaign_id": tenant.campaign_id, "field_map": {"phone": "a.b"}}
    made = await tenant.post("/v1/sources", body)
    assert made.json()["key"].startswith("odk_")
    assert made.json()["hook"] == "/v1/hooks/crm"
    where = f"/v1/sources/{made.json()['source']['id']}"
    shown = await tenant.get(where)
    assert (shown["field_map"], shown["state"]) == ({"phone": "a.b"}, "active")
    assert "odk_" not in str(shown)
    assert (await tenant.post("/v1/sources", body)).status_code == 409
    wrong = await tenant.call("PATCH", where, json={"field_map": {"fone": "a"}})
    assert wrong.json()["errors"][0]["pointer"] == "/field_map/fone"


@pytest.mark.parametrize("name", ["", "A", "a b", "../x", "a" * 65])
async def test_a_sources_name_fits_an_address(tenant: Tenant, name: str) -> None:
    answer = await tenant.post("/v1/sources", {"name": name, "campaign_id": tenant.campaign_id})
    assert answer.status_code == 422


async def test_a_built_in_source_can_not_be_changed(tenant: Tenant) -> None:
    built_in = (await tenant.get("/v1/sources"))["items"][0]
    answer = await tenant.call("PATCH", f"/v1/sources/{built_in['id']}", json={"state": "paused"})
    assert answer.status_code == 409


async def test_a_key_shows_its_secret_once_and_ends_when_revoked(tenant: Tenant) -> None:
    made = (await tenant.post("/v1/keys", {"name": "bot", "scopes": ["leads:read"]})).json()
    use = {"Authorization": f"Bearer {made['secret']}"}
    assert (await tenant.api.get("/v1/leads", headers=use)).status_code == 200
    listed = await tenant.get("/v1/keys")
    assert made["id"] in {key["id"] for key in listed["items"]}
    assert made["secret"] not in str(listed)
    assert (await tenant.call("DELETE", f"/v1/keys/{made['id']}")).status_code == 204
    assert (await tenant.api.get("/v1/leads", headers=use)).status_code == 401
    assert (await tenant.call("DELETE", f"/v1/keys/{made['id']}")).status_code == 404


async def test_keys_have_known_scopes_and_a_sources_key_only_one(tenant: Tenant) -> None:
    odd = await tenant.post("/v1/keys", {"name": "x", "scopes": ["everything"]})
    assert odd.json()["errors"][0]["code"] == "unknown_scope"
    source = await tenant.source()
    wide = {"name": "x", "scopes": ["admin"], "source_id": source["source"]["id"]}
    assert (await tenant.post("/v1/keys", wide)).status_code == 422
    good = await tenant.post("/v1/keys", wide | {"scopes": ["leads:write"]})
    sent = await tenant.api.post(
        source["hook"], json={"phone": fresh_phone()}, headers={"X-API-Key": good.json()["secret"]}
    )
    assert sent.status_code == 202


async def test_credentials_go_in_encrypted_and_never_come_out(
    tenant: Tenant, context: Context
) -> None:
    assert await tenant.get("/v1/partner") == {"base_url": None, "kind": None}
    secret = "a-credential-nobody-may-see"
    put = await tenant.call(
        "PUT",
        "/v1/partner",
        json={
            "base_url": "https://partner.example.com/api",
            "client_id": "c",
            "client_secret": secret,
        },
    )
    shown = {"base_url": "https://partner.example.com/api", "kind": "client_credentials"}
    assert (put.status_code, put.json()) == (200, shown)
    assert await tenant.get("/v1/partner") == shown
    async with context.engine.connect() as conn:
        row = await organizations.get(conn, tenant.organization_id)
    assert row is not None
    assert secret.encode() not in row["partner_secret"]
    assert context.vault.open(row["partner_secret"])["client_secret"] == secret


@pytest.mark.parametrize(
    "body",
    [
        {"base_url": "https://partner.example.com"},
        {"base_url": "http://partner.example.com", "api_key": "x"},
        {"base_url": "https://user:pw@partner.example.com", "api_key": "x"},
        {"base_url": "ftp://partner.example.com", "api_key": "x"},
        {"base_url": "https://partner.example.com", "client_id": "x"},
        {"base_url": "https://p.example.com", "api_key": "x", "client_id": "y"},
        {"base_url": "https://partner.example.com", "api_key": "line\nbreak"},
    ],
)
async def test_unsound_credentials_are_refused(tenant: Tenant, body: dict[str, str]) -> None:
    answer = await tenant.call("PUT", "/v1/partner", json=body)
    assert answer.status_code == 422
    assert "line" not in answer.text


async def test_events_are_followed(tenant: Tenant) -> None:
    before = (await tenant.get("/v1/events"))["last_id"]
    lead = await tenant.lead()
    after = await tenant.get("/v1/events", after=before)
    assert [(e["name"], e["lead_id"]) for e in after["items"]] == [("lead.accepted", lead)]
    assert after["last_id"] > before
    nothing = await tenant.get("/v1/events", after=after["last_id"])
    assert nothing == {"items": [], "last_id": after["last_id"]}


async def test_commands_say_how_many_calls_nothing_can_stop(
    tenant: Tenant, context: Context
) -> None:
    first, second, third = [await tenant.lead() for _ in range(3)]
    await dial(context, first, state="dialing")
    await dial(context, second, state="placed")
    await dial(context, third, state="claimed")
    await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/start")
    paused = await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/pause")
    assert paused.json()["in_flight"] == 2
    agent = await tenant.post(f"/v1/agents/{tenant.agent_id}/pause")
    assert agent.json()["in_flight"] == 2
    cancelled = await tenant.post(f"/v1/leads/{first}/cancel")
    assert (cancelled.json()["lead"]["state"], cancelled.json()["in_flight"]) == ("cancelled", 1)
    ledger = await tenant.get("/v1/ledger")
    assert (ledger["total"]["calling"], ledger["total"]["balanced"]) == (2, True)
    assert ledger["calls"] == {"dialing": 1, "placed": 1, "claimed": 1}


async def test_a_call_is_shown_with_its_evidence(tenant: Tenant, context: Context) -> None:
    lead = await tenant.lead()
    call = await dial(context, lead, state="placed")
    async with context.engine.begin() as conn:
        await events.keep_evidence(
            conn,
            organization_id=tenant.organization_id,
            call_id=UUID(call),
            kind="answer",
            body={"callId": "call_1"},
        )
    shown = await tenant.get(f"/v1/calls/{call}")
    assert (shown["campaign_version"], shown["rulebook"], shown["variant_id"]) == (1, 0, None)
    assert [(e["kind"], e["body"]) for e in shown["evidence"]] == [
        ("answer", {"callId": "call_1"})
    ]
    for query in ({"lead_id": lead}, {"state": "placed"}, {"campaign_id": tenant.campaign_id}):
        assert [c["id"] for c in (await tenant.get("/v1/calls", **query))["items"]] == [call]
    assert (await tenant.get("/v1/calls", outcome="busy"))["items"] == []
    assert [c["id"] for c in (await tenant.get(f"/v1/leads/{lead}"))["calls"]] == [call]
