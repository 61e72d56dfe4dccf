"""Campaigns are planned, changed and commanded; limits have defaults that null lifts."""

from uuid import UUID

import pytest

from dialer.context import Context
from dialer.store.dialing import agents
from tests.service.tenants import Tenant, fresh_phone

pytestmark = pytest.mark.asyncio


async def test_a_campaign_is_planned_changed_and_shown(tenant: Tenant) -> None:
    made = await tenant.post(
        "/v1/campaigns",
        {
            "name": "Storm",
            "partner_business_id": "biz_9",
            "partner_agent_id": "agent_9",
            "hours": {"monday": [["09:00", "17:00"]]},
            "cadence": {"max_attempts": 2, "delays": {"busy": [5]}},
            "calls_per_minute": 30,
            "concurrency": 4,
            "context_template": "Hello {{ name }}",
            "ends_at": "2030-01-01T00:00:00Z",
        },
    )
    assert made.status_code == 201, made.text
    campaign = made.json()
    assert (campaign["state"], campaign["calls_per_minute"]) == ("draft", 30)
    assert campaign["cadence"]["max_attempts"] == 2
    assert campaign["cadence"]["by_outcome"] == {"busy": [{"after_minutes": 5, "part": "any"}]}
    where = f"/v1/campaigns/{campaign['id']}"
    changed = await tenant.call("PATCH", where, json={"calls_per_minute": 60, "priority": 7})
    assert changed.status_code == 200
    shown = await tenant.get(where)
    assert shown == changed.json()
    assert (shown["calls_per_minute"], shown["concurrency"], shown["priority"]) == (60, 4, 7)
    assert [c["id"] for c in (await tenant.get("/v1/campaigns"))["items"]] == [
        tenant.campaign_id,
        campaign["id"],
    ]


@pytest.mark.parametrize(
    ("part", "value", "pointer"),
    [
        ("hours", {"someday": [["09:00", "17:00"]]}, "/hours"),
        ("hours", {"monday": [["17:00", "09:00"]]}, "/hours"),
        ("cadence", {"delays": {"no_such": [1]}}, "/cadence"),
        ("cadence", {"colour": 1}, "/cadence/colour"),
        ("calls_per_minute", 0, "/calls_per_minute"),
        ("calls_per_minute", 10**30, "/calls_per_minute"),
        ("context_template", "{{ password }}", "/context_template"),
        ("starts_at", "2030-01-01T00:00:00", "/starts_at"),
        ("starts_at", "0001-01-01T00:00:00+14:00", "/starts_at"),
        ("name", "", "/name"),
        ("same_number", "twice", "/same_number"),
    ],
)
async def test_a_plan_that_can_not_be_is_refused_by_part(
    tenant: Tenant, part: str, value: object, pointer: str
) -> None:
    answer = await tenant.call("PATCH", f"/v1/campaigns/{tenant.campaign_id}", json={part: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_campaign_starts_pauses_resumes_and_ends(tenant: Tenant) -> None:
    where = f"/v1/campaigns/{tenant.campaign_id}"
    for command, state in (
        ("start", "running"),
        ("start", "running"),
        ("pause", "paused"),
        ("resume", "running"),
        ("cancel", "cancelled"),
    ):
        answer = await tenant.post(f"{where}/{command}")
        assert (answer.status_code, answer.json()["campaign"]["state"]) == (200, state)
        assert answer.json()["in_flight"] == 0
    late = await tenant.post(f"{where}/start")
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert (await tenant.call("PATCH", where, json={"name": "x"})).status_code == 409


async def test_a_plan_without_limits_has_the_defaults_and_null_lifts_them(tenant: Tenant) -> None:
    ids = {"partner_business_id": "biz_1", "partner_agent_id": "agent_1"}
    forgotten = (await tenant.post("/v1/campaigns", {"name": "a", **ids})).json()
    assert (forgotten["calls_per_minute"], forgotten["concurrency"]) == (60, 20)
    meant = {"calls_per_minute": None, "concurrency": None}
    lifted = (await tenant.post("/v1/campaigns", {"name": "b", **ids, **meant})).json()
    assert (lifted["calls_per_minute"], lifted["concurrency"]) == (None, None)
    where = f"/v1/campaigns/{forgotten['id']}"
    for change, limits in (
        ({"name": "c"}, (60, 20)),
        ({"calls_per_minute": None}, (None, 20)),
        ({"concurrency": None, "calls_per_minute": 5}, (5, None)),
        ({"concurrency": 3}, (5, 3)),
        ({"name": None, "priority": None}, (5, 3)),
    ):
        shown = (await tenant.call("PATCH", where, json=change)).json()
        assert (shown["calls_per_minute"], shown["concurrency"]) == limits, change
    assert (shown["name"], shown["priority"]) == ("c", 0)


@pytest.mark.parametrize("value", [True, "5", 5.5])
async def test_only_a_whole_number_is_one(tenant: Tenant, value: object) -> None:
    plan = f"/v1/campaigns/{tenant.campaign_id}"
    lead = {"campaign_id": tenant.campaign_id, "phone": fresh_phone()}
    for method, path, body, pointer in (
        ("PUT", "/v1/limits", {"concurrency": value}, "/concurrency"),
        ("PATCH", plan, {"calls_per_minute": value}, "/calls_per_minute"),
        ("PATCH", plan, {"priority": value}, "/priority"),
        ("PATCH", plan, {"cadence": {"max_attempts": value}}, "/cadence/max_attempts"),
        ("PATCH", plan, {"cadence": {"delays": {"busy": [value]}}}, "/cadence/delays/busy/0"),
        ("POST", "/v1/leads", lead | {"priority": value}, "/priority"),
    ):
        answer = await tenant.call(method, path, json=body)
        assert answer.status_code == 422, (path, answer.text)
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_draft_can_not_be_resumed(tenant: Tenant) -> None:
    where = f"/v1/campaigns/{tenant.campaign_id}"
    answer = await tenant.post(f"{where}/resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "start it" in answer.json()["detail"]
    await tenant.post(f"{where}/start")
    for _ in range(2):
        resumed = await tenant.post(f"{where}/resume")
        assert resumed.json()["campaign"]["state"] == "running"


async def test_a_campaign_says_why_its_agent_is_parked(tenant: Tenant, context: Context) -> None:
    where = f"/v1/campaigns/{tenant.campaign_id}"
    assert (await tenant.get(where))["agent_parked_reason"] is None
    async with context.engine.begin() as conn:
        await agents.park(conn, UUID(tenant.agent_id), reason="off_duty", seconds=60)
    started = (await tenant.post(f"{where}/start")).json()["campaign"]
    assert (started["agent_parked_reason"], started["parked_reason"]) == ("off_duty", None)
    assert (await tenant.get("/v1/campaigns"))["items"] == [started]


async def test_a_draft_can_not_be_paused(tenant: Tenant) -> None:
    answer = await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/pause")
    assert answer.status_code == 409
    assert "draft" in answer.json()["detail"]
