"""Keeps what exists before any call: organizations, businesses, agents, leads, credentials."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sandbox.errors import ApiError, missing
from sandbox.model.agents import Agent
from sandbox.model.base import Record
from sandbox.model.calendar import Appointment, CalendarIntegration
from sandbox.model.files import KnowledgeFile
from sandbox.model.tenants import Business, Credential, Lead, Organization
from sandbox.model.tools import AppointmentConfig, Tool, TransferDestination
from sandbox.tokens import Caller, digest

SPARE_AREA_CODES = ("212", "312", "415", "617", "303", "206")


R = TypeVar("R", bound=Record)
KINDS: Mapping[str, type[Record]] = {
    "organization": Organization,
    "business": Business,
    "agent": Agent,
    "lead": Lead,
    "credential": Credential,
    "tool": Tool,
    "transfer-destination": TransferDestination,
    "appointment-config": AppointmentConfig,
    "file": KnowledgeFile,
    "calendar-integration": CalendarIntegration,
    "appointment": Appointment,
}
NAMES = {kind: name for name, kind in KINDS.items()}
TOGETHER = "together"
"""The kind of a journal entry that holds others: all of them were written down, or none."""


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
        self._keep(self._put(record))

    def remove(self, record: Record) -> None:
        """Take a record out of the world; one that is gone already is no mistake."""
        entry = self._remove(record)
        if entry is not None:
            self._keep(entry)

    def together(self, *, put: Iterable[Record] = (), remove: Iterable[Record] = ()) -> None:
        """Change several records at once: one journal line, so that a kill keeps all or none."""
        removed = [entry for record in remove if (entry := self._remove(record)) is not None]
        entries = [*removed, *map(self._put, put)]
        if entries:
            self._keep(together(entries))

    def restore(self, entry: Mapping[str, Any]) -> None:
        """Take up one journal entry again."""
        if entry["kind"] == TOGETHER:
            for part in entry["entries"]:
                self.restore(part)
            return
        if entry["kind"] == "removed":
            self._records[KINDS[entry["of"]]].pop(entry["id"], None)
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

    def agents_in(self, business: Business) -> list[Agent]:
        """A business's agents, oldest first."""
        return [agent for agent in self.every(Agent) if agent.business_id == business.id]

    def deploy(self, agent: Agent, *, at: str) -> Agent:
        """Give an agent a number and set it on duty; a business's number is used again.

        An agent that is deployed already keeps its number.

        Raises:
            ApiError: No number is left (500); nothing has changed then.
        """
        business = self.find(Business, agent.business_id)
        if business is None:
            raise missing("Business")
        number = agent.phone_number or business.provisioned_number or self._free_number(business)
        deployed = _changed(agent, at, phone_number=number, on_duty=True)
        parts: list[Record] = [deployed]
        if business.provisioned_number is None:
            parts.append(business.model_copy(update={"provisioned_number": number}))
        self.together(put=parts)
        return deployed

    def change(self, agent: Agent, *, at: str, **changes: object) -> Agent:
        """Replace fields of an agent and stamp the change; a duty is set by hand then."""
        changed = _changed(agent, at, **changes)
        self.put(changed)
        return changed

    def _put(self, record: Record) -> dict[str, Any]:
        self._records[type(record)][record.id] = record
        entry = {"kind": NAMES[type(record)]}
        return entry | {"record": record.model_dump(mode="json", by_alias=True)}

    def _remove(self, record: Record) -> dict[str, Any] | None:
        if self._records[type(record)].pop(record.id, None) is None:
            return None
        return {"kind": "removed", "of": NAMES[type(record)], "id": record.id}

    def _free_number(self, business: Business) -> str:
        own = (business.phone_number or "")[2:5]
        taken = {other.provisioned_number for other in self.every(Business)}
        for area in dict.fromkeys(filter(None, (own, *SPARE_AREA_CODES))):
            for line in range(100):
                number = f"+1{area}55501{line:02}"
                if number not in taken:
                    return number
        raise ApiError(500, "No phone number is left to provision")


def together(entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One journal entry for several; there is at least one."""
    return entries[0] if len(entries) == 1 else {"kind": TOGETHER, "entries": list(entries)}


def _changed(agent: Agent, at: str, **changes: object) -> Agent:
    stamps = {"updated_at": at} | ({"duty_set_at": at} if "on_duty" in changes else {})
    return Agent.model_validate(agent.model_dump() | changes | stamps)
