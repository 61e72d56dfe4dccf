"""Decides what the world holds at its first start, so that nothing needs setting up."""

from sandbox.model.agents import Agent, AgentType
from sandbox.model.tenants import Business, Credential, Lead, Organization
from sandbox.tokens import digest
from sandbox.world import World

DEMO_KEY = "sandbox-key"
DEMO_CLIENT_ID = "sandbox-client"
DEMO_CLIENT_SECRET = "sandbox-secret"  # noqa: S105 -- published in docs/sandbox.md, guards nothing
OTHER_KEY = "other-key"
DEMO_NUMBER = "+12125550100"


def plant(world: World, *, at: str) -> None:
    """Fill an empty world with a demo organization and a second one that must stay apart.

    Args:
        world: The world to fill.
        at: The instant of creation, ISO 8601.
    """
    _plant_demo(world, at)
    world.put(Organization(id="org_other", name="Harbor Dental Group"))
    world.put(Credential(id=digest(OTHER_KEY), organization_id="org_other"))
    world.put(
        Business(
            id="biz_other",
            organization_id="org_other",
            name="Harbor Dental",
            phone_number="+13125550150",
        )
    )
    other = _agent("agent_other", "biz_other", "Harbor recall caller", AgentType.OUTBOUND, at)
    world.put(other)
    world.deploy(other, at=at)


def _plant_demo(world: World, at: str) -> None:
    world.put(Organization(id="org_demo", name="Brightwater Home Services"))
    world.put(Credential(id=digest(DEMO_KEY), organization_id="org_demo"))
    world.put(
        Credential(
            id=DEMO_CLIENT_ID,
            organization_id="org_demo",
            secret_digest=digest(DEMO_CLIENT_SECRET),
        )
    )
    world.put(
        Business(
            id="biz_demo",
            organization_id="org_demo",
            name="Brightwater Plumbing",
            phone_number="+12125550199",
            provisioned_number=DEMO_NUMBER,
        )
    )
    _plant_agents(world, at)
    _plant_leads(world)


def _plant_agents(world: World, at: str) -> None:
    demo = _agent("agent_demo", "biz_demo", "Speed-to-lead caller", AgentType.OUTBOUND, at)
    world.put(demo)
    world.deploy(demo, at=at)
    world.put(_agent("agent_draft", "biz_demo", "Spring campaign draft", AgentType.OUTBOUND, at))
    inbound = _agent("agent_inbound", "biz_demo", "Reception", AgentType.INBOUND, at)
    world.put(inbound)
    world.deploy(inbound, at=at)


def _agent(agent_id: str, business_id: str, name: str, kind: AgentType, at: str) -> Agent:
    return Agent(
        id=agent_id,
        business_id=business_id,
        name=name,
        type=kind,
        collect_fields=("name", "interested", "callbackAt", "doNotCall"),
        created_at=at,
        updated_at=at,
    )


def _plant_leads(world: World) -> None:
    people = (
        ("Dana Whitfield", "+12125550111", "website form", "Water heater leaks since Sunday."),
        ("Marcus Oyelaran", "+16465550112", "referral", "Wants a quote for a new bathroom."),
        ("Priya Castellano", "+17185550113", "search ad", "Kitchen drain is slow."),
    )
    for number, (name, phone, source, details) in enumerate(people, start=1):
        world.put(
            Lead(
                id=f"lead_demo_{number}",
                business_id="biz_demo",
                name=name,
                phone_number=phone,
                source=source,
                details=details,
            )
        )
