"""The demo world is whole: whatever its agents name is there and can be used."""

import pytest

from sandbox.agents.automatic import automatic_tools
from sandbox.agents.forms import graph_of
from sandbox.agents.references import References
from sandbox.clock import instant_of
from sandbox.model.agents import Agent
from sandbox.model.tenants import Business
from sandbox.model.tools import AppointmentConfig, Tool, TransferDestination
from sandbox.model.workflow import NodeTool
from sandbox.overrides import APPOINTMENT_CONFIG_ID, DESTINATION_IDS
from sandbox.seed import DEMO_CALENDAR, DEMO_PRICES, DEMO_TRANSFER, plant
from sandbox.world import World
from tests.sandbox.worlds import forget

AT = "2026-03-02T15:00:00.000Z"


@pytest.fixture
def world() -> World:
    """The world as it is planted."""
    planted = World(keep=forget)
    plant(planted, at=AT)
    return planted


def test_what_agents_name_is_there_from_the_first_instant(world: World) -> None:
    for agent in world.every(Agent):
        business = world.find(Business, agent.business_id)
        assert business is not None
        known = References(world=world, business=business, now=instant_of(AT))
        assert known.voice(agent.voice_id) == agent.voice_id
        assert known.tools(agent.tool_ids) == agent.tool_ids
        documents = agent.knowledge_base_document_ids
        assert known.documents(documents) == documents


def test_demo_agents_have_their_automatic_tools(world: World) -> None:
    types = {
        agent.id: [tool.type for tool in automatic_tools(world, agent)]
        for agent in world.every(Agent)
    }
    assert types == {
        "agent_demo": ["knowledgeBaseQuery", "endCall"],
        "agent_draft": ["endCall", "transferCall"],
        "agent_inbound": ["knowledgeBaseQuery", "endCall"],
        "agent_other": ["endCall", "transferCall"],
    }


def test_demo_tools_lead_somewhere(world: World) -> None:
    transfer, visits = world.find(Tool, DEMO_TRANSFER), world.find(Tool, DEMO_CALENDAR)
    assert transfer is not None
    assert visits is not None
    for destination in transfer.config_override[DESTINATION_IDS]:
        assert world.find(TransferDestination, destination) is not None
    assert world.find(AppointmentConfig, visits.config_override[APPOINTMENT_CONFIG_ID]) is not None


@pytest.mark.parametrize("agent_id", ["agent_demo", "agent_inbound"])
def test_demo_conversations_schedule_transfer_and_quote(world: World, agent_id: str) -> None:
    agent = world.find(Agent, agent_id)
    assert agent is not None
    prompts = {node.prompt for node in graph_of(agent).nodes}
    assert set(NodeTool) <= prompts
    assert agent.knowledge_base_document_ids == (DEMO_PRICES,)
