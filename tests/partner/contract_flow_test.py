"""The endpoints that no other test takes through the client to the sandbox, over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from partner import (
    SCOPES,
    CallRequest,
    ClientCredentials,
    CreateVoiceAgent,
    NotSent,
    PartnerClient,
    PartnerError,
    Refused,
)
from partner.upload import TEXT_TYPES
from tests.partner.clients import client_for
from tests.support.sandbox import SandboxProcess

BUSINESS = "biz_demo"
PHONE = "+12125550123"
CREDENTIALS = ClientCredentials("sandbox-client", "sandbox-secret")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(clock_speed=600) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def client(sandbox: SandboxProcess) -> AsyncIterator[PartnerClient]:
    async with client_for(sandbox.base_url, credentials=CREDENTIALS) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def agent(client: PartnerClient) -> str:
    """A deployed outbound agent of this test's own."""
    body = CreateVoiceAgent(name="Caller", type="OUTBOUND", conversation_flow="Say hello.")
    made = await client.create_voice_agent(BUSINESS, body)
    await client.deploy_voice_agent(BUSINESS, made.id)
    return made.id


@pytest.mark.asyncio
async def test_a_token_is_granted(client: PartnerClient) -> None:
    token = await client.describe_token()
    assert token.kind == "oauth"
    assert token.scopes is not None
    assert set(SCOPES) <= token.scopes
    assert token.expires_in == pytest.approx(3600, abs=60)
    assert await client.list_voices()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "credentials",
    [
        ClientCredentials("sandbox-client", "wrong"),
        ClientCredentials("nobody", "sandbox-secret"),
        ClientCredentials("sandbox-client", "sandbox-secret", ("everything",)),
    ],
    ids=["secret", "client", "scope"],
)
async def test_a_token_is_refused(sandbox: SandboxProcess, credentials: ClientCredentials) -> None:
    async with client_for(sandbox.base_url, credentials=credentials) as refused:
        with pytest.raises(PartnerError) as caught:
            await refused.list_voices()
    assert isinstance(caught.value, Refused | NotSent)
    assert caught.value.code in {"token_refused", "token_unavailable"}


@pytest.mark.asyncio
async def test_duty_is_switched(client: PartnerClient, agent: str) -> None:
    off = await client.set_off_duty(BUSINESS, agent)
    assert off.on_duty is False
    with pytest.raises(Refused, match="duty") as caught:
        await client.call(BUSINESS, agent, CallRequest(phone_number=PHONE))
    assert caught.value.status == 400
    on = await client.set_on_duty(BUSINESS, agent)
    assert on.on_duty is True
    placed = await client.call(BUSINESS, agent, CallRequest(phone_number=PHONE))
    assert placed.call_id


@pytest.mark.asyncio
async def test_a_businesss_call_is_read(client: PartnerClient, agent: str) -> None:
    placed = await client.call(BUSINESS, agent, CallRequest(phone_number=PHONE))
    found = await client.get_business_call(BUSINESS, placed.call_id)
    assert (found.id, found.agent_id, found.customer_number) == (placed.call_id, agent, PHONE)
    assert found.odd == {}
    assert (await client.get_organization_call(placed.call_id)).id == found.id
    with pytest.raises(Refused, match="not_found"):
        await client.get_business_call("biz_other", placed.call_id)


@pytest.mark.asyncio
@pytest.mark.parametrize("ending", sorted(TEXT_TYPES))
async def test_whatever_text_the_client_lets_through_is_taken(
    client: PartnerClient, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"prices{ending}"
    path.write_text('{"visit": "80 dollars"}')
    sent = await client.upload_file(BUSINESS, path)
    file = await client.wait_for_file(BUSINESS, sent.id, timeout=30)
    assert file.ready
    assert file.mime_type == TEXT_TYPES[ending]
