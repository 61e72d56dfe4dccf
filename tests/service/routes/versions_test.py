"""A campaign's versions over HTTP: who changed what; another organization sees none."""

import pytest

from dialer.clock import new_id
from tests.service.conftest import MakeTenant
from tests.service.tenants import Tenant

pytestmark = pytest.mark.asyncio


async def test_each_edit_is_listed_with_who_made_it(tenant: Tenant) -> None:
    where = f"/v1/campaigns/{tenant.campaign_id}"
    key = await tenant.key_with("campaigns:write")
    changed = await tenant.api.patch(where, json={"priority": 7}, headers={"X-API-Key": key})
    assert changed.json()["version"] == 2
    refused = await tenant.call("PATCH", where, json={"context_template": "{{ nmae }}"})
    assert refused.status_code == 422
    found = (await tenant.get(f"{where}/versions"))["items"]
    assert [(row["version"], row["by"]) for row in found] == [(2, "narrow"), (1, "all")]
    assert [row["plan"]["priority"] for row in found] == [7, 0]
    assert (await tenant.get(where))["version"] == 2


async def test_another_organizations_versions_are_not_found(
    tenant: Tenant, new_tenant: MakeTenant
) -> None:
    stranger = await new_tenant()
    for who, campaign in ((stranger, tenant.campaign_id), (tenant, str(new_id())), (tenant, "x")):
        answer = await who.call("GET", f"/v1/campaigns/{campaign}/versions")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
