"""Voice agents: list, read, deploy, on duty, off duty."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.answers import json_answer
from sandbox.api.access import Access
from sandbox.api.paging import read_page
from sandbox.clock import iso
from sandbox.errors import ApiError
from sandbox.faults import Target
from sandbox.model.agents import Agent
from sandbox.state import Sandbox

READ = "voice-agents:read"
UPDATE = "voice-agents:update"


class AgentRoutes:
    """The voice-agent routes, apart from the one that rings.

    Args:
        sandbox: Holds the agents.
        access: Lets callers in.
    """

    def __init__(self, *, sandbox: Sandbox, access: Access) -> None:
        self._sandbox = sandbox
        self._access = access

    def routes(self, prefix: str) -> list[Route]:
        """The routes under the API's prefix."""
        agents = f"{prefix}/businesses/{{business_id}}/voice-agents"
        one = f"{agents}/{{agent_id}}"
        return [
            Route(agents, self.listed, methods=["GET"]),
            Route(one, self.one, methods=["GET"]),
            Route(f"{one}/deploy", self.deploy, methods=["POST"]),
            Route(f"{one}/on", self.on_duty, methods=["PATCH"]),
            Route(f"{one}/off", self.off_duty, methods=["PATCH"]),
        ]

    async def listed(self, request: Request) -> Response:
        """One page of a business's agents, oldest first."""
        business = self._access.business(request, READ, Target.AGENTS)
        await self._access.misbehave(request, Target.AGENTS, READ)
        page, size = read_page(request.query_params)
        agents = [
            agent for agent in self._sandbox.world.every(Agent) if agent.business_id == business.id
        ]
        shown = agents[(page - 1) * size : page * size]
        answer = {
            "items": [agent.described() for agent in shown],
            "total": len(agents),
            "page": page,
            "page_size": size,
        }
        return json_answer(answer)

    async def one(self, request: Request) -> Response:
        """One agent."""
        return json_answer((await self._agent(request, READ)).described())

    async def deploy(self, request: Request) -> Response:
        """Give the agent a number and set it on duty."""
        agent = await self._agent(request, UPDATE)
        return json_answer(self._sandbox.world.deploy(agent, at=self._stamp()).described())

    async def on_duty(self, request: Request) -> Response:
        """Set the agent on duty."""
        return await self._set_duty(request, on_duty=True)

    async def off_duty(self, request: Request) -> Response:
        """Set the agent off duty; it can be called from no more."""
        return await self._set_duty(request, on_duty=False)

    async def _set_duty(self, request: Request, *, on_duty: bool) -> Response:
        agent = await self._agent(request, UPDATE)
        if not agent.deployed:
            raise ApiError(400, "Voice agent is not deployed")
        changed = self._sandbox.world.change(agent, at=self._stamp(), on_duty=on_duty)
        return json_answer(changed.described())

    async def _agent(self, request: Request, scope: str) -> Agent:
        business = self._access.business(request, scope, Target.AGENTS)
        agent_id = str(request.path_params["agent_id"])
        await self._access.misbehave(request, Target.AGENTS, scope, agent_id=agent_id)
        return self._sandbox.world.agent_of(business, agent_id)

    def _stamp(self) -> str:
        return iso(self._sandbox.clock.now())
