"""Every request and response example of the guide goes through the client."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from partner import (
    CallQuery,
    CallRequest,
    ConnectCalendar,
    CreateTool,
    CreateVoiceAgent,
    Page,
    PartnerClient,
    UpdateTool,
    UpdateVoiceAgent,
)
from partner.models.base import Received
from tests.partner import guide
from tests.partner.clients import client_for
from tests.support.raw_server import RawServer, answer, in_turn

Ask = Callable[[PartnerClient], Awaitable[object]]

REQUESTS: Mapping[str, tuple[Ask, object, object]] = {
    "connect a calendar": (
        lambda c: c.create_google_calendar_integration(
            "biz_123", ConnectCalendar.model_validate(guide.CONNECT_CALENDAR)
        ),
        guide.CONNECT_CALENDAR,
        guide.CALENDAR,
    ),
    "a transfer tool": (
        lambda c: c.create_tool_instance(
            "biz_123", CreateTool.model_validate(guide.CREATE_TRANSFER)
        ),
        guide.CREATE_TRANSFER,
        guide.TRANSFER_TOOL,
    ),
    "a calendar tool": (
        lambda c: c.create_tool_instance(
            "biz_123", CreateTool.model_validate(guide.CREATE_APPOINTMENTS)
        ),
        guide.CREATE_APPOINTMENTS,
        guide.APPOINTMENT_TOOL,
    ),
    "a changed tool": (
        lambda c: c.update_tool_instance(
            "biz_123",
            "tool-instance-123",
            UpdateTool.model_validate({"configOverride": guide.CREATE_TRANSFER["configOverride"]}),
        ),
        {"configOverride": guide.CREATE_TRANSFER["configOverride"]},
        guide.TRANSFER_TOOL,
    ),
    "an agent with hours": (
        lambda c: c.create_voice_agent(
            "biz_123", CreateVoiceAgent.model_validate(guide.CREATE_AGENT)
        ),
        guide.CREATE_AGENT,
        guide.AGENT,
    ),
    "an agent with a workflow": (
        lambda c: c.create_voice_agent(
            "biz_123", CreateVoiceAgent.model_validate(guide.CREATE_AGENT_WITH_WORKFLOW)
        ),
        guide.CREATE_AGENT_WITH_WORKFLOW,
        guide.AGENT,
    ),
    "an agent's workflow": (
        lambda c: c.update_voice_agent(
            "biz_123", "agent-789", UpdateVoiceAgent.model_validate({"workflow": guide.WORKFLOW})
        ),
        {"workflow": guide.WORKFLOW},
        guide.AGENT,
    ),
    "an agent's hours": (
        lambda c: c.update_voice_agent(
            "biz_123",
            "agent-789",
            UpdateVoiceAgent.model_validate({"activatedHours": guide.HOURS}),
        ),
        {"activatedHours": guide.HOURS},
        guide.AGENT,
    ),
    "a call": (
        lambda c: c.call("biz_123", "agent-789", CallRequest.model_validate(guide.CALL)),
        guide.CALL,
        guide.PLACED,
    ),
}


@pytest.mark.asyncio
@pytest.mark.parametrize(("ask", "sent", "reply"), REQUESTS.values(), ids=REQUESTS)
async def test_a_request_is_exactly_the_guides(ask: Ask, sent: object, reply: object) -> None:
    async with RawServer(in_turn(answer(200, reply))) as server, client_for(server) as client:
        await ask(client)
    assert server.requests[0].json() == sent
    assert server.requests[0].headers["content-type"] == "application/json"


@pytest.mark.asyncio
async def test_the_guides_query_of_the_history() -> None:
    reply = answer(200, guide.HISTORY)
    query = CallQuery(page_size=10, status="COMPLETED", type="OUTBOUND")
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        page = await client.list_business_calls("biz_123", query)
    assert server.requests[0].target.endswith(f"/businesses/biz_123/calls?{guide.HISTORY_QUERY}")
    assert (page.total, page.page, page.page_size, page.malformed) == (100, 1, 10, 0)


OBJECTS: Mapping[str, tuple[Ask, dict[str, Any]]] = {
    "calendar": (lambda c: c.get_google_calendar_integration("biz_123"), guide.CALENDAR),
    "template": (lambda c: c.get_tool_template("t"), guide.TEMPLATES["items"][0]),
    "transfer tool": (lambda c: c.get_tool_instance("biz_123", "t"), guide.TRANSFER_TOOL),
    "calendar tool": (lambda c: c.get_tool_instance("biz_123", "t"), guide.APPOINTMENT_TOOL),
    "file": (lambda c: c.get_file("biz_123", "file-123"), guide.FILE),
    "voice": (lambda c: c.get_voice("voice-abc123"), guide.VOICES[0]),
    "agent": (lambda c: c.get_voice_agent("biz_123", "agent-789"), guide.AGENT),
    "deployed agent": (
        lambda c: c.deploy_voice_agent("biz_123", "agent-789"),
        guide.DEPLOYED_AGENT,
    ),
    "call": (lambda c: c.get_business_call("biz_123", "call-123"), guide.RECORD),
    "call of the organization": (lambda c: c.get_organization_call("call-123"), guide.RECORD),
}


def announced(value: object) -> object:
    """The example with a field at each level that the guide doesn't know."""
    if isinstance(value, dict):
        return {name: announced(inner) for name, inner in value.items()} | {"unheardOf": [1]}
    return [announced(inner) for inner in value] if isinstance(value, list) else value


def everything_has_its_place(found: Received) -> None:
    """Each field of the example is an attribute, of the right type, and the rest is kept."""
    assert found.odd == {}
    assert found.model_extra == {"unheardOf": [1]}
    for name in type(found).model_fields:
        inner = getattr(found, name)
        for one in inner if isinstance(inner, tuple) else (inner,):
            if isinstance(one, Received):
                everything_has_its_place(one)


@pytest.mark.asyncio
@pytest.mark.parametrize(("ask", "example"), OBJECTS.values(), ids=OBJECTS)
async def test_an_answer_is_read_whole(ask: Ask, example: dict[str, Any]) -> None:
    reply = answer(200, announced(example))
    async with RawServer(in_turn(reply)) as server, client_for(server) as client:
        found = await ask(client)
    assert isinstance(found, Received)
    everything_has_its_place(found)
    read = found.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert read == announced(example)


@pytest.mark.asyncio
async def test_the_lists_are_read_whole() -> None:
    script = in_turn(
        answer(200, guide.VOICES), answer(200, guide.TEMPLATES), answer(200, guide.HISTORY)
    )
    async with RawServer(script) as server, client_for(server) as client:
        voices = await client.list_voices()
        templates = await client.list_tool_templates()
        calls = await client.list_organization_calls(CallQuery())
    assert _plain(voices) == guide.VOICES
    assert _plain(templates.items) == guide.TEMPLATES["items"]
    assert _plain(calls.items) == guide.HISTORY["items"]
    assert isinstance(templates, Page)
    assert (templates.total, templates.page, templates.page_size) == (2, 1, 10)


def _plain(items: tuple[Received, ...]) -> list[dict[str, Any]]:
    return [item.model_dump(mode="json", by_alias=True, exclude_unset=True) for item in items]


@pytest.mark.asyncio
async def test_a_placed_call_is_read() -> None:
    async with (
        RawServer(in_turn(answer(200, guide.PLACED))) as server,
        client_for(server) as client,
    ):
        placed = await client.call("biz_123", "agent-789", CallRequest.model_validate(guide.CALL))
    assert (placed.call_id, placed.phone_number, placed.status) == (
        "call-record-456",
        guide.NUMBER,
        "initiated",
    )
