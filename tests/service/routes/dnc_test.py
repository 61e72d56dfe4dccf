"""The do-not-call registry over HTTP: load, declare, show, clear."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.context import Context
from dialer.pipeline.compliance.dnc import MAX_NUMBERS
from dialer.store import clock
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant

pytestmark = pytest.mark.asyncio


async def _today(context: Context, *, days: int = 0) -> str:
    async with context.engine.connect() as conn:
        now = await clock.now(conn)
    return str((now.astimezone(UTC) + timedelta(days=days)).date())


async def test_a_copy_is_loaded_declared_and_cleared(tenant: Tenant, context: Context) -> None:
    empty = {"numbers": 0, "more": False, "scrubbed_on": None, "expires_on": None, "fresh": False}
    assert await tenant.get("/v1/dnc") == empty
    loaded = await tenant.post("/v1/dnc/numbers", {"phones": ["2125550142", "911", 4125550151]})
    assert loaded.json() == {
        "added": 2,
        "known": 0,
        "rejected": [{"index": 1, "code": loaded.json()["rejected"][0]["code"]}],
    }
    assert loaded.json()["rejected"][0]["code"].startswith("phone.")
    today = await _today(context)
    declared = await tenant.post("/v1/dnc/scrubbed", {"on": today})
    expires = str(datetime.fromisoformat(today).date() + timedelta(days=31))
    shown = {
        "numbers": 2,
        "more": False,
        "fresh": True,
        "scrubbed_on": today,
        "expires_on": expires,
    }
    assert (declared.status_code, declared.json()) == (200, shown)
    assert await tenant.get("/v1/dnc") == shown
    cleared = await tenant.call("DELETE", "/v1/dnc/numbers")
    assert (cleared.status_code, await tenant.get("/v1/dnc")) == (204, empty)


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("numbers", {}, "/phones"),
        ("numbers", {"phones": []}, "/phones"),
        ("numbers", {"phones": "2125550142"}, "/phones"),
        ("numbers", {"phones": ["2125550142"], "replace": True}, "/replace"),
        ("numbers", {"phones": ["1"] * (MAX_NUMBERS + 1)}, "/phones"),
        ("scrubbed", {}, "/on"),
        ("scrubbed", {"on": "soon"}, "/on"),
        ("scrubbed", {"on": "9999-12-31"}, "/on"),
        ("scrubbed", {"on": "2000-01-01"}, "/on"),
    ],
)
async def test_what_can_not_be_read_is_named(
    tenant: Tenant, path: str, body: dict[str, object], pointer: str
) -> None:
    answer = await tenant.post(f"/v1/dnc/{path}", body)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_an_empty_copy_can_not_be_declared(tenant: Tenant, context: Context) -> None:
    answer = await tenant.post("/v1/dnc/scrubbed", {"on": await _today(context)})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_each_organization_has_a_copy_of_its_own(
    new_tenant: MakeTenant, context: Context
) -> None:
    owner, stranger = await new_tenant(), await new_tenant()
    await owner.post("/v1/dnc/numbers", {"phones": ["2125550142"]})
    await owner.post("/v1/dnc/scrubbed", {"on": await _today(context, days=-1)})
    assert (await stranger.get("/v1/dnc"))["numbers"] == 0
    await stranger.call("DELETE", "/v1/dnc/numbers")
    kept = await owner.get("/v1/dnc")
    assert (kept["numbers"], kept["fresh"]) == (1, True)
