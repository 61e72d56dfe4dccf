"""Other calls of a busy campaign that go well: what the watermarks are made of."""

from datetime import timedelta

from dialer.rules.call import CallState
from dialer.rules.lead import LeadState
from tests.model.claiming import blank_call
from tests.model.database import Database
from tests.model.rows import Campaign, Lead, Organization
from tests.model.scheduler import Scheduler
from tests.model.world import Upstream


class Traffic:
    """Places calls whose only part is to be listed."""

    def __init__(self, scheduler: Scheduler, database: Database, upstream: Upstream) -> None:
        self._s = scheduler
        self._database = database
        self._store = database.store
        self._upstream = upstream
        self._campaigns: dict[int, Campaign] = {}

    def add(self, organization: Organization, campaign: Campaign) -> None:
        """Say which campaign an organization's traffic belongs to; nobody meddles with it."""
        self._campaigns[organization.id] = campaign

    def call(self, organization: Organization) -> None:
        """Place one call, and let it be accepted at once."""
        s, store = self._s, self._store
        if s.profile.lull and self._upstream.stalled_until() > s.t:
            return
        s.stats["traffic call"] += 1
        number = len(store.calls) + 1
        lead = self._lead(self._campaigns[organization.id], f"traffic {number}")
        later = s.now + timedelta(hours=1)
        call = blank_call(number=number, lead=lead, worker=0, now=s.now, at=s.now, until=later)
        store.insert(call)
        store.move_lead(lead, LeadState.CALLING, why="traffic")
        store.move(call, CallState.DIALING)
        call["armed_at"] = s.now
        call["slot_until"] = s.now
        ring = self._upstream.ours(organization.id, lead["phone"], number)
        store.move(call, CallState.PLACED, link=ring.id)
        store.seal()
        call["answer"] = "placed"
        call["answered_at"] = call["closed_at"] = s.now
        self._database.alarms.reading(organization, ring.listed)

    def _lead(self, campaign: Campaign, phone: str) -> Lead:
        store = self._store
        lead: Lead = {
            "id": len(store.leads) + 1,
            "campaign": campaign,
            "phone": phone,
            "state": LeadState.WAITING,
            "due_at": self._s.now,
            "attempts": campaign.cadence.max_attempts,
            "reason": None,
            "partner_lead": False,
            "expires_at": None,
        }
        store.leads.append(lead)
        store.tell("accept", lead["id"], "", LeadState.WAITING)
        return lead
