"""What the experimenter can add to the world, change in it and take out of it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.agents.automatic import assemble, belongings
from sandbox.agents.change import new_agent
from sandbox.agents.describe import describe
from sandbox.agents.references import References
from sandbox.answers import json_answer
from sandbox.bodies import read_model
from sandbox.clock import iso
from sandbox.control.gate import Gate
from sandbox.control.orders import (
    AgentChange,
    NewAgent,
    NewBusiness,
    NewCredential,
    NewLead,
    NewOrganization,
)
from sandbox.errors import ApiError, missing
from sandbox.model.agents import Agent
from sandbox.model.base import Record, new_id
from sandbox.model.tenants import SCOPES, Business, Credential, Lead, Organization
from sandbox.state import Sandbox
from sandbox.tokens import digest
from sandbox.world import World


class BuildRoutes:
    """The building half of the control interface.

    Args:
        sandbox: Whose world it is.
        gate: Lets the experimenter in.
    """

    def __init__(self, *, sandbox: Sandbox, gate: Gate) -> None:
        self._sandbox = sandbox
        self._world = sandbox.world
        self._gate = gate

    def routes(self) -> list[Route]:
        """The routes, all behind the gate."""
        guard = self._gate.guard
        one_agent = "/sandbox/agents/{agent_id}"
        return [
            Route("/sandbox/organizations", guard(self.add_organization), methods=["POST"]),
            Route("/sandbox/credentials", guard(self.add_credential), methods=["POST"]),
            Route("/sandbox/businesses", guard(self.add_business), methods=["POST"]),
            Route("/sandbox/agents", guard(self.add_agent), methods=["POST"]),
            Route("/sandbox/leads", guard(self.add_lead), methods=["POST"]),
            Route(one_agent, guard(self.change_agent), methods=["PUT"]),
            Route(one_agent, guard(self.remove_agent), methods=["DELETE"]),
        ]

    async def add_organization(self, request: Request) -> Response:
        """Add an organization, and a credential where one is given."""
        order = await read_model(request, NewOrganization)
        organization = Organization(id=order.id or new_id("org"), name=order.name)
        self._check_new(organization)
        credentials = _credentials(organization.id, order)
        for record in (organization, *credentials):
            self._world.put(record)
        return _made(organization)

    async def add_credential(self, request: Request) -> Response:
        """Add a key or a client; an existing one of that name is replaced."""
        order = await read_model(request, NewCredential)
        if self._world.find(Organization, order.organization_id) is None:
            raise missing("Organization")
        credentials = _credentials(order.organization_id, order)
        if not credentials:
            raise ApiError(400, "Give api_key, or client_id and client_secret")
        for credential in credentials:
            self._world.put(credential)
        return json_answer({"scopes": sorted(order.scopes)}, status=201)

    async def add_business(self, request: Request) -> Response:
        """Add a business."""
        order = await read_model(request, NewBusiness)
        if self._world.find(Organization, order.organization_id) is None:
            raise missing("Organization")
        business = Business(
            id=order.id or new_id("biz"), **order.model_dump(exclude={"id"}, exclude_none=True)
        )
        self._check_new(business)
        self._world.put(business)
        return _made(business)

    async def add_agent(self, request: Request) -> Response:
        """Add an agent, deployed and on duty unless told otherwise."""
        order = await read_model(request, NewAgent)
        business = self._business(order.business_id)
        now = self._sandbox.clock.now()
        references = References(world=self._world, business=business, now=now)
        agent = new_agent(order, business, references, now)
        agent = agent.model_copy(update={"id": order.id or agent.id})
        self._check_new(agent)
        assembly = assemble(self._world, agent, business, at=iso(now))
        self._world.together(put=assembly.keep)
        agent = assembly.agent
        if order.deployed:
            own_number = agent.model_copy(update={"phone_number": order.phone_number})
            agent = self._world.deploy(own_number, at=iso(now))
            agent = self._world.change(agent, at=iso(now), on_duty=order.on_duty)
        return json_answer(describe(agent, now), status=201)

    async def add_lead(self, request: Request) -> Response:
        """Add a lead."""
        order = await read_model(request, NewLead)
        self._business(order.business_id)
        lead = Lead(
            id=order.id or new_id("lead"), **order.model_dump(exclude={"id"}, exclude_none=True)
        )
        self._check_new(lead)
        self._world.put(lead)
        return _made(lead)

    async def change_agent(self, request: Request) -> Response:
        """Change an agent's type, deployment or duty."""
        agent = self._agent(request)
        order = await read_model(request, AgentChange)
        will_be_deployed = agent.deployed if order.deployed is None else order.deployed
        if order.on_duty is not None and not will_be_deployed:
            raise ApiError(400, "Only a deployed agent has a duty")
        now = self._sandbox.clock.now()
        return json_answer(describe(_changed(self._world, agent, order, iso(now)), now))

    async def remove_agent(self, request: Request) -> Response:
        """Take an agent out of the world, so that the API answers 404 for it."""
        self._world.together(remove=belongings(self._world, self._agent(request)))
        return json_answer({"removed": 1})

    def _agent(self, request: Request) -> Agent:
        agent = self._world.find(Agent, str(request.path_params["agent_id"]))
        if agent is None:
            raise missing("Voice agent")
        return agent

    def _business(self, business_id: str) -> Business:
        business = self._world.find(Business, business_id)
        if business is None:
            raise missing("Business")
        return business

    def _check_new(self, record: Record) -> None:
        if self._world.find(type(record), record.id) is not None:
            raise ApiError(409, f"{record.id} exists already")


def _changed(world: World, agent: Agent, order: AgentChange, stamp: str) -> Agent:
    if order.type is not None:
        agent = world.change(agent, at=stamp, type=order.type)
    if order.deployed is False:
        return world.change(agent, at=stamp, phone_number=None, on_duty=None)
    if order.deployed and not agent.deployed:
        agent = world.deploy(agent, at=stamp)
    if order.on_duty is not None:
        agent = world.change(agent, at=stamp, on_duty=order.on_duty)
    return agent


def _credentials(organization_id: str, order: NewOrganization | NewCredential) -> list[Credential]:
    if (order.client_id is None) != (order.client_secret is None):
        raise ApiError(400, "client_id and client_secret go together")
    unknown = order.scopes - SCOPES
    if unknown:
        raise ApiError(400, f"Unknown scopes: {' '.join(sorted(unknown))[:200]}")
    made = []
    if order.api_key is not None:
        made.append(
            Credential(
                id=digest(order.api_key), organization_id=organization_id, scopes=order.scopes
            )
        )
    if order.client_id is not None and order.client_secret is not None:
        made.append(
            Credential(
                id=order.client_id,
                organization_id=organization_id,
                secret_digest=digest(order.client_secret),
                scopes=order.scopes,
            )
        )
    return made


def _made(record: Record) -> Response:
    shown = record.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json_answer(shown, status=201)
