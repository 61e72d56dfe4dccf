"""Reading agents, and their duty."""

import pytest

from partner import ClientCredentials, NotSent, Refused, Unknown
from tests.partner.clients import client_for
from tests.support.raw_server import RawServer, answer, in_turn

DEPLOYED = {
    "id": "agent",
    "name": "Caller",
    "type": "OUTBOUND",
    "businessId": "biz",
    "phoneNumber": "+12125550100",
    "onDuty": True,
    "voiceId": "voice-abc123",
    "workflow": None,
    "mood": "cheerful",
    "createdAt": "2024-01-15T10:30:00Z",
}


@pytest.mark.asyncio
async def test_a_deployed_agent() -> None:
    async with RawServer(in_turn(answer(200, DEPLOYED))) as server, client_for(server) as client:
        agent = await client.get_voice_agent("biz", "agent")
    assert server.requests[0].target == "/api/partner/v1/businesses/biz/voice-agents/agent"
    assert (agent.type, agent.phone_number, agent.on_duty) == ("OUTBOUND", "+12125550100", True)
    assert agent.deployed
    assert (agent.voice_id, agent.workflow) == ("voice-abc123", None)
    assert agent.model_extra == {"mood": "cheerful"}


@pytest.mark.asyncio
async def test_an_agent_that_is_not_deployed_has_neither_number_nor_duty() -> None:
    body = {"id": "agent", "type": "OUTBOUND"}
    async with RawServer(in_turn(answer(200, body))) as server, client_for(server) as client:
        agent = await client.get_voice_agent("biz", "agent")
    assert not agent.deployed
    assert agent.phone_number is None
    assert agent.on_duty is None


@pytest.mark.asyncio
async def test_agents_are_listed_by_page() -> None:
    body = {"items": [DEPLOYED, {"no": "id"}], "total": 7, "page": 2, "page_size": 5}
    async with RawServer(in_turn(answer(200, body))) as server, client_for(server) as client:
        page = await client.list_voice_agents("biz", page=2, page_size=5)
    assert server.requests[0].target.endswith("/businesses/biz/voice-agents?page=2&page_size=5")
    assert [agent.id for agent in page.items] == ["agent"]
    assert (page.total, page.page, page.page_size, page.malformed) == (7, 2, 5, 1)


@pytest.mark.asyncio
async def test_duty_is_set_by_patch_without_a_body() -> None:
    off = DEPLOYED | {"onDuty": False}
    script = in_turn(answer(200, DEPLOYED), answer(200, off))
    async with RawServer(script) as server, client_for(server) as client:
        assert (await client.set_on_duty("biz", "agent")).on_duty is True
        assert (await client.set_off_duty("biz", "agent")).on_duty is False
    assert [
        (seen.method, seen.target.rsplit("/", 1)[1], seen.body) for seen in server.requests
    ] == [
        ("PATCH", "on", b""),
        ("PATCH", "off", b""),
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [b"HTTP/1.1 204 No Content\r\n\r\n", answer(200, {})])
async def test_an_agent_that_is_not_shown_after_its_duty_changed_is_read(reply: bytes) -> None:
    async with (
        RawServer(in_turn(reply, answer(200, DEPLOYED))) as server,
        client_for(server) as client,
    ):
        assert (await client.set_on_duty("biz", "agent")).on_duty is True
    assert [seen.method for seen in server.requests] == ["PATCH", "GET"]


@pytest.mark.asyncio
@pytest.mark.parametrize("failure", [answer(403, {}), answer(404, {}), answer(401, {})])
async def test_a_change_that_was_made_is_never_told_as_refused(failure: bytes) -> None:
    made = b"HTTP/1.1 204 No Content\r\n\r\n"
    async with RawServer(in_turn(made, failure)) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="unreadable_body") as caught:
            await client.set_off_duty("biz", "agent")
    assert isinstance(caught.value.__cause__, Refused)
    assert [seen.method for seen in server.requests] == ["PATCH", "GET"]


@pytest.mark.asyncio
async def test_a_change_that_was_made_is_never_told_as_not_sent() -> None:
    # No token can be had for the question that follows the change.
    token = answer(200, {"access_token": "token-1", "expires_in": 600})
    script = in_turn(token, b"HTTP/1.1 204 No Content\r\n\r\n", answer(401, {}), answer(500, {}))
    credentials = ClientCredentials("client", "secret")
    async with (
        RawServer(script) as server,
        client_for(server, credentials=credentials) as client,
    ):
        with pytest.raises(Unknown, match="unreadable_body") as caught:
            await client.set_off_duty("biz", "agent")
    assert isinstance(caught.value.__cause__, NotSent)


@pytest.mark.asyncio
async def test_duty_of_an_unknown_agent_is_refused() -> None:
    async with RawServer(in_turn(answer(404, {}))) as server, client_for(server) as client:
        with pytest.raises(Refused, match="not_found"):
            await client.set_on_duty("biz", "agent")
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_an_agent_without_an_id_is_unknown() -> None:
    async with RawServer(in_turn(answer(200, {"id": 7}))) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="unreadable_body"):
            await client.get_voice_agent("biz", "agent")
