"""Agents and businesses: list them, pause or resume an agent, set what either may do."""

from uuid import UUID

from fastapi import APIRouter

from dialer.pipeline.planning import lanes, limits
from dialer.store import organizations
from dialer.store.dialing import agents
from service.auth import Administers, ReadsCampaigns, WritesCampaigns
from service.http.json_route import JsonRoute
from service.http.problems import documented
from service.shapes.operations import (
    AgentList,
    AgentMoved,
    AgentView,
    BusinessList,
    BusinessView,
    Limits,
)
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["agents"], route_class=JsonRoute)


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


@router.put(
    "/agents/{agent_id}/limits", responses=documented(400, 401, 403, 404, 413, 415, 422, 503)
)
async def set_agent_limits(
    agent_id: UUID, body: Limits, context: InContext, who: Administers
) -> Limits:
    """Set an agent's pace and concurrency over all its campaigns; null lifts one."""
    await limits.limit(
        context,
        organization_id=who.organization_id,
        level="agent",
        subject_id=agent_id,
        calls_per_minute=body.calls_per_minute,
        concurrency=body.concurrency,
    )
    return body


@router.get("/businesses", responses=documented(401, 403, 503))
async def list_businesses(context: InContext, who: ReadsCampaigns) -> BusinessList:
    """List the businesses that campaigns were made for, with their limits."""
    async with context.engine.connect() as conn:
        found = await organizations.businesses(conn, organization_id=who.organization_id)
    return BusinessList(items=[BusinessView.of(row) for row in found])


@router.put(
    "/businesses/{business_id}/limits",
    responses=documented(400, 401, 403, 404, 413, 415, 422, 503),
)
async def set_business_limits(
    business_id: UUID, body: Limits, context: InContext, who: Administers
) -> Limits:
    """Set a business's pace and concurrency over all its agents; null lifts one."""
    await limits.limit(
        context,
        organization_id=who.organization_id,
        level="business",
        subject_id=business_id,
        calls_per_minute=body.calls_per_minute,
        concurrency=body.concurrency,
    )
    return body
