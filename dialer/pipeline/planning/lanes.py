"""What a person does to one agent: pause its dialing, resume it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.rules.errors import NotFoundError
from dialer.store import events
from dialer.store.dialing import agents
from dialer.store.reports import overview


@dataclass(frozen=True, slots=True)
class LaneMoved:
    """An agent after a command, and how many of its calls nothing can stop any more."""

    agent: RowMapping
    in_flight: int


async def set_paused(
    context: Context, *, organization_id: UUID, agent_id: UUID, paused: bool
) -> LaneMoved:
    """Pause or resume an agent's dialing; asking for what it is already changes nothing.

    Once this returns for a pause, no call of the agent that was not armed before can be.

    Raises:
        NotFoundError: there is no such agent.
    """
    async with context.engine.begin() as conn:
        was = await overview.agent(conn, organization_id=organization_id, agent_id=agent_id)
        if was is None:
            raise NotFoundError("there is no such agent")
        if (was["paused_at"] is not None) != paused:
            await agents.set_paused(
                conn, organization_id=organization_id, agent_id=agent_id, paused=paused
            )
            happened = events.event(
                "agent.parked" if paused else "agent.resumed",
                organization_id=organization_id,
                body={"agent_id": agent_id, "why": "paused" if paused else "asked"},
            )
            await events.append(conn, [happened])
        row = await overview.agent(conn, organization_id=organization_id, agent_id=agent_id)
        flying = await overview.agent_in_flight(
            conn, organization_id=organization_id, agent_id=agent_id
        )
    if not paused:
        await context.wakeups.lanes([agent_id])
    return LaneMoved(row or was, flying)
