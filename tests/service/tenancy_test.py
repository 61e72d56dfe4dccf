"""Another organization's ids answer 404 on every route, and no key does more than its scopes."""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI

from dialer.clock import new_id
from dialer.context import Context
from dialer.pipeline.access.keys import SCOPES
from service.http.openapi import document
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, dial, disbelieve, fresh_phone

pytestmark = pytest.mark.asyncio

_BODIES: Mapping[str, object] = {
    "change_campaign": {"name": "stolen"},
    "add_variant": {"name": "stolen"},
    "change_variant": {"name": "stolen"},
    "redial_campaign": {"outcomes": ["no_answer"]},
    "change_schedule": {"name": "stolen"},
    "decide_call": {"decision": "drop"},
    "release_lead": {},
    "believe_answer": {"note": "Mended."},
    "change_source": {"state": "paused"},
    "post_hook": {"phone": "4125550151"},
    "set_agent_limits": {"concurrency": 1},
    "set_business_limits": {"concurrency": 1},
}
_OPEN = {"health", "ready", "metrics"}
_WORDS = {"state", "table"}
"""Parameters of paths that are words which mean the same to everybody."""


async def _ids(owner: Tenant, context: Context) -> dict[str, str]:
    """The owner's things, by the name of the path parameter that takes their id."""
    lead = await owner.lead()
    source = await owner.source("theirs")
    delivery = await owner.post("/v1/hooks/theirs", {"nothing": 1})
    keys = (await owner.get("/v1/keys"))["items"]
    entry = await owner.post("/v1/suppressions", {"phone": fresh_phone(), "reason": "asked"})
    call = await dial(context, lead, state="claimed")
    await disbelieve(context, call)
    business = (await owner.get("/v1/businesses"))["items"][0]
    variant = await owner.post(f"/v1/campaigns/{owner.campaign_id}/variants", {"name": "A"})
    segment = (await owner.post("/v1/segments", {"name": "all", "filter": {}})).json()["id"]
    rule = {"every": "day", "at": "09:00", "timezone": "America/New_York"}
    plan = {"campaign_id": owner.campaign_id, "segment_id": segment, "rule": rule}
    schedule = await owner.post("/v1/schedules", {"name": "daily", **plan})
    run = await owner.post(
        f"/v1/campaigns/{owner.campaign_id}/redial", {"outcomes": ["no_answer"]}
    )
    return {
        "business_id": business["id"],
        "lead_id": lead,
        "campaign_id": owner.campaign_id,
        "variant_id": variant.json()["id"],
        "segment_id": segment,
        "schedule_id": schedule.json()["id"],
        "run_id": run.json()["id"],
        "agent_id": owner.agent_id,
        "source_id": source["source"]["id"],
        "source": source["source"]["id"],
        "delivery_id": delivery.json()["delivery_id"],
        "key_id": keys[0]["id"],
        "call_id": call,
        "answer": "bad_request",
        "suppression_id": entry.json()["id"],
    }


def _operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, item in document(app)["paths"].items()
        for method, operation in item.items()
    ]


async def test_every_route_with_an_id_is_blind_to_other_organizations(
    app: FastAPI, context: Context, new_tenant: MakeTenant
) -> None:
    owner, stranger = await new_tenant(), await new_tenant()
    ids = await _ids(owner, context)
    seen = 0
    for method, path, operation in _operations(app):
        if not {part[1:-1] for part in path.split("/") if part.startswith("{")} - _WORDS:
            continue
        body = _BODIES.get(operation["operationId"])
        where = path.format(**ids)
        foreign = await stranger.call(method, where, json=body)
        assert foreign.status_code == 404, (method, path, foreign.text)
        missing = await stranger.call(
            method, path.format(**dict.fromkeys(ids, str(new_id()))), json=body
        )
        assert missing.json()["detail"] == foreign.json()["detail"], path
        nonsense = await stranger.call(method, path.format(**dict.fromkeys(ids, "x")), json=body)
        assert nonsense.status_code == 404, (method, path)
        seen += 1
    assert seen >= 15
    own = await owner.get(f"/v1/calls/{ids['call_id']}")
    assert (own["state"], own["evidence"]) == ("claimed", [])


async def test_ids_in_bodies_and_filters_are_blind_to_other_organizations(
    context: Context, new_tenant: MakeTenant
) -> None:
    owner, stranger = await new_tenant(), await new_tenant()
    ids = await _ids(owner, context)
    campaign, phone = ids["campaign_id"], fresh_phone()
    for path, body in (
        ("/v1/leads", {"campaign_id": campaign, "phone": phone}),
        ("/v1/leads/bulk", {"campaign_id": campaign, "leads": [{"phone": phone}]}),
        ("/v1/sources", {"name": "mine", "campaign_id": campaign}),
        ("/v1/suppressions", {"phone": phone, "reason": "x", "campaign_id": campaign}),
        ("/v1/keys", {"name": "x", "scopes": ["leads:write"], "source_id": ids["source_id"]}),
        (
            "/v1/schedules",
            {
                "name": "x",
                "campaign_id": campaign,
                "segment_id": ids["segment_id"],
                "rule": {"every": "day", "at": "09:00", "timezone": "America/New_York"},
            },
        ),
    ):
        assert (await stranger.post(path, body)).status_code == 404, path
    mine = await stranger.source("mine")
    moved = await stranger.call(
        "PATCH", f"/v1/sources/{mine['source']['id']}", json={"campaign_id": campaign}
    )
    assert moved.status_code == 404
    for query in ({"campaign_id": campaign}, {"lead_id": ids["lead_id"]}):
        assert (await stranger.get("/v1/calls", **query))["items"] == []
    assert (await stranger.get("/v1/leads", campaign_id=campaign))["items"] == []


async def test_a_word_in_a_path_is_about_ones_own_rules_alone(new_tenant: MakeTenant) -> None:
    owner, stranger = await new_tenant(), await new_tenant()
    before = await owner.get("/v1/rules")
    assert (await stranger.post("/v1/states/FL/pause", {"note": "storm"})).status_code == 200
    assert (await stranger.get("/v1/rules"))["limits"]["paused_states"] == ["FL"]
    assert await owner.get("/v1/rules") == before


async def test_lists_show_only_ones_own(context: Context, new_tenant: MakeTenant) -> None:
    owner, stranger = await new_tenant(), await new_tenant()
    await _ids(owner, context)
    for path in ("leads", "calls", "deliveries", "suppressions", "segments", "schedules", "runs"):
        assert (await stranger.get(f"/v1/{path}"))["items"] == [], path
    assert len((await stranger.get("/v1/campaigns"))["items"]) == 1
    assert len((await stranger.get("/v1/agents"))["items"]) == 1
    assert len((await stranger.get("/v1/keys"))["items"]) == 1
    assert {s["kind"] for s in (await stranger.get("/v1/sources"))["items"]} == {"api", "file"}
    assert (await stranger.get("/v1/ledger"))["total"]["accepted"] == 0
    names = {e["name"] for e in (await stranger.get("/v1/events"))["items"]}
    assert names == {"campaign.created"}


async def test_every_operation_needs_a_key_with_its_scope(app: FastAPI, tenant: Tenant) -> None:
    every = set(SCOPES)
    narrow = {scope: await tenant.key_with(*(every - {scope})) for scope in every}
    for method, path, operation in _operations(app):
        if operation["operationId"] in _OPEN:
            assert "security" not in operation
            continue
        where = path
        for parameter in operation.get("parameters", ()):
            where = where.replace(f"{{{parameter['name']}}}", str(new_id()))
        bare = await tenant.api.request(method, where, json={})
        assert bare.status_code in {401, 422}, (method, path)
        if operation["operationId"] == "post_hook":
            continue
        [scope] = {s for one in operation["security"] for s in next(iter(one.values()))}
        lacking = await tenant.api.request(
            method, where, json={}, headers={"X-API-Key": narrow[scope]}
        )
        assert lacking.status_code == 403, (method, path, lacking.text)
        assert scope in lacking.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer odk_00000000_nonsense"},
        {"X-API-Key": ""},
        {"X-API-Key": "odk__"},
        {"X-API-Key": "x" * 5_000},
        {"X-API-Key": "odk_' OR 1=1 --_x"},
        {"X-API-Key": "odk_\u00b2\u00b2\u00b2_x"},
    ],
)
async def test_anything_but_a_key_is_401(tenant: Tenant, headers: dict[str, str]) -> None:
    sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    answer = await tenant.api.get("/v1/leads", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
