"""Deploying voice agents, and setting them on and off duty."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.agents.describe import describe
from sandbox.answers import json_answer
from sandbox.api.access import Access
from sandbox.api.agents import UPDATE
from sandbox.clock import iso
from sandbox.errors import ApiError
from sandbox.faults import Target
from sandbox.model.agents import Agent
from sandbox.state import Sandbox

NOT_DEPLOYED = "Voice agent is not deployed"


class DutyRoutes:
    """The routes that make an agent live and call it on and off duty; they read no body.

    Args:
        sandbox: Holds the agents.
        access: Lets callers in.
    """

    def __init__(self, *, sandbox: Sandbox, access: Access) -> None:
        self._sandbox = sandbox
        self._access = access

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix."""
        one = f"{prefix}/businesses/{{business_id}}/voice-agents/{{agent_id}}"
        return [
            Route(f"{one}/deploy", self.deploy, methods=["POST"]),
            Route(f"{one}/on", self.on_duty, methods=["PATCH"]),
            Route(f"{one}/off", self.off_duty, methods=["PATCH"]),
        ]

    async def deploy(self, request: Request) -> Response:
        """Give the agent a number, or let it keep its own, and set it on duty."""
        agent = await self._agent(request)
        now = self._sandbox.clock.now()
        return self._answered(self._sandbox.world.deploy(agent, at=iso(now)), now)

    async def on_duty(self, request: Request) -> Response:
        """Set the agent on duty."""
        return await self._set_duty(request, on_duty=True)

    async def off_duty(self, request: Request) -> Response:
        """Set the agent off duty; it can be called from no more."""
        return await self._set_duty(request, on_duty=False)

    async def _set_duty(self, request: Request, *, on_duty: bool) -> Response:
        agent = await self._agent(request)
        if not agent.deployed:
            raise ApiError(400, NOT_DEPLOYED)
        now = self._sandbox.clock.now()
        changed = self._sandbox.world.change(agent, at=iso(now), on_duty=on_duty)
        return self._answered(changed, now)

    def _answered(self, agent: Agent, now: float) -> Response:
        answer = json_answer(describe(agent, now))
        return self._access.answered(Target.AGENTS, answer, agent_id=agent.id)

    async def _agent(self, request: Request) -> Agent:
        business = self._access.business(request, UPDATE, Target.AGENTS)
        agent_id = str(request.path_params["agent_id"])
        await self._access.misbehave(request, Target.AGENTS, UPDATE, agent_id=agent_id)
        return self._sandbox.world.agent_of(business, agent_id)
