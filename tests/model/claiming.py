"""Claim: the transaction that decides which phones ring, as `pipeline.dialing.claim` has it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from dialer.pipeline.dialing.claim import CLAIM_SECONDS, NUMBER_IN_CALL_RETRY
from dialer.rules import pacing
from dialer.rules.call import CallState
from dialer.rules.calling.gate import Allow, Defer, LeadFacts, Refuse, check
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState
from tests.model.database import Database
from tests.model.duty import Duty
from tests.model.placing import Placing
from tests.model.rows import PLACE, Call, Campaign, Lead, Organization, seconds
from tests.model.scheduler import Scheduler, Worker

_HORIZON = timedelta(seconds=2)
_CLAIM = timedelta(seconds=CLAIM_SECONDS)


class Claiming:
    """Runs lanes."""

    def __init__(
        self, *, scheduler: Scheduler, database: Database, duty: Duty, placing: Placing
    ) -> None:
        self._s = scheduler
        self._database = database
        self._store = database.store
        self._duty = duty
        self._placing = placing
        self.on_claim: Callable[[], None] = lambda: None

    async def look(self, worker: Worker, organization: Organization) -> None:
        """Look at a lane once: claim what is due, and place it."""
        s = self._s
        if not self._worth_it(organization):
            return
        try:
            if not await self._duty.ready(organization):
                return
            calls = await self._database.write("claim", lambda: self._claim(worker, organization))
        finally:
            self._look_again(organization)
        for call in calls:
            if s.noisy and s.rng.random() < s.profile.race:
                self.on_claim()
            s.spawn(self._placing.place(worker, call), worker)
            if s.noisy and s.rng.random() < s.profile.twice:
                s.stats["placed twice"] += 1
                s.spawn(self._placing.place(worker, call), worker)

    def _worth_it(self, organization: Organization) -> bool:
        return any(
            lead["state"] is LeadState.WAITING and lead["campaign"].organization is organization
            for lead in self._store.leads
        )

    def _look_again(self, organization: Organization) -> None:
        s = self._s
        waiting = [
            self._worth_a_look(lead)
            for lead in self._store.leads
            if lead["state"] is LeadState.WAITING
            and lead["campaign"].organization is organization
            and lead["campaign"].state is CampaignState.RUNNING
            and lead["campaign"].parked is None
        ]
        if not waiting or organization.paused:
            return
        soon = s.t + 1.0 + 20.0 * s.rng.random()
        if self._is_full(organization):
            soon += 15.0 if s.noisy else 300.0
        shut = organization.probe_at if organization.parked else 0.0
        shut = max(shut, organization.credentials_parked_until)
        self._database.alarms.lane(organization, max(min(waiting), soon, shut))

    def _worth_a_look(self, lead: Lead) -> float:
        """When a lead is due; in quiet days one whose number is busy is looked at more rarely."""
        due = seconds(lead["due_at"])
        if not self._s.noisy and lead["reason"] == "number_in_call":
            return due + 900.0
        return due

    def _is_full(self, organization: Organization) -> bool:
        cap = organization.concurrency
        return cap is not None and self._store.occupied(organization) >= cap

    def _claim(self, worker: Worker, organization: Organization) -> list[Call]:
        s = self._s
        if (
            organization.paused
            or organization.parked is not None
            or organization.credentials_parked_until > s.t
            or not organization.duty
        ):
            return []
        made: list[Call] = []
        for lead in self._store.due(organization):
            if self._is_full(organization):
                break
            allowed = self._pass_gates(organization, lead)
            call = None if allowed is None else self._schedule(worker, lead, allowed)
            if call is not None:
                made.append(call)
        return made

    def _pass_gates(self, organization: Organization, lead: Lead) -> datetime | None:
        facts = LeadFacts(
            profile=PLACE,
            expires_at=lead["expires_at"],
            suppressed=lead["phone"] in organization.suppressed,
            number_in_call=self._store.is_busy(organization, lead["phone"]),
        )
        match check(facts, lead["campaign"].rules, now=self._s.now):
            case Allow(until=until):
                return until
            case Defer(until=until, why=why):
                self._defer(lead, until, why)
            case Refuse(why=why):
                self._store.move_lead(lead, LeadState(why), why=why)
        return None

    def _defer(self, lead: Lead, until: datetime, why: str) -> None:
        self._s.stats[f"deferred: {why}"] += 1
        lead["due_at"] = until
        lead["reason"] = why

    def _schedule(self, worker: Worker, lead: Lead, until: datetime) -> Call | None:
        campaign = lead["campaign"]
        at = self._slot(campaign)
        if at is None or at >= until:
            return None
        call = self._row(worker, lead, at, until)
        if not self._store.insert(call):
            self._defer(lead, self._s.now + NUMBER_IN_CALL_RETRY, "number_in_call")
            return None
        self._store.move_lead(lead, LeadState.CALLING, why="claimed")
        self._store.seal()
        self._database.alarms.tidy(seconds(call["claim_expires_at"]))
        return call

    def _slot(self, campaign: Campaign) -> datetime | None:
        now = self._s.now
        if campaign.calls_per_minute is None:
            return now
        quiet = now - (campaign.factor_at or now)
        rate = campaign.calls_per_minute * pacing.recovered(campaign.factor, quiet)
        pace = pacing.Pace(rate, campaign.next_at)
        granted = pacing.grant([pace], wanted=1, now=now, horizon=_HORIZON)
        if not granted.at:
            return None
        campaign.next_at = granted.next_at[0]
        return granted.at[0]

    def _row(self, worker: Worker, lead: Lead, at: datetime, until: datetime) -> Call:
        return blank_call(
            number=len(self._store.calls) + 1,
            lead=lead,
            worker=worker.name,
            now=self._s.now,
            at=at,
            until=until,
        )


def blank_call(
    *, number: int, lead: Lead, worker: int, now: datetime, at: datetime, until: datetime
) -> Call:
    """A claim's row."""
    campaign = lead["campaign"]
    return {
        "id": number,
        "organization": campaign.organization,
        "campaign": campaign,
        "lead": lead,
        "phone": lead["phone"],
        "worker": worker,
        "state": CallState.CLAIMED,
        "fence": 1,
        "claimed_at": now,
        "place_at": at,
        "claim_expires_at": at + _CLAIM,
        "window_until": until,
        "paced": campaign.calls_per_minute is not None,
        "armed_at": None,
        "slot_until": None,
        "answer": None,
        "answered_at": None,
        "closed_at": None,
        "partner_call_id": None,
        "seen_at": None,
        "looked_at": None,
        "asked_at": None,
        "started_at": None,
        "swept_at": None,
        "sweeps": 0,
        "outcome": None,
        "counted": True,
        "finished_at": None,
    }
