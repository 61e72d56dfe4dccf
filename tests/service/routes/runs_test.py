"""Segments, schedules and redials over HTTP: made, shown, refused by field."""

from typing import Any
from uuid import UUID

import pytest

from dialer.clock import new_id
from dialer.context import Context
from dialer.pipeline.planning import filling
from dialer.store.engine import run
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant

pytestmark = pytest.mark.asyncio

RULE: dict[str, Any] = {"every": "weekday", "at": "09:00", "timezone": "America/Chicago"}


async def _made(tenant: Tenant, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await tenant.post(path, body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _called(tenant: Tenant, context: Context, outcome: str = "no_answer") -> str:
    lead_id = await tenant.lead()
    async with context.engine.begin() as conn:
        await run(
            conn,
            "UPDATE leads SET state = 'done', last_outcome = :o WHERE id = :id",
            o=outcome,
            id=UUID(lead_id),
        )
    return lead_id


async def test_a_redial_is_taken_filled_and_shown(tenant: Tenant, context: Context) -> None:
    await _called(tenant, context)
    await _called(tenant, context, "completed")
    answer = await tenant.post(
        f"/v1/campaigns/{tenant.campaign_id}/redial",
        {"outcomes": ["no_answer"], "name": "Again", "start": True},
    )
    assert answer.status_code == 202, answer.text
    asked = answer.json()
    assert (asked["state"], asked["taken"], asked["kind"]) == ("filling", 0, "redial")
    assert (asked["campaign_name"], asked["campaign_state"]) == ("Again", "draft")
    await filling.fill_all(context)
    shown = await tenant.get(f"/v1/runs/{asked['id']}")
    assert (shown["state"], shown["taken"], shown["campaign_state"]) == ("filled", 1, "running")
    assert shown["parent_id"] == tenant.campaign_id
    assert (await tenant.get("/v1/runs"))["items"] == [shown]
    assert (await tenant.get("/v1/runs", parent_id=tenant.campaign_id))["items"] == [shown]
    assert (await tenant.get("/v1/runs", parent_id=shown["campaign_id"]))["items"] == []
    assert (await tenant.get("/v1/ledger"))["total"]["balanced"]


async def test_a_repeated_redial_with_its_key_is_the_same_run(tenant: Tenant) -> None:
    path = f"/v1/campaigns/{tenant.campaign_id}/redial"
    answers = [
        await tenant.post(path, {"outcomes": ["busy"]}, Idempotency_Key="k-1") for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    other = await tenant.post(path, {"outcomes": ["failed"]}, Idempotency_Key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "pointer", "suggestion"),
    [
        ({"outcomes": []}, "/outcomes", None),
        ({"outcomes": ["no_anser"]}, "/outcomes/0", "no_answer"),
        ({"outcomes": ["opted_out"]}, "/outcomes", None),
        ({"outcome": ["busy"]}, "/outcomes", None),
        ({"outcomes": ["busy"], "start": "maybe"}, "/start", None),
        ({"outcomes": ["busy"], "filter": {"states": ["done"]}}, "/filter/states", None),
        ({"outcomes": ["busy"], "filter": {"us_state": ["TX"]}}, "/filter/us_state", "us_states"),
    ],
)
async def test_a_redial_that_can_not_be_is_refused_by_field(
    tenant: Tenant, body: dict[str, Any], pointer: str, suggestion: str | None
) -> None:
    answer = await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/redial", body)
    assert answer.status_code == 422, answer.text
    first = answer.json()["errors"][0]
    assert (first["pointer"], first.get("suggestion")) == (pointer, suggestion)
    assert (await tenant.get("/v1/runs"))["items"] == []


async def test_a_segment_is_saved_counted_and_deleted(tenant: Tenant, context: Context) -> None:
    await _called(tenant, context)
    given = {"campaign_ids": [tenant.campaign_id], "last_outcomes": ["no_answer"]}
    made = await _made(tenant, "/v1/segments", {"name": "Silent", "filter": given})
    assert made["filter"] == {**given, "states": ["done", "expired"]}
    where = f"/v1/segments/{made['id']}"
    assert await tenant.get(where) == made
    assert (await tenant.get("/v1/segments"))["items"] == [made]
    assert await tenant.get(f"{where}/count") == {"count": 1, "at_least": False}
    again = await tenant.post("/v1/segments", {"name": "Silent", "filter": {}})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert (await tenant.call("DELETE", where)).status_code == 204
    assert (await tenant.call("GET", where)).status_code == 404


@pytest.mark.parametrize(
    ("given", "pointer", "suggestion"),
    [
        ({"last_outcome": ["busy"]}, "/filter/last_outcome", "last_outcomes"),
        ({"last_outcomes": ["bussy"]}, "/filter/last_outcomes/0", "busy"),
        ({"states": ["wating"]}, "/filter/states/0", "waiting"),
        ({"us_states": ["XX"]}, "/filter/us_states/0", None),
        ({"attributes": {"a": [1]}}, "/filter/attributes", None),
        ({"attempts_min": 5, "attempts_max": 1}, "/filter/attempts_max", None),
        ({"not_called_for_days": 10**30}, "/filter/not_called_for_days", None),
        ({"campaign_ids": [str(new_id())]}, "/filter/campaign_ids/0", None),
        ({"source_ids": ["x"]}, "/filter/source_ids/0", None),
        ([], "/filter", None),
    ],
)
async def test_a_filter_that_can_not_be_is_refused_by_field(
    tenant: Tenant, given: object, pointer: str, suggestion: str | None
) -> None:
    answer = await tenant.post("/v1/segments", {"name": "x", "filter": given})
    assert answer.status_code == 422, answer.text
    first = answer.json()["errors"][0]
    assert (first["pointer"], first.get("suggestion")) == (pointer, suggestion)


async def _schedule(tenant: Tenant, **parts: object) -> dict[str, Any]:
    segment = await _made(tenant, "/v1/segments", {"name": str(new_id()), "filter": {}})
    body = {
        "name": "Every morning",
        "campaign_id": tenant.campaign_id,
        "segment_id": segment["id"],
        "rule": RULE,
        **parts,
    }
    return await _made(tenant, "/v1/schedules", body)


async def test_a_schedule_is_planned_shown_changed_and_deleted(tenant: Tenant) -> None:
    made = await _schedule(tenant, blackout_dates=["2026-12-25", "2026-12-24", "2026-12-24"])
    assert made["rule"] == RULE
    assert made["blackout_dates"] == ["2026-12-24", "2026-12-25"]
    assert (made["state"], made["problem"], made["last_run_at"]) == ("active", None, None)
    assert len(made["next_occurrences"]) == 3
    assert made["next_occurrences"] == sorted(made["next_occurrences"])
    where = f"/v1/schedules/{made['id']}"
    assert await tenant.get(where) == made
    assert (await tenant.get("/v1/schedules"))["items"] == [made]
    paused = (await tenant.call("PATCH", where, json={"state": "paused"})).json()
    assert (paused["state"], paused["next_occurrences"]) == ("paused", [])
    monthly = {"every": "month", "day_of_month": "last", "at": "10:00", "timezone": "UTC"}
    changed = await tenant.call("PATCH", where, json={"state": "active", "rule": monthly})
    assert changed.json()["rule"] == monthly
    used = await tenant.call("DELETE", f"/v1/segments/{made['segment_id']}")
    assert (used.status_code, used.json()["code"]) == (409, "conflict")
    assert (await tenant.call("DELETE", where)).status_code == 204
    assert (await tenant.call("GET", where)).status_code == 404
    names = [event["name"] for event in (await tenant.get("/v1/events"))["items"]]
    assert [name for name in names if name.startswith("schedule.")] == [
        "schedule.created",
        "schedule.changed",
        "schedule.changed",
        "schedule.deleted",
    ]


@pytest.mark.parametrize(
    ("rule", "pointer", "suggestion"),
    [
        ({**RULE, "timezone": "America/Chicgo"}, "/rule/timezone", "America/Chicago"),
        ({**RULE, "every": "weekly"}, "/rule/every", "week"),
        ({**RULE, "at": "9 am"}, "/rule/at", None),
        ({**RULE, "when": 1}, "/rule/when", None),
        ({**RULE, "every": "week", "days": ["Monday"]}, "/rule/days/0", "monday"),
        ({**RULE, "every": "month", "day_of_month": 0}, "/rule/day_of_month", None),
        ({**RULE, "every": "month", "day_of_month": [1]}, "/rule/day_of_month", None),
        ({**RULE, "starts_on": "yesterday"}, "/rule/starts_on", None),
        ({**RULE, "ends_on": "2020-01-01"}, "/rule", None),
        ({"every": "day", "at": "09:00"}, "/rule/timezone", None),
        ("daily", "/rule", None),
    ],
)
async def test_a_rule_that_can_not_be_is_refused_by_field(
    tenant: Tenant, rule: object, pointer: str, suggestion: str | None
) -> None:
    segment = await _made(tenant, "/v1/segments", {"name": "all", "filter": {}})
    answer = await tenant.post(
        "/v1/schedules",
        {
            "name": "x",
            "campaign_id": tenant.campaign_id,
            "segment_id": segment["id"],
            "rule": rule,
        },
    )
    assert answer.status_code == 422, answer.text
    first = answer.json()["errors"][0]
    assert (first["pointer"], first.get("suggestion")) == (pointer, suggestion)


async def test_ids_in_bodies_and_filters_are_blind_to_other_organizations(
    tenant: Tenant, new_tenant: MakeTenant
) -> None:
    stranger = await new_tenant()
    mine = await _schedule(tenant)
    theirs = await _schedule(stranger)
    asked = await tenant.post(f"/v1/campaigns/{tenant.campaign_id}/redial", {"outcomes": ["busy"]})
    for field in ("campaign_id", "segment_id"):
        where = f"/v1/schedules/{theirs['id']}"
        answer = await stranger.call("PATCH", where, json={field: mine[field]})
        assert answer.status_code == 404, field
    answer = await stranger.post(
        "/v1/segments", {"name": "x", "filter": {"campaign_ids": [tenant.campaign_id]}}
    )
    assert answer.status_code == 422
    for path in (
        f"/v1/runs/{asked.json()['id']}",
        f"/v1/schedules/{mine['id']}",
        f"/v1/segments/{mine['segment_id']}",
        f"/v1/segments/{mine['segment_id']}/count",
    ):
        assert (await stranger.call("GET", path)).status_code == 404, path
    assert (await stranger.get("/v1/runs"))["items"] == []
    assert (await stranger.get("/v1/runs", schedule_id=mine["id"]))["items"] == []
    assert [row["id"] for row in (await stranger.get("/v1/schedules"))["items"]] == [theirs["id"]]
