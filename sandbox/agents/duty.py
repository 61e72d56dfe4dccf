"""Decides whether an agent is on duty: by hand, or by its hours once they have changed since."""

from sandbox.agents.hours import is_open, last_change
from sandbox.clock import instant_of
from sandbox.model.agents import Agent, AgentType


def on_duty(agent: Agent, now: float) -> bool | None:
    """Whether an agent is on duty at ``now`` (virtual Unix seconds).

    The guide's background job toggles INBOUND agents by their activated hours. It acts when
    they open or close; until then holds what was set by hand. OUTBOUND agents are toggled by
    hand alone, and so are those without hours, which are always open.

    Returns:
        None for an agent that is not deployed, which has no duty.
    """
    hours = agent.activated_hours
    if not agent.deployed or hours is None or agent.type is not AgentType.INBOUND:
        return agent.on_duty
    set_at = instant_of(agent.duty_set_at) if agent.duty_set_at else 0.0
    if last_change(hours, set_at, now) is None:
        return agent.on_duty
    return is_open(hours, now)
