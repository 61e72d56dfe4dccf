"""What can't be read stops a run before it changes anything."""

import json

import pytest

from partner import PartnerClient, StaticKey
from provision.errors import MissingScopesError, UpstreamError
from provision.observing import AT_ONCE, listed, observe
from provision.state import Kind
from tests.provision.drafting.scenes import agent, known, manifest, state
from tests.provision.workbench import Workbench, did, shop, transfer
from tests.support.raw_server import RawServer, answer, in_turn


@pytest.mark.asyncio
async def test_only_kinds_that_matter_are_read(bench: Workbench) -> None:
    before = bench.requests()
    upstream = await observe(bench.client, bench.manifest({"agents": {}}), state())
    assert upstream.agents == {}
    assert bench.requests() == before


@pytest.mark.asyncio
async def test_what_the_state_knows_is_read_even_if_nothing_declares_it(bench: Workbench) -> None:
    await bench.apply(shop())
    upstream = await observe(bench.client, bench.manifest({"agents": {}}), bench.kept)
    assert set(bench.ids().values()) <= {
        *upstream.tools,
        *upstream.files,
        *upstream.agents,
        str((upstream.calendar or {})["id"]),
    }


@pytest.mark.asyncio
async def test_a_failing_upstream_stops_a_plan(bench: Workbench) -> None:
    bench.sandbox.fault("fail_before_ring", route="agents", count=None, status=503)
    with pytest.raises(UpstreamError, match="nothing was changed"):
        await bench.plan(shop())
    bench.sandbox.clear_faults()
    assert len(did(await bench.plan(shop()))) == 9


@pytest.mark.asyncio
async def test_a_403_names_the_scope(bench: Workbench) -> None:
    bench.sandbox.fault("forbidden", route="agents", count=1)
    with pytest.raises(MissingScopesError) as caught:
        await bench.plan(shop())
    assert caught.value.scopes == ("voice-agents:read",)


@pytest.mark.asyncio
async def test_a_list_with_things_that_can_t_be_read_proves_nothing() -> None:
    page = {"items": [{"id": "tool_1"}, {"name": "no id"}], "total": 2, "page": 1}
    reply = answer(200, json.dumps(page | {"page_size": 100}).encode())
    async with (
        RawServer(in_turn(reply)) as server,
        PartnerClient(base_url=server.base_url, credentials=StaticKey("invented")) as client,
    ):
        with pytest.raises(UpstreamError, match="can't be read"):
            await listed(client, "biz_1", Kind.TOOL)


@pytest.mark.asyncio
async def test_what_is_listed_and_can_t_be_found_is_not_taken_for_gone() -> None:
    shown = {"id": "agent_1", "name": "Desk", "type": "OUTBOUND"}
    page = {"items": [shown], "total": 1, "page": 1, "page_size": 100}
    nothing = page | {"items": [], "total": 0}
    lists = [answer(200, json.dumps(one).encode()) for one in (nothing, page)]
    replies = in_turn(*lists, answer(404, b"{}"))
    async with (
        RawServer(replies) as server,
        PartnerClient(base_url=server.base_url, credentials=StaticKey("invented")) as client,
    ):
        with pytest.raises(UpstreamError, match="lists the agent agent_1"):
            await observe(client, manifest(agent()), state(agents_desk=known()))


@pytest.mark.asyncio
async def test_many_things_are_read_once_each(bench: Workbench) -> None:
    number = AT_ONCE + 2
    desk = transfer("Desk", "+12125550150")
    declared = {"tools": {f"desk-{at}": desk for at in range(number)}}
    await bench.apply(declared)
    gone = bench.ids()["tools.desk-0"]
    await bench.client.delete_tool_instance(bench.business, gone)
    before = reads(bench)
    upstream = await observe(bench.client, bench.manifest(declared), bench.kept)
    assert set(upstream.tools) == set(bench.ids().values()) - {gone}
    assert reads(bench) - before == number + len(["list of tools", "list of templates"])


def reads(bench: Workbench) -> int:
    """How many requests only read, in the whole sandbox."""
    return sum(
        sum(by_status.values())
        for route, by_status in bench.requests().items()
        if route.startswith("GET ")
    )
