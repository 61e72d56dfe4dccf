"""Keeps what exists before any call: organizations, businesses, agents, leads, credentials."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox.errors import ApiError, missing
from sandbox.tokens import Caller, digest

SCOPES = frozenset(
    {
        *(f"voice-agents:{verb}" for verb in ("create", "read", "update", "delete")),
        *(f"tools:{verb}" for verb in ("create", "read", "update", "delete")),
        *(f"files:{verb}" for verb in ("create", "read", "delete")),
        *(f"integrations:{verb}" for verb in ("create", "read", "update", "delete")),
        "voices:read",
        "calls:read",
    }
)
"""The guide's scopes, all of them."""

SPARE_AREA_CODES = ("212", "312", "415", "617", "303", "206")


class AgentType(StrEnum):
    """Which way an agent's calls go."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class Record(BaseModel):
    """Something in the world; camelCase on the wire, either spelling accepted."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="forbid"
    )
    id: str = Field(min_length=1, max_length=100)


class Organization(Record):
    """Who holds credentials and businesses; no other organization sees them."""

    name: str


class Business(Record):
    """Whom the calls are for.

    ``phone_number`` is its own line; ``provisioned_number`` the one its agents call from.
    """

    organization_id: str
    name: str
    phone_number: str | None = None
    provisioned_number: str | None = None


class Agent(Record):
    """A voice agent; ``phone_number`` and ``on_duty`` exist only once it is deployed."""

    business_id: str
    name: str = Field(min_length=1, max_length=40)
    type: AgentType
    conversation_flow: str = "Say who is calling, ask whether help is still wanted, thank them."
    custom_instructions: str | None = None
    first_message: str | None = None
    voice_id: str = "voice-abc123"
    collect_fields: tuple[str, ...] = ()
    tool_ids: tuple[str, ...] = ()
    knowledge_base_document_ids: tuple[str, ...] = ()
    workflow: None = None
    created_at: str = ""
    updated_at: str = ""
    phone_number: str | None = None
    on_duty: bool | None = None

    @property
    def deployed(self) -> bool:
        """Whether it has a number to call from."""
        return self.phone_number is not None

    def described(self) -> dict[str, Any]:
        """The API's answer for it."""
        shown = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return shown | {"workflow": None}


class Lead(Record):
    """A lead inside the upstream's own platform; a CRM's id never names one."""

    business_id: str
    name: str
    phone_number: str | None = None
    source: str = "website form"
    details: str = ""

    def context(self, business: Business) -> str:
        """What an agent is told when a call names this lead."""
        told = f"{self.name} contacted {business.name} through the {self.source}."
        return f"{told} {self.details}".strip()


class Credential(Record):
    """A static API key, or a client's secret; ``id`` is the key's digest or the client id."""

    organization_id: str
    secret_digest: str | None = None
    scopes: frozenset[str] = SCOPES


R = TypeVar("R", bound=Record)
KINDS: Mapping[str, type[Record]] = {
    "organization": Organization,
    "business": Business,
    "agent": Agent,
    "lead": Lead,
    "credential": Credential,
}


class World:
    """All records by kind and id.

    Args:
        keep: Called with a journal entry after each change.
    """

    def __init__(self, *, keep: Callable[[dict[str, Any]], None]) -> None:
        self._keep = keep
        self._records: dict[type[Record], dict[str, Record]] = {
            kind: {} for kind in KINDS.values()
        }

    def put(self, record: Record) -> None:
        """Add a record, or replace the one with its id."""
        self._records[type(record)][record.id] = record
        name = next(name for name, kind in KINDS.items() if kind is type(record))
        self._keep({"kind": name, "record": record.model_dump(mode="json", by_alias=True)})

    def remove_agent(self, agent_id: str) -> None:
        """Take an agent out of the world.

        Raises:
            ApiError: There is none (404).
        """
        if self._records[Agent].pop(agent_id, None) is None:
            raise missing("Voice agent")
        self._keep({"kind": "agent-removed", "id": agent_id})

    def restore(self, entry: Mapping[str, Any]) -> None:
        """Take up one journal entry again."""
        if entry["kind"] == "agent-removed":
            self._records[Agent].pop(entry["id"], None)
            return
        kind = KINDS[entry["kind"]]
        record = kind.model_validate(entry["record"])
        self._records[kind][record.id] = record

    def find(self, kind: type[R], record_id: str) -> R | None:
        """The record, if there is one."""
        found = self._records[kind].get(record_id)
        return found if isinstance(found, kind) else None

    def every(self, kind: type[R]) -> list[R]:
        """All records of a kind, oldest first."""
        return [record for record in self._records[kind].values() if isinstance(record, kind)]

    def business_of(self, organization_id: str, business_id: str) -> Business:
        """A business of this organization.

        Raises:
            ApiError: There is none, or it is another organization's (404).
        """
        business = self.find(Business, business_id)
        if business is None or business.organization_id != organization_id:
            raise missing("Business")
        return business

    def agent_of(self, business: Business, agent_id: str) -> Agent:
        """An agent of this business.

        Raises:
            ApiError: There is none (404).
        """
        agent = self.find(Agent, agent_id)
        if agent is None or agent.business_id != business.id:
            raise missing("Voice agent")
        return agent

    def lead_of(self, business: Business, lead_id: str) -> Lead:
        """A lead of this business.

        Raises:
            ApiError: There is none (404).
        """
        lead = self.find(Lead, lead_id)
        if lead is None or lead.business_id != business.id:
            raise missing("Lead")
        return lead

    def key_holder(self, key: str) -> Caller | None:
        """Who holds a static API key."""
        found = self.find(Credential, digest(key))
        if found is None or found.secret_digest is not None:
            return None
        return Caller(organization_id=found.organization_id, scopes=found.scopes)

    def deploy(self, agent: Agent, *, at: str) -> Agent:
        """Give an agent a number and set it on duty; a business's number is used again."""
        business = self._records[Business][agent.business_id]
        if not isinstance(business, Business):
            raise TypeError("a business is kept among businesses")
        number = agent.phone_number or business.provisioned_number or self._free_number(business)
        if business.provisioned_number is None:
            self.put(business.model_copy(update={"provisioned_number": number}))
        return self.change(agent, at=at, phone_number=number, on_duty=True)

    def change(self, agent: Agent, *, at: str, **changes: object) -> Agent:
        """Replace fields of an agent and stamp the change."""
        changed = Agent.model_validate(agent.model_dump() | changes | {"updated_at": at})
        self.put(changed)
        return changed

    def _free_number(self, business: Business) -> str:
        own = (business.phone_number or "")[2:5]
        taken = {other.provisioned_number for other in self.every(Business)}
        for area in dict.fromkeys(filter(None, (own, *SPARE_AREA_CODES))):
            for line in range(100):
                number = f"+1{area}55501{line:02}"
                if number not in taken:
                    return number
        raise ApiError(500, "No phone number is left to provision")
