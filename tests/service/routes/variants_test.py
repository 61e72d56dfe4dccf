"""Variants over HTTP: added, compared, changed, retired; refusals name the part."""

import pytest

from dialer.context import Context
from dialer.store.engine import run
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant

pytestmark = pytest.mark.asyncio


def _where(tenant: Tenant, rest: str = "") -> str:
    return f"/v1/campaigns/{tenant.campaign_id}/variants{rest}"


async def _add(tenant: Tenant, name: str, **more: object) -> dict[str, object]:
    answer = await tenant.post(_where(tenant), {"name": name, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def test_variants_are_added_compared_changed_and_retired(tenant: Tenant) -> None:
    first = await _add(tenant, "As planned")
    second = await _add(
        tenant, "Shorter", weight=3, partner_agent_id="agent_2", context_template="Hi {{ name }}"
    )
    assert (first["agent_id"], first["partner_agent_id"]) == (None, "agent_1")
    assert second["partner_agent_id"] == "agent_2"
    found = await tenant.get(_where(tenant))
    assert [item["variant"] for item in found["items"]] == [first, second]
    assert [item["share"] for item in found["items"]] == [0.25, 0.75]
    assert found["goal"] == ["callback_requested", "completed", "transferred"]
    changed = await tenant.call(
        "PATCH",
        _where(tenant, f"/{second['id']}"),
        json={"weight": 1, "name": None, "context_template": None},
    )
    assert changed.json() == {**second, "weight": 1, "context_template": None}
    retired = await tenant.post(_where(tenant, f"/{second['id']}/retire"))
    assert retired.status_code == 200
    assert retired.json()["freed"] == 0
    assert retired.json()["variant"]["retired_at"] is not None


async def test_the_comparison_shows_rates_with_intervals(tenant: Tenant, context: Context) -> None:
    one, two = await _add(tenant, "A"), await _add(tenant, "B")
    for variant, outcome in ((one, "completed"), (one, "no_answer"), (two, "completed")):
        lead = await tenant.lead()
        await _end(context, lead, str(variant["id"]), outcome)
    found = await tenant.get(_where(tenant))
    first, second = found["items"]
    assert (first["called"], first["reached"], first["calls"]) == (2, 1, 2)
    assert first["outcomes"] == {"completed": 1, "no_answer": 1}
    # Wilson's interval of one in two, and of one in one, at 95 %.
    assert first["rate"] == pytest.approx({"value": 0.5, "low": 0.0945, "high": 0.9055}, abs=1e-4)
    assert second["rate"] == pytest.approx({"value": 1, "low": 0.2065, "high": 1}, abs=1e-4)
    assert first["difference"] is None
    assert second["difference"]["value"] == 0.5
    assert second["difference"]["verdict"] == "undecided"
    other = await tenant.get(_where(tenant), goal="no_answer, busy")
    assert other["goal"] == ["busy", "no_answer"]
    assert [item["reached"] for item in other["items"]] == [1, 0]


async def _end(context: Context, lead_id: str, variant_id: str, outcome: str) -> None:
    async with context.engine.begin() as conn:
        await run(
            conn,
            """
            UPDATE leads SET variant_id = CAST(:variant AS uuid), last_outcome = :outcome,
                state = 'done' WHERE id = CAST(:lead AS uuid)
            """,
            lead=lead_id,
            variant=variant_id,
            outcome=outcome,
        )
        await run(
            conn,
            """
            INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id,
                variant_id, phone, state, outcome, place_at, claim_expires_at, window_until,
                armed_at, finished_at)
            SELECT gen_random_uuid(), l.organization_id, c.business_id, c.agent_id, c.id, l.id,
                l.variant_id, l.phone, 'ended', :outcome, outdial_now(), outdial_now(),
                outdial_now(), outdial_now(), outdial_now()
            FROM leads l JOIN campaigns c ON c.id = l.campaign_id
            WHERE l.id = CAST(:lead AS uuid)
            """,
            lead=lead_id,
            outcome=outcome,
        )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "Taken"}, "/name"),
        ({"name": "B", "weight": 1_001}, "/weight"),
        ({"name": "B", "weight": -1}, "/weight"),
        ({"name": "B", "weight": True}, "/weight"),
        ({"name": "B", "weight": 10**30}, "/weight"),
        ({"name": "B", "agent_id": "agent_1"}, "/agent_id"),
        ({"name": "B", "agent_id": "00000000-0000-0000-0000-000000000001"}, "/agent_id"),
        ({"name": "B", "partner_agent_id": ""}, "/partner_agent_id"),
        ({"name": "B", "context_template": "{{ password }}"}, "/context_template"),
        ({"name": "B", "context_template": "x" * 8_001}, "/context_template"),
        ({"name": "B", "colour": 1}, "/colour"),
    ],
)
async def test_a_variant_that_can_not_be_is_refused_by_part(
    tenant: Tenant, body: dict[str, object], pointer: str
) -> None:
    await _add(tenant, "Taken")
    answer = await tenant.post(_where(tenant), body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        ("complete", "unknown_outcome"),
        ("", "unknown_outcome"),
        (",".join(["busy"] * 21), "too_many"),
        ("x" * 1_001, "string_too_long"),
    ],
)
async def test_a_goal_that_is_no_outcome_is_refused(tenant: Tenant, goal: str, code: str) -> None:
    answer = await tenant.call("GET", _where(tenant), params={"goal": goal})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code


async def test_a_retired_variant_and_the_last_weight_are_conflicts(tenant: Tenant) -> None:
    one = await _add(tenant, "A")
    await _add(tenant, "B", weight=0)
    last = await tenant.post(_where(tenant, f"/{one['id']}/retire"))
    assert (last.status_code, last.json()["code"]) == (409, "conflict")


async def test_strangers_find_no_campaign_and_narrow_keys_no_way(
    tenant: Tenant, new_tenant: MakeTenant
) -> None:
    made = await _add(tenant, "A")
    stranger = await new_tenant()
    for method, rest in (
        ("GET", ""),
        ("POST", ""),
        ("PATCH", f"/{made['id']}"),
        ("POST", f"/{made['id']}/retire"),
    ):
        body = {"name": "stolen"} if method != "GET" and "retire" not in rest else None
        asked = await stranger.call(method, _where(tenant, rest), json=body)
        assert asked.status_code == 404
        mixed = f"/v1/campaigns/{stranger.campaign_id}/variants{rest}"
        if rest:
            assert (await stranger.call(method, mixed, json=body)).status_code == 404
        reader = await tenant.key_with("campaigns:read")
        with_key = {"Authorization": f"Bearer {reader}"}
        seen = await tenant.call(method, _where(tenant, rest), json=body, headers=with_key)
        assert seen.status_code == (200 if method == "GET" else 403)
    (kept,) = (await tenant.get(_where(tenant)))["items"]
    assert kept["variant"] == made
