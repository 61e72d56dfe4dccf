"""Decides what the world holds at its first start, so that nothing needs setting up."""

from typing import Any

from sandbox.agents.automatic import assemble
from sandbox.catalog.templates import CALENDAR_TEMPLATE, TRANSFER_TEMPLATE
from sandbox.clock import instant_of
from sandbox.model.agents import Agent, AgentType, Personality
from sandbox.model.calendar import CalendarIntegration
from sandbox.model.files import KnowledgeFile
from sandbox.model.tenants import Business, Credential, Lead, Organization
from sandbox.model.tools import AppointmentConfig, OpenHours, TransferDestination
from sandbox.overrides import APPOINTMENT_CONFIG_ID, DESTINATION_IDS
from sandbox.tokens import digest
from sandbox.world import World

DEMO_KEY = "sandbox-key"
DEMO_CLIENT_ID = "sandbox-client"
DEMO_CLIENT_SECRET = "sandbox-secret"  # noqa: S105 -- published in docs/sandbox.md, guards nothing
OTHER_KEY = "other-key"
DEMO_NUMBER = "+12125550100"
DEMO_TRANSFER = "tool_demo_transfer"
DEMO_CALENDAR = "tool_demo_calendar"
DEMO_PRICES = "file_demo_prices"

FIELDS = ("name", "interested", "callbackAt", "doNotCall")
CALLER_FLOW = """\
Say that you are calling for Brightwater Plumbing about the request they sent.
Ask whether they still need help and what has happened.
If they ask what it costs, quote the price list.
If they want a visit, book an appointment with the scheduling tool.
If it is an emergency, transfer the call to the dispatcher.
Thank them for their time and say goodbye."""
DRAFT_FLOW = "Say who is calling, tell them about the spring check-up, ask whether they want one."
RECEPTION_FLOW = """\
Greet the caller and ask for their name and what they are calling about.
If they want to schedule a visit, use the scheduling tool.
If they want to speak with somebody, transfer the call to the office.
Answer questions about prices from the price list.
Ask whether there is anything else and say goodbye."""
RECALL_FLOW = "Say that a check-up is due, ask whether they want a visit, thank them."
PRICES = """\
# Price list of Brightwater Plumbing

A visit costs 89 dollars, which a repair includes.
Clearing a drain costs 149 dollars.
A new water heater costs from 1,450 dollars, fitted within two days.
Emergencies outside of office hours cost 120 dollars more.
Every repair is guaranteed for two years.
"""


def plant(world: World, *, at: str) -> None:
    """Fill an empty world with a demo organization and a second one that must stay apart.

    Args:
        world: The world to fill.
        at: The instant of creation, ISO 8601; empty where it doesn't matter.
    """
    _plant_demo(world)
    _plant_tools(world, at)
    _plant_agents(world, at)
    _plant_leads(world)
    _plant_other(world, at)


def _plant_demo(world: World) -> None:
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


def _plant_tools(world: World, at: str) -> None:
    calendar = CalendarIntegration(
        id="config_demo", business_id="biz_demo", calendar_id="primary", acl_rule_id="acl_demo"
    )
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    appointments = AppointmentConfig(
        id="appointments_demo",
        business_id="biz_demo",
        slot_buffer_minutes=15,
        advance_notice_minutes=120,
        hours_json=dict.fromkeys(days, (OpenHours(open_time="08:00", close_time="18:00"),)),
    )
    transfer = TRANSFER_TEMPLATE.instance(
        business_id="biz_demo", override={DESTINATION_IDS: list(_plant_destinations(world))}, at=at
    )
    visits = CALENDAR_TEMPLATE.instance(
        business_id="biz_demo", override={APPOINTMENT_CONFIG_ID: appointments.id}, at=at
    )
    prices = KnowledgeFile(
        id=DEMO_PRICES,
        business_id="biz_demo",
        name="price-list.md",
        mime_type="text/markdown",
        size_bytes=len(PRICES.encode()),
        text=PRICES,
        settles=instant_of(at) if at else 0.0,
        created_at=at,
        updated_at=at,
    )
    world.put(calendar)
    world.put(appointments)
    world.put(transfer.model_copy(update={"id": DEMO_TRANSFER}))
    world.put(visits.model_copy(update={"id": DEMO_CALENDAR}))
    world.put(prices)


def _plant_destinations(world: World) -> tuple[str, ...]:
    people = (
        ("Dispatcher", "+12125550191", "Emergencies: burst pipes, gas, flooding", True),
        ("Office", "+12125550192", "Bills, offers, anything else", False),
    )
    ids = []
    for name, phone, description, warm in people:
        destination = TransferDestination(
            id=f"destination_demo_{name.lower()}",
            business_id="biz_demo",
            name=name,
            phone_number=phone,
            description=description,
            warm_transfer_enabled=warm,
        )
        world.put(destination)
        ids.append(destination.id)
    return tuple(ids)


def _plant_agents(world: World, at: str) -> None:
    caller = _agent(
        "agent_demo",
        "Speed-to-lead caller",
        AgentType.OUTBOUND,
        at,
        conversation_flow=CALLER_FLOW,
        custom_instructions="Never promise a price that is not on the price list.",
        first_message="Hello, this is Brightwater Plumbing. You asked us for help.",
        personality=Personality(tone="friendly", style="conversational", use_empathy=True),
        tool_ids=(DEMO_TRANSFER, DEMO_CALENDAR),
        knowledge_base_document_ids=(DEMO_PRICES,),
    )
    draft = _agent(
        "agent_draft",
        "Spring campaign draft",
        AgentType.OUTBOUND,
        at,
        conversation_flow=DRAFT_FLOW,
    )
    reception = _agent(
        "agent_inbound",
        "Reception",
        AgentType.INBOUND,
        at,
        conversation_flow=RECEPTION_FLOW,
        first_message="Brightwater Plumbing, good day. How can I help?",
        background_sound="office",
        tool_ids=(DEMO_TRANSFER, DEMO_CALENDAR),
        knowledge_base_document_ids=(DEMO_PRICES,),
    )
    _place(world, caller, at, deployed=True)
    _place(world, draft, at, deployed=False)
    _place(world, reception, at, deployed=True)


def _plant_other(world: World, at: str) -> None:
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
    recall = _agent(
        "agent_other",
        "Harbor recall caller",
        AgentType.OUTBOUND,
        at,
        business_id="biz_other",
        conversation_flow=RECALL_FLOW,
    )
    _place(world, recall, at, deployed=True)


def _agent(
    agent_id: str,
    name: str,
    kind: AgentType,
    at: str,
    *,
    business_id: str = "biz_demo",
    **further: Any,  # noqa: ANN401 -- fields of an agent
) -> Agent:
    return Agent(
        id=agent_id,
        business_id=business_id,
        name=name,
        type=kind,
        collect_fields=FIELDS,
        created_at=at,
        updated_at=at,
        **further,
    )


def _place(world: World, agent: Agent, at: str, *, deployed: bool) -> None:
    business = world.find(Business, agent.business_id)
    if business is None:
        raise LookupError(agent.business_id)
    assembly = assemble(world, agent, business, at=at)
    world.together(put=assembly.keep, remove=assembly.drop)
    if deployed:
        world.deploy(assembly.agent, at=at)


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
