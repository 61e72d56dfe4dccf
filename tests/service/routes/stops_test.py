"""Stops over HTTP: everything, a business, a state; each with its proof."""

import pytest

from dialer.context import Context
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant, dial

pytestmark = pytest.mark.asyncio


async def _business(tenant: Tenant) -> str:
    found: str = (await tenant.get("/v1/businesses"))["items"][0]["id"]
    return found


async def test_everything_stops_with_proof_and_goes_on(tenant: Tenant, context: Context) -> None:
    first, second = await tenant.lead(), await tenant.lead()
    nothing = await tenant.post("/v1/pause")
    assert nothing.json() == {"paused": True, "in_flight": 0, "last_ring_at": None}
    assert (await tenant.post("/v1/resume")).json()["paused"] is False
    ringing = await dial(context, first, state="live")
    await dial(context, second, state="claimed")
    for _ in range(2):
        stopped = (await tenant.post("/v1/pause")).json()
        assert (stopped["paused"], stopped["in_flight"]) == (True, 1)
    armed = (await tenant.get(f"/v1/calls/{ringing}"))["armed_at"]
    assert stopped["last_ring_at"] >= armed
    why = await tenant.get(f"/v1/leads/{await tenant.lead()}/why")
    assert (why["blocks"]["gate"], why["blocks"]["why"]) == ("organization", "paused")
    assert (await tenant.post("/v1/resume")).json()["paused"] is False
    names = [event["name"] for event in (await tenant.get("/v1/events"))["items"]]
    told = [name for name in names if name.startswith("organization")]
    assert told == ["organization.paused", "organization.unpaused"] * 2


async def test_a_business_stops_and_goes_on(tenant: Tenant) -> None:
    where = f"/v1/businesses/{await _business(tenant)}"
    assert (await tenant.post(f"{where}/pause")).json()["paused"] is True
    why = await tenant.get(f"/v1/leads/{await tenant.lead()}/why")
    assert why["blocks"]["gate"] == "business"
    # Resuming everything leaves the business as it is.
    await tenant.post("/v1/resume")
    again = await tenant.get(f"/v1/leads/{await tenant.lead()}/why")
    assert again["blocks"]["gate"] == "business"
    assert (await tenant.post(f"{where}/resume")).json()["paused"] is False


async def test_a_state_stops_and_goes_on(tenant: Tenant) -> None:
    stopped = await tenant.post("/v1/states/fl/pause", {"note": "A hurricane."})
    assert (stopped.status_code, stopped.json()["paused"]) == (200, True)
    assert (await tenant.get("/v1/rules"))["limits"]["paused_states"] == ["FL"]
    why = await tenant.get(f"/v1/leads/{await tenant.lead(state='FL')}/why")
    assert "state_paused" in {one["why"] for one in why["verdicts"]}
    gone = await tenant.post("/v1/states/FL/resume", {"note": "It is over."})
    assert gone.json()["paused"] is False
    notes = [row["note"] for row in (await tenant.get("/v1/rules/versions"))["items"]]
    assert notes == ["It is over.", "A hurricane."]


@pytest.mark.parametrize("state", ["ZZ", "Florida", "%2E%2E", "%00", "F%20"])
async def test_what_is_no_state_is_not_found(tenant: Tenant, state: str) -> None:
    answer = await tenant.post(f"/v1/states/{state}/pause", {"note": "x"})
    assert answer.status_code == 404, answer.text
    assert (await tenant.get("/v1/rules"))["version"] == 0


@pytest.mark.parametrize("body", [None, {}, {"note": ""}, {"note": "x" * 501}, {"why": "x"}])
async def test_a_state_is_not_paused_without_a_word_of_why(tenant: Tenant, body: object) -> None:
    answer = await tenant.post("/v1/states/FL/pause", body)
    assert answer.status_code == 422, answer.text


async def test_a_stop_is_ones_own(
    tenant: Tenant, new_tenant: MakeTenant, context: Context
) -> None:
    stranger = await new_tenant()
    await dial(context, await tenant.lead(), state="live")
    stopped = (await stranger.post("/v1/pause")).json()
    assert (stopped["in_flight"], stopped["last_ring_at"]) == (0, None)
    foreign = await stranger.post(f"/v1/businesses/{await _business(tenant)}/pause")
    assert foreign.status_code == 404
    await stranger.post("/v1/states/NY/pause", {"note": "x"})
    why = await tenant.get(f"/v1/leads/{await tenant.lead()}/why")
    shut = {one["why"] for one in why["verdicts"]}
    assert not shut & {"paused", "state_paused"}


async def test_only_an_administrator_stops_everything(tenant: Tenant) -> None:
    key = await tenant.key_with("campaigns:write", "campaigns:read", "leads:write")
    for path in ("/v1/pause", "/v1/resume", "/v1/states/FL/pause"):
        answer = await tenant.api.post(path, json={"note": "x"}, headers={"X-API-Key": key})
        assert (answer.status_code, "admin" in answer.json()["detail"]) == (403, True)
