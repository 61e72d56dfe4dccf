"""The rules over all campaigns over HTTP: shown, exported, tried, changed, refused."""

import asyncio
from typing import Any

import pytest

from dialer.context import Context
from dialer.rules.law.law import Law
from dialer.rules.outcomes.meaning import OutcomeMap
from dialer.store.engine import run
from service.shapes.rules import MAX_TABLE
from service.shell import Shell
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, dial

pytestmark = pytest.mark.asyncio

PREVIEW = "/v1/rules/outcomes/preview"


async def _patch(tenant: Tenant, **parts: object) -> Any:  # noqa: ANN401 -- an answer
    return await tenant.call("PATCH", "/v1/rules", json={"note": "why", **parts})


async def test_shipped_rules_are_shown_with_their_sources(tenant: Tenant) -> None:
    found = await tenant.get("/v1/rules")
    assert (found["version"], found["own_calling_hours"], found["own_outcomes"]) == (
        0,
        False,
        False,
    )
    assert found["limits"] == {
        "paused_states": [],
        "per_number_24h": 3,
        "per_number_7d": 10,
        "gap_minutes": 5,
    }
    assert len(found["calling_hours"]) == len(Law.shipped().rows)
    florida = next(
        r for r in found["calling_hours"] if (r["state"], r["profile"]) == ("FL", "sales")
    )
    assert florida["source"]
    assert florida["max_attempts_24h"] == "3"


async def test_an_edit_is_a_version_that_can_be_read_again(tenant: Tenant) -> None:
    made = await _patch(tenant, limits={"per_number_24h": 2, "paused_states": ["fl"]})
    assert made.status_code == 200, made.text
    assert (made.json()["version"], made.json()["limits"]["paused_states"]) == (1, ["FL"])
    assert made.json()["limits"]["per_number_7d"] == 10
    lifted = await _patch(tenant, limits={"per_number_24h": None})
    assert lifted.json()["limits"]["per_number_24h"] is None
    assert (await tenant.get("/v1/rules", version=1))["limits"]["per_number_24h"] == 2
    assert (await tenant.get("/v1/rules", version=0))["limits"]["per_number_24h"] == 3
    listed = (await tenant.get("/v1/rules/versions"))["items"]
    assert [(row["version"], row["by"], row["note"]) for row in listed] == [
        (2, "all", "why"),
        (1, "all", "why"),
    ]
    assert [r["version"] for r in (await tenant.get("/v1/rules/versions", limit=1))["items"]] == [
        2
    ]
    older = await tenant.get("/v1/rules/versions", before=2)
    assert [row["version"] for row in older["items"]] == [1]
    missing = await tenant.call("GET", "/v1/rules", params={"version": 9})
    assert missing.status_code == 404


@pytest.mark.parametrize("table", ["calling_hours", "outcomes"])
async def test_a_table_goes_out_and_comes_back(tenant: Tenant, table: str) -> None:
    found = await tenant.get(f"/v1/rules/tables/{table}")
    shipped = Law.shipped() if table == "calling_hours" else OutcomeMap.shipped()
    assert (found["version"], found["csv"]) == (0, shipped.as_csv())
    same = await _patch(tenant, **{table: found["csv"]}, version=0)
    assert same.status_code == 200, same.text
    assert not same.json()[f"own_{table}"]
    edited = found["csv"].replace("20:00", "19:30").replace("customer-busy,busy", "x-busy,busy")
    own = await _patch(tenant, **{table: edited}, version=1)
    assert own.json()[f"own_{table}"]
    assert (await tenant.get(f"/v1/rules/tables/{table}"))["csv"] == edited
    assert (await tenant.get(f"/v1/rules/tables/{table}", version=1))["csv"] == found["csv"]
    back = await _patch(tenant, **{table: ""})
    assert not back.json()[f"own_{table}"]


async def test_an_edit_of_a_past_version_is_a_conflict(tenant: Tenant) -> None:
    await _patch(tenant, limits={"gap_minutes": 1})
    late = await _patch(tenant, limits={"gap_minutes": 2}, version=0)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert "version 1" in late.json()["detail"]


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ({"limits": {"per_number_24h": 0}}, "/limits"),
        ({"limits": {"per_number_24h": "2"}}, "/limits/per_number_24h"),
        ({"limits": {"per_number_24h": 10**30}}, "/limits"),
        ({"limits": {"paused_states": ["ZZ"]}}, "/limits"),
        ({"limits": {"paused_states": None}}, "/limits"),
        ({"limits": {"gap": 2}}, "/limits/gap"),
        ({"outcomes": "nonsense"}, "/outcomes/1"),
        ({"outcomes": "x" * (MAX_TABLE + 1)}, "/outcomes"),
        ({"calling_hours": "state\nFL\n"}, "/calling_hours/1"),
        ({"calling_hours": '"'}, "/calling_hours"),
        ({"version": True}, "/version"),
        ({"note": " "}, "/note"),
        ({"note": None}, "/note"),
        ({"colour": 1}, "/colour"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_place(
    tenant: Tenant, parts: dict[str, object], pointer: str
) -> None:
    answer = await _patch(tenant, **parts)
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert errors
    assert errors[0]["pointer"].startswith(pointer), errors
    assert (await tenant.get("/v1/rules"))["version"] == 0


async def test_an_edit_without_a_note_is_refused(tenant: Tenant) -> None:
    answer = await tenant.call("PATCH", "/v1/rules", json={"limits": {"gap_minutes": 1}})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/note")


async def test_rules_are_ones_own(tenant: Tenant, new_tenant: MakeTenant) -> None:
    stranger = await new_tenant()
    await _patch(tenant, limits={"gap_minutes": 1}, outcomes=OutcomeMap.shipped().as_csv())
    assert (await stranger.get("/v1/rules"))["version"] == 0
    assert (await stranger.get("/v1/rules/versions"))["items"] == []
    other = await stranger.call("GET", "/v1/rules", params={"version": 1})
    assert other.status_code == 404


async def _ended(tenant: Tenant, context: Context, reason: str, outcome: str) -> str:
    call_id = await dial(context, await tenant.lead(), state="placed")
    async with context.engine.begin() as conn:
        await run(
            conn,
            """
            UPDATE calls SET state = 'ended', outcome = :outcome, ended_reason = :reason,
                partner_status = 'COMPLETED', finished_at = outdial_now() WHERE id = :id
            """,
            id=call_id,
            outcome=outcome,
            reason=reason,
        )
    return call_id


async def test_a_table_is_tried_on_past_calls(
    tenant: Tenant, context: Context, new_tenant: MakeTenant
) -> None:
    call = await _ended(tenant, context, "customer-busy", "busy")
    await _ended(tenant, context, "voicemail", "voicemail")
    table = OutcomeMap.shipped().as_csv().replace("customer-busy,busy", "customer-busy,no_answer")
    found = await tenant.post(PREVIEW, {"outcomes": table})
    assert found.status_code == 200, found.text
    assert found.json() == {
        "calls": 2,
        "changed": 1,
        "changes": [{"before": "busy", "after": "no_answer", "calls": 1}],
        "examples": [
            {
                "call_id": call,
                "ended_reason": "customer-busy",
                "before": "busy",
                "after": "no_answer",
                "by": "ended_reason",
            }
        ],
    }
    assert (await tenant.get(f"/v1/calls/{call}"))["outcome"] == "busy"
    assert (await tenant.get("/v1/rules"))["version"] == 0
    other = await (await new_tenant()).post(PREVIEW, {"outcomes": table})
    assert other.json() == {"calls": 0, "changed": 0, "changes": [], "examples": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/outcomes"),
        ({"outcomes": 1}, "/outcomes"),
        ({"outcomes": "nonsense"}, "/outcomes/1"),
        ({"outcomes": "x" * (MAX_TABLE + 1)}, "/outcomes"),
        ({"outcomes": "", "calls": 5}, "/calls"),
    ],
)
async def test_a_table_to_try_that_cannot_be_is_refused(
    tenant: Tenant, body: dict[str, object], pointer: str
) -> None:
    answer = await tenant.post(PREVIEW, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_tables_are_tried_two_at_a_time(tenant: Tenant, app: Any) -> None:  # noqa: ANN401 -- the application
    shell: Shell = app.state.shell
    async with shell.replays, shell.replays:
        busy = await tenant.post(PREVIEW, {"outcomes": ""})
        assert (busy.status_code, busy.json()["code"]) == (503, "unavailable")
        assert "Retry-After" in busy.headers
    free = await asyncio.gather(*(tenant.post(PREVIEW, {"outcomes": ""}) for _ in range(2)))
    assert [answer.status_code for answer in free] == [200, 200]


async def test_rules_that_cannot_be_read_are_told(tenant: Tenant, context: Context) -> None:
    async with context.engine.begin() as conn:
        await run(
            conn,
            """
            INSERT INTO rulebooks (organization_id, version, calling_hours, limits)
            VALUES (:org, 1, 'damaged', '{}')
            """,
            org=tenant.organization_id,
        )
        await run(
            conn,
            "UPDATE organizations SET rulebook = 1 WHERE id = :org",
            org=tenant.organization_id,
        )
    for path in ("/v1/rules", "/v1/rules/tables/calling_hours"):
        answer = await tenant.call("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    mended = await _patch(tenant, calling_hours="")
    assert (mended.status_code, mended.json()["version"]) == (200, 2)
