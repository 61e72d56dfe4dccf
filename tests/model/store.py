"""The model's database: conditional updates through the production tables, fences, events.

Each function is one transaction or a part of one, and happens at one instant. Whatever it
changes stands in `log`, which no restore undoes: the checker's own witness.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from dialer.rules.call import OPEN, CallState
from dialer.rules.campaign import CampaignState
from dialer.rules.campaign import sources_of as campaign_sources
from dialer.rules.lead import LeadState
from dialer.rules.pacing import LATEST
from tests.model.mutants import Mutant
from tests.model.rows import (
    CALL_SOURCES,
    LEAD_SOURCES,
    Call,
    Campaign,
    Lead,
    Organization,
)
from tests.model.scheduler import Scheduler

_SLOTTED = (
    CallState.CLAIMED,
    CallState.DIALING,
    CallState.PLACED,
    CallState.LIVE,
    CallState.UNKNOWN,
)
_READ = (
    CallState.PLACED,
    CallState.LIVE,
    CallState.UNKNOWN,
    CallState.STALE,
    CallState.HELD,
)
_YOUNGEST = timedelta(seconds=15)
"""A call starts some seconds after its answer, so one that young may not be listed yet."""

_FINISHED = (CallState.ENDED, CallState.REFUSED, CallState.ABSENT, CallState.RELEASED)


class Entry(NamedTuple):
    """A line of the log: at virtual second `t`, `what` (a row's kind, or a deed) happened."""

    t: float
    what: str
    id: int
    was: str
    now: str
    why: str = ""


class TakenError(Exception):
    """Another call of the organization has that id of the upstream's already."""


class Store:
    """The rows, and how they may change."""

    def __init__(self, scheduler: Scheduler, mutant: Mutant) -> None:
        self._s = scheduler
        self.mutant = mutant
        self.organizations: list[Organization] = []
        self.campaigns: list[Campaign] = []
        self.leads: list[Lead] = []
        self.calls: list[Call] = []
        self.unfinished: dict[int, Call] = {}
        self.last_linked: dict[int, str] = {}
        self.linked: dict[tuple[int, str], int] = {}
        self.log: list[Entry] = []
        self.undo: list[tuple[float, Call | Lead, Call | Lead]] | None = (
            [] if scheduler.profile.restore else None
        )

    def tell(self, what: str, row: int, was: str, now: str, why: str = "") -> None:
        """Append to the log."""
        s = self._s
        self.log.append(Entry(s.t, what, row, was, now, why))
        if s.trace is not None:
            s.say(f"    {what} {row}: {was} -> {now} {why}")

    def move(
        self,
        call: Call,
        to: CallState,
        *,
        why: str = "",
        fence: int | None = None,
        link: str | None = None,
    ) -> bool:
        """Change a call's state where the table allows it, under the fence if given.

        Args:
            call: Its row.
            to: The state to reach.
            why: For the log.
            fence: Only while the call carries this fence.
            link: The upstream's id that the call has from then on.

        Raises:
            TakenError: another call has that id.
        """
        was = call["state"]
        if was not in CALL_SOURCES[to] and self.mutant is not Mutant.PLAIN_UPDATES:
            return False
        if fence is not None and fence != call["fence"] and self.mutant is not Mutant.NO_FENCE:
            return False
        organization = call["organization"]
        if link is not None and self.linked.get((organization.id, link), call["id"]) != call["id"]:
            raise TakenError
        self._keep(call)
        call["state"] = to
        if link is not None:
            self.linked[organization.id, link] = call["id"]
            call["partner_call_id"] = link
            self.last_linked[organization.id] = link
        if to in _FINISHED:
            call["finished_at"] = self._s.now
            self.unfinished.pop(call["id"], None)
        self.tell("call", call["id"], was, to, why)
        return True

    def move_lead(self, lead: Lead, to: LeadState, *, why: str) -> bool:
        """Change a lead's bucket where the table allows it."""
        was = lead["state"]
        if was not in LEAD_SOURCES[to] and self.mutant is not Mutant.PLAIN_UPDATES:
            return False
        self._keep(lead)
        lead["state"] = to
        lead["reason"] = why
        self.tell("lead", lead["id"], was, to, why)
        return True

    def move_campaign(self, campaign: Campaign, to: CampaignState) -> bool:
        """Change a campaign's state where the table allows it."""
        was = campaign.state
        if was not in campaign_sources(to):
            return False
        campaign.state = to
        self.seal()
        self.tell("campaign", campaign.id, was, to)
        return True

    def insert(self, call: Call) -> bool:
        """Write a claim; the partial unique index leaves a second open call out."""
        number = call["organization"], call["phone"]
        if self.mutant is not Mutant.NO_INDEX and any(
            (c["organization"], c["phone"]) == number for c in self.open_calls()
        ):
            return False
        self.calls.append(call)
        self.unfinished[call["id"]] = call
        self.tell("call", call["id"], "", call["state"])
        return True

    def link_if_free(self, call: Call, partner_call_id: str | None) -> None:
        """Give a call the upstream's id, unless another call has it."""
        if partner_call_id and not self.is_taken(call["organization"], partner_call_id):
            call["partner_call_id"] = partner_call_id
            self.linked[call["organization"].id, partner_call_id] = call["id"]

    def is_taken(self, organization: Organization, partner_call_id: str) -> bool:
        """Whether a call of ours has that id."""
        return (organization.id, partner_call_id) in self.linked

    def open_calls(self) -> Iterator[Call]:
        """Calls that keep another one to their number from being claimed."""
        return (c for c in self.unfinished.values() if c["state"] in OPEN)

    def is_busy(self, organization: Organization, phone: str) -> bool:
        """Whether a number has an open call."""
        if self.mutant is Mutant.NO_INDEX:
            return False
        return any(
            c["phone"] == phone and c["organization"] is organization for c in self.open_calls()
        )

    def occupied(self, organization: Organization) -> int:
        """How many calls hold one of an organization's slots."""
        return sum(
            1
            for c in self.unfinished.values()
            if c["organization"] is organization and self.holds_slot(c)
        )

    def holds_slot(self, call: Call) -> bool:
        """Whether a call holds a concurrency slot."""
        if call["state"] not in _SLOTTED:
            return False
        return call["slot_until"] is None or call["slot_until"] > self._s.now

    def to_read(self, organization: Organization) -> list[Call]:
        """Copies of the calls whose end must still be found, oldest first."""
        found = [
            c.copy()
            for c in self.unfinished.values()
            if c["organization"] is organization and c["state"] in _READ
        ]
        found.sort(key=armed_at)
        return found

    def due(self, organization: Organization) -> list[Lead]:
        """Waiting leads of running campaigns whose time has come."""
        now = self._s.now
        return [
            lead
            for lead in self.leads
            if lead["state"] is LeadState.WAITING
            and lead["due_at"] <= now
            and lead["campaign"].organization is organization
            and lead["campaign"].state is CampaignState.RUNNING
            and lead["campaign"].parked is None
        ]

    def closed_gate(self, call: Call) -> str | None:
        """Which gate is closed for a claimed call, as `gates.closed` says it in SQL."""
        now = self._s.now
        if call["state"] is not CallState.CLAIMED:
            return "not_ours"
        if call["claim_expires_at"] <= now:
            return "claim_expired"
        if self.mutant is Mutant.NO_GATES_AT_ARM:
            return None
        if call["lead"]["state"] is not LeadState.CALLING:
            return f"lead_{call['lead']['state']}"
        if call["window_until"] <= now:
            return "window_closed"
        if call["paced"] and call["place_at"] + LATEST < now:
            return "late"
        return self._stopped(call)

    def _stopped(self, call: Call) -> str | None:
        campaign, organization = call["campaign"], call["organization"]
        if campaign.state is not CampaignState.RUNNING or campaign.parked is not None:
            return "campaign"
        if organization.paused:
            return "paused"
        if organization.parked is not None:
            return "agent_parked"
        if organization.credentials_parked_until > self._s.t:
            return "organization_parked"
        return "suppressed" if call["phone"] in organization.suppressed else None

    def watermarks(
        self, organization: Organization, since: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        """Listed calls that the upstream accepted, and that started since then, by their arm."""
        return tuple(
            (armed_at(c), c["seen_at"])
            for c in self.calls
            if c["organization"] is organization
            and c["answer"] == "placed"
            and c["seen_at"] is not None
            and c["started_at"] is not None
            and c["started_at"] >= since
        )

    def missed(self, organization: Organization, since: datetime, until: datetime) -> None:
        """Note that a whole reading of a span did not show calls that it should have."""
        for c in self._unseen(organization):
            if armed_at(c) >= since and answered_at(c) <= until - _YOUNGEST:
                c["looked_at"] = self._s.now

    def known_call_missing(self, organization: Organization, lag: timedelta) -> bool:
        """Whether a call that the upstream accepted was looked for later than that, in vain."""
        return any(
            c["looked_at"] is not None and c["looked_at"] > answered_at(c) + lag
            for c in self._unseen(organization)
        )

    def _unseen(self, organization: Organization) -> Iterator[Call]:
        return (
            c
            for c in self.unfinished.values()
            if c["state"] is CallState.PLACED
            and c["organization"] is organization
            and c["seen_at"] is None
        )

    def seal(self) -> None:
        """Whatever happened before can't be undone by a restore."""
        if self.undo:
            self.undo.clear()

    def restore(self, most: int) -> list[Call]:
        """Lose the last transactions, back to the last claim at most; the calls they changed."""
        lost: list[Call] = []
        for _ in range(most):
            if self.undo:
                last = self.undo[-1][0]
                while self.undo and self.undo[-1][0] == last:
                    lost += self._undo(*self.undo.pop()[1:])
        return lost

    def _undo(self, row: Call | Lead, was: Call | Lead) -> list[Call]:
        row.update(was)  # type: ignore[typeddict-item] # a copy of the same row
        if "fence" not in row:
            self.tell("undo", row["id"], "lead", row["state"])
            return []
        call = self.calls[row["id"] - 1]
        self.tell("undo", call["id"], "call", call["state"])
        self._back(call)
        return [call]

    def _back(self, call: Call) -> None:
        self.last_linked.pop(call["organization"].id, None)
        if call["finished_at"] is None:
            self.unfinished[call["id"]] = call
        for key in [k for k, owner in self.linked.items() if owner == call["id"]]:
            del self.linked[key]
        if call["partner_call_id"] is not None:
            self.linked[call["organization"].id, call["partner_call_id"]] = call["id"]

    def _keep(self, row: Call | Lead) -> None:
        if self.undo is not None:
            self.undo.append((self._s.t, row, row.copy()))


def armed_at(call: Call) -> datetime:
    """When a call was armed, that certainly was."""
    return call["armed_at"] or call["claimed_at"]


def answered_at(call: Call) -> datetime:
    """When a call was accepted, that certainly was."""
    return call["answered_at"] or armed_at(call)
