"""The client against the sandbox, which shares no code with it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from partner import (
    CallQuery,
    CallRequest,
    ClientCredentials,
    PartnerError,
    Refused,
    StaticKey,
    Unknown,
)
from tests.partner.clients import client_for
from tests.support.sandbox import SandboxProcess

BUSINESS, AGENT = "biz_demo", "agent_demo"
KEY = StaticKey("sandbox-key")
REQUEST = CallRequest(phone_number="+12125550123", name="Ada Example", context="asked for a quote")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(clock_speed=60) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults(sandbox: SandboxProcess) -> Iterator[None]:
    yield
    sandbox.clear_faults()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "credentials", [KEY, ClientCredentials("sandbox-client", "sandbox-secret")]
)
async def test_a_call_rings_once_and_is_found_in_both_histories(
    sandbox: SandboxProcess, credentials: StaticKey | ClientCredentials
) -> None:
    before = len(sandbox.rings())
    async with client_for(sandbox.base_url, credentials=credentials) as client:
        placed = await client.call(BUSINESS, AGENT, REQUEST, request_id="ours-1")
        one = await client.get_business_call(BUSINESS, placed.call_id)
        page = await client.list_organization_calls(CallQuery(business_id=BUSINESS))
        own = await client.list_business_calls(BUSINESS, CallQuery(type="OUTBOUND"))
    (ring,) = sandbox.rings()[before:]
    assert (ring["phone"], ring["call_id"]) == (REQUEST.phone_number, placed.call_id)
    assert ring["request_id"] == "ours-1"
    assert (one.id, one.customer_number) == (placed.call_id, REQUEST.phone_number)
    assert one.odd == {}
    for listed in (page, own):
        assert placed.call_id in {record.id for record in listed.items}
        assert listed.malformed == 0


@pytest.mark.asyncio
async def test_the_sandboxes_clock_is_read_from_its_answers(sandbox: SandboxProcess) -> None:
    async with client_for(sandbox.base_url, credentials=KEY) as client:
        first = await client.call(BUSINESS, AGENT, REQUEST)
        page = await client.list_organization_calls(CallQuery())
    assert first.evidence.server_date is not None
    assert page.server_date is not None
    assert page.server_date >= first.evidence.server_date
    window = timedelta(minutes=5)
    query = CallQuery(start=page.server_date - window, end=page.server_date + window)
    async with client_for(sandbox.base_url, credentials=KEY) as client:
        assert (await client.list_organization_calls(query)).malformed == 0


@pytest.mark.asyncio
async def test_agents_and_their_duty(sandbox: SandboxProcess) -> None:
    async with client_for(sandbox.base_url, credentials=KEY) as client:
        page = await client.list_voice_agents(BUSINESS)
        draft = await client.get_voice_agent(BUSINESS, "agent_draft")
        off = await client.set_off_duty(BUSINESS, AGENT)
        with pytest.raises(Refused, match="bad_request") as caught:
            await client.call(BUSINESS, AGENT, REQUEST)
        on = await client.set_on_duty(BUSINESS, AGENT)
    assert {agent.id for agent in page.items} >= {AGENT, "agent_draft", "agent_inbound"}
    assert not draft.deployed
    assert (off.on_duty, on.on_duty, on.type) == (False, True, "OUTBOUND")
    assert caught.value.partner_message


@pytest.mark.asyncio
async def test_a_missing_scope_is_named(sandbox: SandboxProcess) -> None:
    credentials = ClientCredentials("sandbox-client", "sandbox-secret", ("voice-agents:read",))
    async with client_for(sandbox.base_url, credentials=credentials) as client:
        assert (await client.get_voice_agent(BUSINESS, AGENT)).deployed
        with pytest.raises(Refused, match="forbidden") as caught:
            await client.list_organization_calls(CallQuery())
    assert caught.value.scope == "calls:read"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("fault", "kind", "code", "rang"),
    [
        ("refuse", Refused, "bad_request", 0),
        ("unauthorized", Refused, "unauthorized", 0),
        ("forbidden", Refused, "forbidden", 0),
        ("not_found", Refused, "not_found", 0),
        ("rate_limit", Refused, "rate_limited", 0),
        ("fail_after_ring", Unknown, "server_error", 1),
        ("fail_before_ring", Unknown, "server_error", 0),
        ("unavailable_html", Unknown, "server_error", 0),
        ("drop", Unknown, "connection_lost", 1),
        ("drop_before_ring", Unknown, "connection_lost", 0),
        ("conflict_after_ring", Unknown, "conflict", 1),
        ("conflict_before_ring", Unknown, "conflict", 0),
        ("success_false", Unknown, "not_successful", None),
        ("garbled", Unknown, "unreadable_body", 1),
        ("truncated", Unknown, "connection_lost", None),
        ("redirect", Unknown, "unexpected_status", 0),
    ],
)
async def test_a_refusal_never_rang_and_nothing_rings_twice(
    sandbox: SandboxProcess, fault: str, kind: type[PartnerError], code: str, rang: int | None
) -> None:
    before = len(sandbox.rings())
    sandbox.fault(fault, count=1)
    async with client_for(sandbox.base_url, credentials=KEY) as client:
        with pytest.raises(PartnerError) as caught:
            await client.call(BUSINESS, AGENT, REQUEST)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert rang is None or len(sandbox.rings()) - before == rang
