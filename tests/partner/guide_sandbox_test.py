"""The guide's whole way against the sandbox: its requests, and answers of its shape."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from partner import (
    SCOPES,
    CallQuery,
    CallRequest,
    ClientCredentials,
    ConnectCalendar,
    CreateTool,
    CreateVoiceAgent,
    FileFailed,
    PartnerClient,
    Refused,
    StaticKey,
    Unknown,
    UpdateTool,
    UpdateVoiceAgent,
)
from partner.models.base import Received
from tests.partner import guide
from tests.partner.clients import client_for
from tests.partner.endpoints import CASES, Case
from tests.partner.page import EXAMPLES
from tests.support.sandbox import SandboxProcess

BIZ = "biz_123"
PRICES = b"# Prices\n\nA visit costs 80 dollars.\n"
KEY, CLIENT, CLIENT_SECRET = "guide-key", "guide-client", "guide-secret"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(clock_speed=600) as running:
        running.add(
            "organizations",
            id="org_123",
            name="Mario",
            client_id=CLIENT,
            client_secret=CLIENT_SECRET,
        )
        running.add("credentials", organization_id="org_123", api_key=KEY)
        running.add(
            "businesses",
            id=BIZ,
            organization_id="org_123",
            name="Mario Plumbing",
            phone_number="+12125550170",
        )
        running.add("leads", id="lead-123", business_id=BIZ, name="Ada Example")
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def client(sandbox: SandboxProcess) -> AsyncIterator[PartnerClient]:
    async with client_for(sandbox.base_url, credentials=StaticKey(KEY)) as made:
        yield made
    sandbox.clear_faults()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "prices.md"
    path.write_bytes(PRICES)
    return path


def has_the_shape(found: Received, example: Mapping[str, Any], *, but: str = "") -> None:
    """Every field of the example is there and of its type; ``but`` names what may be lacking."""
    assert found.odd == {}
    shown = found.model_dump(by_alias=True, exclude_unset=True)
    assert set(example) - set(shown) <= set(but.split())


async def connected(client: PartnerClient) -> None:
    """Have the calendar, which the calendar tool needs."""
    await client.create_google_calendar_integration(
        BIZ, ConnectCalendar.model_validate(guide.CONNECT_CALENDAR)
    )


async def made_agent(client: PartnerClient, **changes: object) -> str:
    """An outbound agent by the guide's workflow; its id."""
    fields = guide.CREATE_AGENT_WITH_WORKFLOW | changes
    made = await client.create_voice_agent(BIZ, CreateVoiceAgent.model_validate(fields))
    return made.id


@pytest.mark.asyncio
async def test_the_pages_example(sandbox: SandboxProcess, note: Path) -> None:
    ring = EXAMPLES["from_nothing_to_a_call"]
    before = len(sandbox.rings())
    end = await ring(sandbox.base_url, "sandbox-key", "biz_demo", "ya29.invented", note)
    assert end.split(":")[0] in {"COMPLETED", "FAILED"}
    assert len(sandbox.rings()) == before + 1


@pytest.mark.asyncio
async def test_the_calendar(client: PartnerClient) -> None:
    await connected(client)
    found = await client.get_google_calendar_integration(BIZ)
    assert found is not None
    has_the_shape(found, guide.CALENDAR)
    assert found.calendar_id == guide.CONNECT_CALENDAR["calendarId"]
    assert await client.get_google_calendar_integration("biz_unknown") is None


@pytest.mark.asyncio
async def test_the_library_of_tools(client: PartnerClient) -> None:
    found = {template.id: template async for template in client.iter_tool_templates(page_size=2)}
    for example in guide.TEMPLATES["items"]:
        template = found[example["id"]]
        has_the_shape(template, example)
        assert (template.name, template.type) == (example["name"], example["type"])
        assert await client.get_tool_template(template.id) == template


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("create", "example"),
    [
        (guide.CREATE_TRANSFER, guide.TRANSFER_TOOL),
        (guide.CREATE_APPOINTMENTS, guide.APPOINTMENT_TOOL),
    ],
    ids=["transfer", "appointments"],
)
async def test_a_tools_life(
    client: PartnerClient, create: dict[str, Any], example: dict[str, Any]
) -> None:
    await connected(client)
    made = await client.create_tool_instance(BIZ, CreateTool.model_validate(create))
    has_the_shape(made, example, but="message")
    assert set(example["configOverride"]) <= set(made.config_override or {})
    assert await client.get_tool_instance(BIZ, made.id) == made
    assert made.id in {tool.id async for tool in client.iter_tool_instances(BIZ, page_size=1)}
    change = UpdateTool.model_validate({"configOverride": create["configOverride"]})
    changed = await client.update_tool_instance(BIZ, made.id, change)
    assert (changed.id, changed.template_tool_id) == (made.id, create["templateToolId"])
    await client.delete_tool_instance(BIZ, made.id)
    with pytest.raises(Refused, match="not_found"):
        await client.get_tool_instance(BIZ, made.id)


@pytest.mark.asyncio
async def test_a_files_life(client: PartnerClient, note: Path) -> None:
    progress: list[tuple[int, int]] = []
    size = len(PRICES)
    made = await client.upload_file(
        BIZ, note, on_progress=lambda sent, total: progress.append((sent, total))
    )
    has_the_shape(made, guide.FILE)
    assert (made.name, made.size_bytes, made.mime_type) == ("prices.md", size, "text/markdown")
    assert progress == [(size, size)]
    assert (await client.wait_for_file(BIZ, made.id, timeout=60)).ready
    assert made.id in {file.id async for file in client.iter_files(BIZ, page_size=1)}
    await client.delete_file(BIZ, made.id)
    with pytest.raises(Refused, match="not_found"):
        await client.wait_for_file(BIZ, made.id, timeout=60)


@pytest.mark.asyncio
async def test_a_file_that_fails(
    sandbox: SandboxProcess, client: PartnerClient, note: Path
) -> None:
    sandbox.fault("file_failed", route="files", count=1)
    made = await client.upload_file(BIZ, note)
    with pytest.raises(FileFailed) as caught:
        await client.wait_for_file(BIZ, made.id, timeout=60)
    assert caught.value.file.id == made.id


@pytest.mark.asyncio
async def test_a_token_refused_before_the_body_was_taken_is_renewed(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"A visit costs 80 dollars.\n" * 200_000)
    sandbox.fault("token_rejected", route="files", count=1)
    credentials = ClientCredentials(CLIENT, CLIENT_SECRET)
    progress: list[int] = []
    async with client_for(sandbox.base_url, credentials=credentials) as client:
        made = await client.upload_file(
            BIZ, path, on_progress=lambda sent, _: progress.append(sent)
        )
    sandbox.clear_faults()
    assert made.size_bytes == 5_200_000
    assert progress.count(5_200_000) == 2


@pytest.mark.asyncio
async def test_the_voices(client: PartnerClient) -> None:
    voices = {voice.id: voice for voice in await client.list_voices()}
    for example in guide.VOICES:
        has_the_shape(voices[example["id"]], example)
        assert await client.get_voice(example["id"]) == voices[example["id"]]


@pytest.mark.asyncio
async def test_an_inbound_agents_life(client: PartnerClient, note: Path) -> None:
    await connected(client)
    tools = [
        (await client.create_tool_instance(BIZ, CreateTool.model_validate(create))).id
        for create in (guide.CREATE_TRANSFER, guide.CREATE_APPOINTMENTS)
    ]
    file = await client.upload_file(BIZ, note)
    await client.wait_for_file(BIZ, file.id, timeout=60)
    own = {"toolIds": tools, "knowledgeBaseDocumentIds": [file.id]}
    made = await client.create_voice_agent(
        BIZ, CreateVoiceAgent.model_validate(guide.CREATE_AGENT | own)
    )
    has_the_shape(made, guide.AGENT)
    shown = made.model_dump(by_alias=True, mode="json")
    for name in ("activatedHours", "personality", "collectFields", "conversationFlow"):
        assert guide.AGENT[name] == _without_none(shown[name])
    assert set(tools) < set(made.tool_ids or ())
    assert not made.deployed

    live = await client.deploy_voice_agent(BIZ, made.id)
    has_the_shape(live, guide.DEPLOYED_AGENT)
    assert live.deployed
    assert live.on_duty is not None

    change = UpdateVoiceAgent(custom_instructions=None, collect_fields=("name",))
    changed = await client.update_voice_agent(BIZ, made.id, change)
    assert (changed.custom_instructions, changed.collect_fields) == (None, ("name",))
    assert made.id in {agent.id async for agent in client.iter_voice_agents(BIZ, page_size=1)}
    await client.delete_voice_agent(BIZ, made.id)
    with pytest.raises(Refused, match="not_found"):
        await client.get_voice_agent(BIZ, made.id)


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_none(one) for name, one in value.items() if one is not None}
    return [_without_none(one) for one in value] if isinstance(value, list) else value


@pytest.mark.asyncio
async def test_an_outbound_agents_calls(sandbox: SandboxProcess, client: PartnerClient) -> None:
    agent = await made_agent(client)
    shown = (await client.get_voice_agent(BIZ, agent)).model_dump(by_alias=True)
    assert set(guide.CREATE_AGENT_WITH_WORKFLOW) <= set(shown)
    await client.deploy_voice_agent(BIZ, agent)
    placed = await client.call(BIZ, agent, CallRequest.model_validate(guide.CALL))
    assert (placed.phone_number, placed.status) == (guide.NUMBER, "initiated")
    assert sandbox.rings()[-1]["phone"] == guide.NUMBER
    one = await client.get_organization_call(placed.call_id)
    assert (one.agent_id, one.lead_id) == (agent, "lead-123")
    assert one.lead_context is not None
    assert one.lead_context.odd == {}
    assert one.lead_context.generated_from_lead_id == "lead-123"
    own = [call.id async for call in client.iter_business_calls(BIZ, CallQuery(page_size=1))]
    every = [call.id async for call in client.iter_organization_calls(CallQuery(business_id=BIZ))]
    assert placed.call_id in own
    assert set(own) <= set(every)


@pytest.mark.asyncio
async def test_what_the_upstream_refuses(client: PartnerClient) -> None:
    with pytest.raises(Refused, match="bad_request"):
        await made_agent(client, toolIds=["template-transfer-001"])
    with pytest.raises(Refused, match="bad_request"):
        await made_agent(client, voiceId="voice-unknown")
    with pytest.raises(Refused, match="not_found"):
        await client.get_tool_template("template-unknown")
    missing = CreateTool(template_tool_id="template-transfer-001")
    with pytest.raises(Refused, match="bad_request") as caught:
        await client.create_tool_instance(BIZ, missing)
    assert caught.value.partner_message


@pytest.mark.asyncio
async def test_a_lost_answer_is_unknown_and_the_thing_may_be_there(
    sandbox: SandboxProcess, client: PartnerClient
) -> None:
    sandbox.fault("lost_answer", route="agents", count=1)
    with pytest.raises(Unknown, match="connection_lost"):
        await made_agent(client, name="Lost and found")
    names = [agent.name async for agent in client.iter_voice_agents(BIZ)]
    assert names.count("Lost and found") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_a_credential_without_a_scope_is_told_its_name(
    sandbox: SandboxProcess, note: Path, case: Case
) -> None:
    others = tuple(sorted(set(SCOPES) - {case.scope}))
    credentials = ClientCredentials(CLIENT, CLIENT_SECRET, others)
    async with client_for(sandbox.base_url, credentials=credentials) as poor:
        with pytest.raises(Refused, match="forbidden") as caught:
            await case.ask(poor, note)
        assert caught.value.scope == case.scope
        token = await poor.describe_token()
    assert token.scopes == frozenset(others)


@pytest.mark.asyncio
async def test_scopes_are_found_out_without_a_trace(
    sandbox: SandboxProcess, client: PartnerClient
) -> None:
    async def inventory() -> list[str]:
        return [
            *[tool.id async for tool in client.iter_tool_instances(BIZ)],
            *[file.id async for file in client.iter_files(BIZ)],
            *[agent.id async for agent in client.iter_voice_agents(BIZ)],
        ]

    before = await inventory()
    held = ("tools:create", "files:delete", "voice-agents:update")
    credentials = ClientCredentials(CLIENT, CLIENT_SECRET, held)
    async with client_for(sandbox.base_url, credentials=credentials) as poor:
        found = [scope for scope in SCOPES if await poor.holds_scope(BIZ, scope)]
    assert sorted(found) == sorted(held)
    assert [await client.holds_scope(BIZ, scope) for scope in SCOPES] == [True] * len(SCOPES)
    assert await inventory() == before
