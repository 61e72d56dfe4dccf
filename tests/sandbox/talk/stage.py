"""A sandbox in memory with one business, one agent and whatever the agent uses."""

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from sandbox.calls import Call, CallType
from sandbox.clock import VirtualClock, instant_of
from sandbox.exchange import Exchange, Order
from sandbox.model.agents import Agent, AgentType
from sandbox.model.calendar import Appointment
from sandbox.model.files import KnowledgeFile
from sandbox.model.tenants import Business
from sandbox.model.tools import AppointmentConfig, Tool, TransferDestination
from sandbox.records import Recorder
from sandbox.script import Outcome, read_mix
from sandbox.state import Sandbox
from sandbox.talk.persona import DEFAULT_WISHES, read_wishes

NOW = instant_of("2026-03-02T15:00:00Z")
"""A Monday, ten in the morning in New York."""

BUSINESS = "biz_stage"
AGENT = "agent_stage"


class Stage:
    """Places calls of one agent and reads their records as they stand after the end.

    Args:
        folder: Where state is kept; memory if omitted.
        seed: Decides every chance.
        fields: The agent's other fields.
    """

    def __init__(self, *, folder: Path | None = None, seed: int = 7, **fields: Any) -> None:  # noqa: ANN401 -- any field of an agent
        clock = VirtualClock(start=NOW, speed=0.001)
        self.sandbox = Sandbox(clock=clock, seed=seed, folder=folder)
        self.world = self.sandbox.world
        self._numbers = count(1)
        self.exchange = Exchange(sandbox=self.sandbox)
        self.recorder = Recorder(world=self.world, briefs=self.sandbox.briefs, seed=seed)
        if self.world.find(Business, BUSINESS) is None:
            self.world.put(
                Business(
                    id=BUSINESS,
                    organization_id="org_demo",
                    name="Tidewell Roofing",
                    phone_number="+12125550198",
                )
            )
            self.change(**fields)

    @property
    def business(self) -> Business:
        """The business as it is now."""
        found = self.world.find(Business, BUSINESS)
        assert found is not None
        return found

    @property
    def agent(self) -> Agent:
        """The agent as it is now."""
        found = self.world.find(Agent, AGENT)
        assert found is not None
        return found

    def change(self, **fields: Any) -> None:  # noqa: ANN401 -- any field of an agent
        """Make the agent anew with these fields."""
        usual: dict[str, Any] = {
            "id": AGENT,
            "business_id": BUSINESS,
            "name": "Stage agent",
            "type": AgentType.OUTBOUND,
            "conversation_flow": "Ask whether they still need help.",
            "phone_number": "+12125550100",
            "on_duty": True,
        }
        self.world.put(Agent.model_validate(usual | fields))

    def transfer(self, *names: str, warm: bool = False) -> str:
        """A transfer tool with these destinations; its id."""
        targets = [
            TransferDestination(
                id=f"destination_{name}",
                business_id=BUSINESS,
                name=name,
                phone_number="+12125550177",
                warm_transfer_enabled=warm,
            )
            for name in names
        ]
        for target in targets:
            self.world.put(target)
        return self._tool("transferCall", {"destinationIds": [target.id for target in targets]})

    def calendar(self, **config: Any) -> str:  # noqa: ANN401 -- fields of a configuration
        """A calendar tool; its id."""
        number = next(self._numbers)
        made = AppointmentConfig(id=f"config_{number}", business_id=BUSINESS, **config)
        self.world.put(made)
        return self._tool("apiRequest", {"appointmentConfigId": made.id})

    def file(self, text: str, name: str = "price-list.md") -> str:
        """A file that is ready; its id."""
        made = KnowledgeFile(
            id=f"file_{next(self._numbers)}",
            business_id=BUSINESS,
            name=name,
            mime_type="text/markdown",
            size_bytes=len(text),
            text=text,
            settles=0.0,
        )
        self.world.put(made)
        return made.id

    def phone(self) -> str:
        """A number that nobody was called at before."""
        area, line = divmod(next(self._numbers), 100)
        return f"+1{212 + area}55501{line:02}"

    def call(
        self,
        outcome: Outcome = Outcome.ANSWERED_INTERESTED,
        *,
        wish: str | None = None,
        **order: Any,  # noqa: ANN401 -- any field of an order
    ) -> Call:
        """Call a person with a fate."""
        tuning = self.sandbox.tuning
        tuning.mix = read_mix({outcome: 1.0})
        tuning.wishes = DEFAULT_WISHES if wish is None else read_wishes({wish: 1.0})
        usual: dict[str, Any] = {
            "business": self.business,
            "agent": self.agent,
            "agent_number": "+12125550100",
            "phone": "",
            "context": "The roof leaks.",
            "name": "Dana Whitfield",
        }
        placed = Order(**(usual | order))
        placed = replace(placed, phone=placed.phone or self.phone())
        if placed.kind is CallType.INBOUND:
            return self.exchange.receive(placed)
        return self.exchange.ring(placed, answered="200")

    def record(self, call: Call) -> dict[str, Any]:
        """The call's record when it has ended."""
        return self.recorder.describe(call, call.ended)

    def told(self, outcome: Outcome = Outcome.ANSWERED_INTERESTED, **order: Any) -> str:  # noqa: ANN401 -- any field of an order
        """The transcript of a call."""
        return str(self.record(self.call(outcome, **order))["transcript"])

    def appointments(self) -> list[Appointment]:
        """The business's appointments that stand, by start."""
        found = [one for one in self.world.every(Appointment) if one.cancelled is None]
        return sorted(found, key=lambda one: one.starts)

    def _tool(self, kind: str, override: dict[str, Any]) -> str:
        tool = Tool(
            id=f"tool_{next(self._numbers)}",
            business_id=BUSINESS,
            template_tool_id=None,
            name=kind,
            display_name=kind,
            type=kind,
            config_override=override,
        )
        self.world.put(tool)
        return tool.id
