"""Voice agents: list, create, read, change, delete."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.agents.automatic import assemble, belongings
from sandbox.agents.bodies import AgentBody, NewAgentBody
from sandbox.agents.change import changed_agent, new_agent
from sandbox.agents.describe import describe
from sandbox.agents.references import References
from sandbox.answers import json_answer
from sandbox.api.access import Access
from sandbox.api.paging import page_answer
from sandbox.bodies import read_model
from sandbox.clock import iso
from sandbox.faults import Target
from sandbox.model.agents import Agent
from sandbox.model.tenants import Business
from sandbox.state import Sandbox

READ = "voice-agents:read"
CREATE = "voice-agents:create"
UPDATE = "voice-agents:update"
DELETE = "voice-agents:delete"


class AgentRoutes:
    """The voice-agent routes, apart from duty and the one that rings.

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
            Route(agents, self.create, methods=["POST"]),
            Route(one, self.one, methods=["GET"]),
            Route(one, self.change, methods=["PATCH"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def listed(self, request: Request) -> Response:
        """One page of a business's agents, oldest first."""
        business = await self._business(request, READ)
        now = self._sandbox.clock.now()
        agents = self._sandbox.world.agents_in(business)
        return page_answer(agents, request.query_params, lambda agent: describe(agent, now))

    async def create(self, request: Request) -> Response:
        """Make an agent with all that belongs to it, or nothing at all."""
        business = await self._business(request, CREATE)
        body = await read_model(request, NewAgentBody)
        now = self._sandbox.clock.now()
        made = new_agent(body, business, self._references(business, now), now)
        return self._settled(made, business, now, status=201)

    async def one(self, request: Request) -> Response:
        """One agent."""
        agent = self._agent(request, await self._business(request, READ))
        return json_answer(describe(agent, self._sandbox.clock.now()))

    async def change(self, request: Request) -> Response:
        """Change an agent and the tools that follow from it, or nothing at all."""
        business = await self._business(request, UPDATE)
        body = await read_model(request, AgentBody)
        agent = self._agent(request, business)
        now = self._sandbox.clock.now()
        changed = changed_agent(agent, body, self._references(business, now), now)
        return self._settled(changed, business, now, status=200)

    async def delete(self, request: Request) -> Response:
        """Take an agent and its automatic tools out of the world; its calls stay."""
        agent = self._agent(request, await self._business(request, DELETE))
        self._sandbox.world.together(remove=belongings(self._sandbox.world, agent))
        return self._answered(agent, Response(status_code=204))

    def _settled(self, agent: Agent, business: Business, now: float, *, status: int) -> Response:
        # Nothing is kept before the assistant is made, so a failure leaves nothing to undo.
        world = self._sandbox.world
        assembly = assemble(world, agent, business, at=iso(now))
        self._access.check_assistant(agent_id=agent.id)
        world.together(put=assembly.keep, remove=assembly.drop)
        shown = describe(assembly.agent, now)
        return self._answered(agent, json_answer(shown, status=status))

    def _answered(self, agent: Agent, answer: Response) -> Response:
        return self._access.answered(Target.AGENTS, answer, agent_id=agent.id)

    def _references(self, business: Business, now: float) -> References:
        return References(world=self._sandbox.world, business=business, now=now)

    async def _business(self, request: Request, scope: str) -> Business:
        business = self._access.business(request, scope, Target.AGENTS)
        agent_id = request.path_params.get("agent_id")
        await self._access.misbehave(request, Target.AGENTS, scope, agent_id=agent_id)
        return business

    def _agent(self, request: Request, business: Business) -> Agent:
        return self._sandbox.world.agent_of(business, str(request.path_params["agent_id"]))
