"""Agents: list them with duty and parking, pause one, resume one."""

from uuid import UUID

from fastapi import APIRouter

from dialer.pipeline import lanes
from dialer.store import agents
from service.auth import ReadsCampaigns, WritesCampaigns
from service.problems import documented
from service.shapes.operations import AgentList, AgentMoved, AgentView
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["agents"])


@router.get("/agents", responses=documented(401, 403, 503))
async def list_agents(context: InContext, who: ReadsCampaigns) -> AgentList:
    """List agents with their duty as last read from the upstream."""
    async with context.engine.connect() as conn:
        found = await agents.listing(conn, organization_id=who.organization_id)
    return AgentList(items=[AgentView.of(row) for row in found])


@router.post("/agents/{agent_id}/pause", responses=documented(401, 403, 404, 503))
async def pause_agent(agent_id: UUID, context: InContext, who: WritesCampaigns) -> AgentMoved:
    """Stop an agent's new rings at once, in all its campaigns."""
    moved = await lanes.set_paused(
        context, organization_id=who.organization_id, agent_id=agent_id, paused=True
    )
    return AgentMoved(agent=AgentView.of(moved.agent), in_flight=moved.in_flight)


@router.post("/agents/{agent_id}/resume", responses=documented(401, 403, 404, 503))
async def resume_agent(agent_id: UUID, context: InContext, who: WritesCampaigns) -> AgentMoved:
    """Let an agent dial again."""
    moved = await lanes.set_paused(
        context, organization_id=who.organization_id, agent_id=agent_id, paused=False
    )
    return AgentMoved(agent=AgentView.of(moved.agent), in_flight=moved.in_flight)
