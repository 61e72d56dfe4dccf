"""Tools: the library is read, instances are made, changed and deleted."""

import pytest

from partner import CreateTool, Refused, TransferDestination, TransferOverride, Unknown, UpdateTool
from tests.partner.clients import client_for
from tests.support.raw_server import RawServer, answer, in_turn

TOOL = {"id": "tool-1", "isTemplate": False, "name": "transferCall", "configOverride": {"a": 1}}
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.asyncio
async def test_pages_of_templates_and_of_instances() -> None:
    page = answer(200, {"items": [TOOL, {}], "total": 9, "page": 2, "page_size": 5})
    async with RawServer(in_turn(page)) as server, client_for(server) as client:
        templates = await client.list_tool_templates(2, 5)
        instances = await client.list_tool_instances("biz", page=2, page_size=5)
    for found in (templates, instances):
        assert (found.total, found.page, found.page_size, found.malformed) == (9, 2, 5, 1)
    assert templates.items[0].is_template is False
    assert instances.items[0].config_override == {"a": 1}
    assert [seen.target.removeprefix("/api/partner/v1") for seen in server.requests] == [
        "/tools?page=2&page_size=5",
        "/businesses/biz/tools?page=2&page_size=5",
    ]


@pytest.mark.asyncio
async def test_a_tool_is_made_of_a_template() -> None:
    desk = TransferDestination(name="Desk", phone_number="+12125550123")
    body = CreateTool(
        template_tool_id="t-1", config_override=TransferOverride(destinations=(desk,))
    )
    async with RawServer(in_turn(answer(201, TOOL))) as server, client_for(server) as client:
        assert (await client.create_tool_instance("biz", body)).id == "tool-1"
    assert server.requests[0].json() == {
        "templateToolId": "t-1",
        "configOverride": {"destinations": [{"name": "Desk", "phoneNumber": "+12125550123"}]},
    }


@pytest.mark.asyncio
async def test_a_tool_that_is_not_shown_when_made_may_exist() -> None:
    async with RawServer(in_turn(NO_CONTENT)) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="unreadable_body"):
            await client.create_tool_instance("biz", CreateTool(template_tool_id="t-1"))
    assert len(server.requests) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("reply", [answer(200, TOOL), NO_CONTENT, answer(200, {})])
async def test_a_changed_tool_is_returned_as_it_is_afterwards(reply: bytes) -> None:
    async with (
        RawServer(in_turn(reply, answer(200, TOOL))) as server,
        client_for(server) as client,
    ):
        tool = await client.update_tool_instance("biz", "tool-1", UpdateTool(config_override={}))
    assert tool.id == "tool-1"
    assert server.requests[0].json() == {"configOverride": {}}
    assert len(server.requests) == (1 if b'"tool-1"' in reply else 2)


@pytest.mark.asyncio
async def test_a_change_that_was_made_is_never_told_as_refused() -> None:
    script = in_turn(NO_CONTENT, answer(403, {}))
    async with RawServer(script) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="unreadable_body"):
            await client.update_tool_instance("biz", "tool-1", UpdateTool(config_override={}))
    assert [seen.method for seen in server.requests] == ["PATCH", "GET"]


@pytest.mark.asyncio
async def test_deleting_twice_is_refused() -> None:
    script = in_turn(NO_CONTENT, answer(404, {}))
    async with RawServer(script) as server, client_for(server) as client:
        await client.delete_tool_instance("biz", "tool-1")
        with pytest.raises(Refused, match="not_found"):
            await client.delete_tool_instance("biz", "tool-1")
    assert [seen.body for seen in server.requests] == [b"", b""]
