"""What the page reads of the world, with a bounded number of rows of each kind."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from sandbox.app import build_app
from sandbox.clock import VirtualClock
from sandbox.model.agents import Agent, AgentType
from sandbox.model.calendar import Appointment
from sandbox.model.files import KnowledgeFile
from sandbox.model.tools import Tool
from sandbox.state import Sandbox

KEY = "key"
NOON = 1_772_452_800.0


def _opened(sandbox: Sandbox) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(build_app(sandbox=sandbox, control_key=KEY)),
        base_url="http://sandbox",
        headers={"X-Sandbox-Key": KEY},
    )


@pytest_asyncio.fixture
async def web(world: Sandbox) -> AsyncIterator[httpx2.AsyncClient]:
    async with _opened(world) as opened:
        yield opened


@pytest.fixture
def world() -> Sandbox:
    return Sandbox(clock=VirtualClock(start=NOON, speed=0.001), seed=1, folder=None)


async def _part(web: httpx2.AsyncClient, name: str) -> str:
    page = (await web.get("/sandbox/live")).text
    return page.split(f'<section id="{name}"')[1].split("</section>")[0]


@pytest.mark.asyncio
async def test_appointments_are_shown_newest_first_once_they_are_booked(
    world: Sandbox, web: httpx2.AsyncClient
) -> None:
    for number in range(13):
        world.world.put(
            Appointment(
                id=f"appointment_{number}",
                business_id="biz_demo",
                agent_id="agent_demo",
                call_id="call_1",
                customer_number="+12125550111",
                name="<i>Ann</i>" if number == 11 else None,
                starts=NOON + number * 3_600,
                ends=NOON + number * 3_600 + 1_800,
                booked=NOON if number < 12 else NOON + 60,
                cancelled=NOON if number == 10 else NOON + 60 if number == 9 else None,
            )
        )
    shown = await _part(web, "bookings")
    assert "None is booked" not in shown
    assert shown.count("<li") == 10
    assert shown.index("18:00–18:30 EST") < shown.index("17:00–17:30 EST")  # noqa: RUF001 -- the page's dash
    assert "&lt;i&gt;Ann&lt;/i&gt;" in shown
    assert "Brightwater Plumbing" in shown
    assert shown.count("cancelled") == 1


@pytest.mark.asyncio
async def test_tools_and_files_are_counted(world: Sandbox, web: httpx2.AsyncClient) -> None:
    tools, files = len(world.world.every(Tool)), len(world.world.every(KnowledgeFile))
    world.world.put(
        Tool(
            id="tool_1",
            business_id="biz_demo",
            template_tool_id=None,
            name="sample",
            display_name="Sample",
            type="function",
        )
    )
    for number, (text, settles) in enumerate([("x", 0.0), (None, 0.0), ("x", NOON + 60)]):
        world.world.put(
            KnowledgeFile(
                id=f"file_{number}",
                business_id="biz_demo",
                name="prices.md",
                mime_type="text/markdown",
                size_bytes=1,
                text=text,
                settles=settles,
            )
        )
    shown = await _part(web, "agents")
    assert f"1 processing, {files + 1} ready, 1 failed" in shown
    assert f"<bdi>Tools</bdi></dt><dd><bdi>{tools + 1}</bdi>" in shown


@pytest.mark.asyncio
async def test_of_many_agents_the_first_are_shown_and_the_rest_counted(
    world: Sandbox, web: httpx2.AsyncClient
) -> None:
    before = len(world.world.every(Agent))
    for number in range(40):
        world.world.put(
            Agent(
                id=f"agent_{number}",
                business_id="biz_gone",
                name=f"Agent {number}",
                type=AgentType.OUTBOUND,
            )
        )
    shown = await _part(web, "agents")
    assert shown.count('id="agent-') == 30
    assert f"and {before + 10} more" in shown
    assert "biz_gone" in shown
    assert "not deployed" in shown


@pytest.mark.asyncio
async def test_what_came_of_a_fast_call_is_shown_while_its_ring_is() -> None:
    fast = Sandbox(clock=VirtualClock(start=NOON, speed=100_000.0), seed=1, folder=None)
    call = "/api/partner/v1/businesses/biz_demo/voice-agents/agent_demo/call"
    async with _opened(fast) as web:
        await web.put("/sandbox/outcomes", json={"mix": {"busy": 1}})
        placed = await web.post(
            call,
            json={"phoneNumber": "+12125550123"},
            headers={"Authorization": "Bearer sandbox-key"},
        )
        assert placed.status_code == 200
        agent = fast.world.find(Agent, "agent_demo")
        assert agent is not None
        fast.world.remove(agent)
        shown = await _part(web, "phones")
    assert "busy" in shown
    assert "agent_demo" in shown
