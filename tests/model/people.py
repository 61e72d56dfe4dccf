"""What people and the world do to a schedule: pauses, opt-outs, duty, decisions, restores."""

from collections.abc import Callable
from functools import partial

from dialer.rules.call import CallState
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState
from tests.model.database import Database
from tests.model.mutants import Mutant
from tests.model.rows import Call, Campaign, Lead, Organization
from tests.model.scheduler import Scheduler
from tests.model.tidying import Tidying
from tests.model.world import Upstream


class People:
    """Meddles at random moments while there is noise, and puts things right afterwards."""

    def __init__(
        self, *, scheduler: Scheduler, database: Database, upstream: Upstream, tidying: Tidying
    ) -> None:
        self._s = scheduler
        self._database = database
        self._store = database.store
        self._upstream = upstream
        self._tidying = tidying
        self._deeds: tuple[Callable[[], None], ...] = (
            self._pause,
            self._pause_all,
            self._opt_out,
            self._cancel_lead,
            self._flip_duty,
            self._flip_duty,
            self._end_campaign,
        )

    def begin(self) -> None:
        """Plan the meddling."""
        s, profile = self._s, self._s.profile
        random = s.rng.random
        for _ in range(profile.meddling):
            deed = self._deeds[int(random() * len(self._deeds))]
            s.at(random() * random() * profile.noise, deed)
        if profile.restore:
            s.at(random() * random() * profile.noise, self._restore)
        if profile.foreign and random() < profile.foreign * 5:
            lead = self._any_lead()
            organization = lead["campaign"].organization.id
            s.at(
                random() * profile.noise,
                lambda: self._upstream.foreign(organization, lead["phone"]),
            )

    def meddle(self) -> None:
        """Do something within seconds: a claim was just made."""
        random = self._s.rng.random
        deed = self._deeds[int(random() * len(self._deeds))]
        self._s.at(self._s.t + 2.0 * random() * random(), partial(self._do, deed))

    def _do(self, deed: Callable[[], None]) -> None:
        if self._s.noisy:
            deed()

    def calm(self) -> None:
        """The noise is over: everything that was stopped goes on."""
        self._upstream.off_duty.clear()
        s = self._s
        if s.rng.random() < 0.25:
            s.at(s.t + 20 * 3600.0 * s.rng.random(), self._end_campaign)
        for campaign in self._store.campaigns:
            self._resume(campaign)
        for organization in self._store.organizations:
            organization.paused = False
            self._store.tell("resume all", organization.id, "", "")
            self._database.alarms.lane(organization, self._s.t + 1.0)

    def decide_held(self) -> None:
        """Decide what waits for a person; some of it stays as it is."""
        for call in list(self._store.unfinished.values()):
            if call["state"] in (CallState.HELD, CallState.STALE) and self._s.rng.random() < 0.3:
                self._decide(call)

    def _decide(self, call: Call) -> None:
        store, held = self._store, call["state"] is CallState.HELD
        decision = ("reached", "drop", "call_again")[int(self._s.rng.random() * 3)]
        self._s.stats[f"decided: {decision}"] += 1
        to = CallState.ABSENT if held and decision == "call_again" else CallState.ENDED
        if not store.move(call, to, why="decided"):
            return
        lead = call["lead"]
        match decision:
            case "reached":
                store.move_lead(lead, LeadState.DONE, why="decided")
            case "drop":
                store.move_lead(lead, LeadState.CANCELLED, why="decided")
            case _:
                if store.move_lead(lead, LeadState.WAITING, why="decided"):
                    lead["due_at"] = self._s.now
                    self._database.alarms.lane(call["organization"], self._s.t)
                    self._database.alarms.tidy(self._s.t)

    def _pause(self) -> None:
        campaign = self._any_campaign()
        if self._store.move_campaign(campaign, CampaignState.PAUSED):
            self._s.stats["campaign paused"] += 1
            self._s.at(self._s.t + self._s.rng.random() * 600.0, lambda: self._resume(campaign))

    def _resume(self, campaign: Campaign) -> None:
        campaign.parked = None
        campaign.faults = campaign.refusals = 0
        self._store.move_campaign(campaign, CampaignState.RUNNING)
        self._database.alarms.lane(campaign.organization, self._s.t)

    def _pause_all(self) -> None:
        organization = self._any_campaign().organization
        organization.paused = True
        self._store.seal()
        self._s.stats["organization paused"] += 1
        self._store.tell("pause all", organization.id, "", "")
        self._s.at(self._s.t + self._s.rng.random() * 300.0, lambda: self._go_on(organization))

    def _go_on(self, organization: Organization) -> None:
        organization.paused = False
        self._store.tell("resume all", organization.id, "", "")
        self._database.alarms.lane(organization, self._s.t)

    def _opt_out(self) -> None:
        lead = self._any_lead()
        organization = lead["campaign"].organization
        self._s.stats["opt-out"] += 1
        self._store.seal()
        organization.suppressed.add(lead["phone"])
        self._store.tell("suppress", organization.id, "", lead["phone"])
        for other in self._store.leads:
            if (
                other["phone"] == lead["phone"]
                and other["campaign"].organization is organization
                and other["state"] is LeadState.WAITING
            ):
                self._store.move_lead(other, LeadState.SUPPRESSED, why="suppressed")

    def _cancel_lead(self) -> None:
        self._store.seal()
        if self._store.move_lead(self._any_lead(), LeadState.CANCELLED, why="asked"):
            self._s.stats["lead cancelled"] += 1

    def _end_campaign(self) -> None:
        to = (CampaignState.COMPLETED, CampaignState.CANCELLED)[self._s.rng.random() < 0.5]
        if self._store.move_campaign(self._any_campaign(), to):
            self._s.stats[f"campaign {to.value}"] += 1
            self._database.alarms.tidy(self._s.t + 1.0)

    def _flip_duty(self) -> None:
        organization = self._any_campaign().organization
        self._s.stats["duty flip"] += 1
        self._upstream.off_duty ^= {organization.id}

    def _restore(self) -> None:
        lost = self._store.restore(1 + int(self._s.rng.random() * 5))
        self._s.stats["restore"] += 1
        self._s.say(f"the database is restored; calls {[c['id'] for c in lost]} went back")
        if self._store.mutant is not Mutant.NO_QUARANTINE:
            self._tidying.quarantine(
                [c for c in self._store.unfinished.values() if c["state"] in _DANGEROUS]
            )
        for organization in self._store.organizations:
            self._database.alarms.lane(organization, self._s.t)
            self._database.alarms.reading(organization, self._s.t)
        self._database.alarms.tidy(self._s.t)

    def _any_lead(self) -> Lead:
        leads = self._store.leads
        return leads[int(self._s.rng.random() * len(leads))]

    def _any_campaign(self) -> Campaign:
        campaigns = self._store.campaigns
        return campaigns[int(self._s.rng.random() * len(campaigns))]


_DANGEROUS = (CallState.CLAIMED, CallState.DIALING)
