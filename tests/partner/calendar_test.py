"""A calendar is there, or isn't; its token is shown nowhere but in the request."""

import pytest

from partner import ConnectCalendar, Refused
from tests.partner.clients import client_for
from tests.support.raw_server import RawServer, answer, in_turn

SHOWN = {"id": "config-1", "calendarId": "primary", "aclRuleId": "rule-1", "owner": "Ada"}
PATH = "/api/partner/v1/businesses/biz/integrations/google-calendar"


@pytest.mark.asyncio
async def test_a_calendar_is_read() -> None:
    async with RawServer(in_turn(answer(200, SHOWN))) as server, client_for(server) as client:
        found = await client.get_google_calendar_integration("biz")
    assert found is not None
    assert (found.id, found.calendar_id, found.acl_rule_id) == ("config-1", "primary", "rule-1")
    assert found.model_extra == {"owner": "Ada"}
    assert server.requests[0].target == PATH


@pytest.mark.asyncio
async def test_a_404_is_no_calendar_and_nothing_else_is() -> None:
    script = in_turn(answer(404, {}), answer(400, {}))
    async with RawServer(script) as server, client_for(server) as client:
        assert await client.get_google_calendar_integration("biz") is None
        with pytest.raises(Refused, match="bad_request"):
            await client.get_google_calendar_integration("biz")


@pytest.mark.asyncio
async def test_a_calendar_is_connected() -> None:
    body = ConnectCalendar.model_validate({"accessToken": "ya29.token", "calendarId": "primary"})
    async with RawServer(in_turn(answer(201, SHOWN))) as server, client_for(server) as client:
        made = await client.create_google_calendar_integration("biz", body)
    (seen,) = server.requests
    assert (seen.method, seen.target) == ("POST", PATH)
    assert seen.headers["content-type"] == "application/json"
    assert seen.json() == {"accessToken": "ya29.token", "calendarId": "primary"}
    assert made.acl_rule_id == "rule-1"
