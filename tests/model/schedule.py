"""One schedule: a small house drawn from a seed, a noisy while, then quiet days to settle."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Literal

from dialer.rules.call import CallState
from dialer.rules.calling.hours import ALWAYS, WeeklyHours
from dialer.rules.calling.window import CallingRules
from dialer.rules.campaign import CampaignState
from dialer.rules.law.law import Law
from dialer.rules.law.row import Purpose
from dialer.rules.lead import LeadState
from dialer.rules.outcomes.cadence import Cadence
from dialer.rules.proof.absence import HOLD_AFTER, SWEEPS_NEEDED, settled_at
from tests.model.alarms import Alarms
from tests.model.checker import check
from tests.model.claiming import Claiming
from tests.model.database import Database
from tests.model.duty import Duty
from tests.model.faults import Storm, draw
from tests.model.mutants import Mutant
from tests.model.people import People
from tests.model.placing import Placing
from tests.model.reading import Reading, doubt_of
from tests.model.rows import Call, Campaign, Lead, Organization, instant, seconds
from tests.model.scheduler import Scheduler
from tests.model.settling import Settling
from tests.model.store import Store, armed_at
from tests.model.tidying import Tidying, mourner
from tests.model.traffic import Traffic
from tests.model.world import Upstream

QUIET_DAYS = 4
_LEAST = timedelta(minutes=15)
_TRAFFIC_EVERY = 390.0
_HOUR = 3600.0
_CADENCES = (
    Cadence.parse({"max_attempts": 1}),
    Cadence.parse(
        {"max_attempts": 2, "delays": {"no_answer": [30], "busy": [10], "unknown": [60]}}
    ),
    Cadence.parse(
        {
            "max_attempts": 3,
            "per_day": 3,
            "max_voicemails": 2,
            "delays": {"no_answer": [1, 5], "busy": [1, 2], "voicemail": [3]},
        }
    ),
)
_RULES = tuple(
    CallingRules(hours=WeeklyHours(week), law=Law.shipped(), purpose=Purpose.SALES)
    for week in (
        ALWAYS,
        {day: [["09:00", "10:20"]] for day in ALWAYS},
        {day: [["09:00", "10:03"]] for day in ALWAYS},
    )
)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a schedule.

    Attributes:
        violations: What the checker found, each beginning with the invariant's name.
        stats: What was exercised, counted by name.
        trace: The schedule, line by line, where it was asked for.
    """

    seed: int
    violations: tuple[str, ...]
    stats: Counter[str]
    trace: tuple[str, ...] = ()


def play(
    seed: int,
    mutant: Mutant = Mutant.NONE,
    storm: Storm = Storm.ANY,
    *,
    traced: bool = False,
) -> Result:
    """Play the schedule of a seed to its end, and check it."""
    rng = Random(seed)  # noqa: S311 -- a reproducible schedule, no secret
    scheduler = Scheduler(seed, draw(rng, storm), rng, traced=traced)
    house = House(scheduler, mutant)
    house.play()
    violations = check(house.store, house.upstream, scheduler)
    for violation in violations:
        scheduler.say(f"VIOLATION {violation}")
    return Result(seed, violations, scheduler.stats, tuple(scheduler.trace or ()))


class House:
    """Everything of one schedule, wired together."""

    def __init__(self, scheduler: Scheduler, mutant: Mutant) -> None:
        self._s = scheduler
        self.store = Store(scheduler, mutant)
        self.upstream = Upstream(scheduler)
        self._alarms = Alarms(scheduler)
        self._database = Database(scheduler, self.store, self._alarms)
        settling = Settling(scheduler, self.store, self._alarms)
        tidying = Tidying(scheduler, self._database, settling)
        duty = Duty(scheduler, self._database, self.upstream)
        placing = Placing(
            scheduler=scheduler,
            database=self._database,
            settling=settling,
            upstream=self.upstream,
            duty=duty,
        )
        self._claiming = Claiming(
            scheduler=scheduler, database=self._database, duty=duty, placing=placing
        )
        self._reading = Reading(
            scheduler=scheduler,
            database=self._database,
            settling=settling,
            upstream=self.upstream,
            next_look=self._look_again,
        )
        self._people = People(
            scheduler=scheduler,
            database=self._database,
            upstream=self.upstream,
            tidying=tidying,
        )
        self._claiming.on_claim = self._people.meddle
        self._busy_until: dict[int, float] = {}
        self.upstream.linked = self.store.last_linked
        self._traffic = Traffic(scheduler, self._database, self.upstream)
        scheduler.on_death = mourner(scheduler, tidying)
        self._alarms.install("tidy", 0, lambda worker: tidying.look())  # noqa: ARG005 -- any may

    def play(self) -> None:
        """Furnish the house, let the noise pass, then days of quiet."""
        s = self._s
        self._furnish()
        self._people.begin()
        s.run(s.profile.noise)
        s.noisy = False
        self._people.calm()
        s.run(s.t + 30 * _HOUR)
        self._people.decide_held()
        s.run(s.t + (QUIET_DAYS - 1) * 24 * _HOUR)
        s.abandon()

    def _furnish(self) -> None:
        s = self._s
        random = s.rng.random
        for number in range(1 if random() < 0.88 else 2):
            self._organize(number + 1)
        for campaign in list(self.store.campaigns):
            for number in range(1 + int(random() ** 3 * 4)):
                self._accept(campaign, f"+1212555{100 + number:04d}")
        for organization in self.store.organizations:
            campaign = self._campaign(organization, proof="strict", of=-1)
            self._traffic.add(organization, campaign)
            if random() < 0.4:
                s.at(random() * s.profile.noise, partial(self._traffic.call, organization))

    def _organize(self, number: int) -> None:
        s = self._s
        random, profile = s.rng.random, s.profile
        organization = Organization(
            id=number,
            seen=[],
            suppressed=set(),
            concurrency=1 + int(random() * 2) if random() < 0.3 else None,
            lag=timedelta(seconds=profile.lag) if profile.measured else timedelta(minutes=10),
        )
        self.store.organizations.append(organization)
        self._alarms.install(
            "lane", number, lambda worker: self._claiming.look(worker, organization)
        )
        self._alarms.install("reading", number, lambda worker: self._reading.look(organization))  # noqa: ARG005 -- any may
        for _ in range(1 if random() < 0.75 else 2):
            proof: Literal["strict", "balanced"] = (
                "balanced" if not profile.stalls and random() < 0.3 else "strict"
            )
            campaign = self._campaign(organization, proof=proof, of=len(self.store.campaigns) + 1)
            self.store.campaigns.append(campaign)

    def _campaign(
        self, organization: Organization, *, proof: Literal["strict", "balanced"], of: int
    ) -> Campaign:
        random = self._s.rng.random
        return Campaign(
            id=of,
            organization=organization,
            state=CampaignState.RUNNING,
            proof=proof,
            cadence=_CADENCES[int(random() * len(_CADENCES))],
            rules=_RULES[max(0, int(random() * 10) - 7)],
            calls_per_minute=1 + int(random() * 6) if random() < 0.3 else None,
            call_without_lead=random() < 0.5,
        )

    def _accept(self, campaign: Campaign, phone: str) -> None:
        s = self._s
        random = s.rng.random
        due = random() * random() * 0.5 * s.profile.noise
        if campaign.rules is not _RULES[0] and random() < 0.5:
            # Just before the hours end: the window closes while the call is placed.
            due = (1_140.0 if campaign.rules is _RULES[1] else 120.0) - 1.5 * random()
        lead: Lead = {
            "id": len(self.store.leads) + 1,
            "campaign": campaign,
            "phone": phone,
            "state": LeadState.WAITING,
            "due_at": instant(due),
            "attempts": 0,
            "reason": None,
            "partner_lead": random() < 0.3,
            "expires_at": instant(_HOUR * 8 * random()) if random() < 0.1 else None,
        }
        self.store.leads.append(lead)
        self.store.tell("accept", lead["id"], "", LeadState.WAITING)
        if lead["expires_at"] is not None:
            self._alarms.tidy(seconds(lead["expires_at"]))
        self._alarms.lane(campaign.organization, due)

    def _look_again(self, organization: Organization) -> None:
        """Ring the reading when a call can have news; in between it would find none."""
        at = min(
            (
                self._news_of(call)
                for call in self.store.unfinished.values()
                if call["organization"] is organization
            ),
            default=None,
        )
        if at is not None and at < float("inf"):
            s = self._s
            soonest = 2.0 + 60.0 * s.rng.random() if s.noisy else 5.0
            self._alarms.reading(organization, max(at, s.t + soonest))

    def _news_of(self, call: Call) -> float:
        s = self._s
        match call["state"]:
            case CallState.PLACED | CallState.LIVE | CallState.STALE:
                ring = self.upstream.by_id.get(call["partner_call_id"] or "")
                at = float("inf") if ring is None else self.upstream.changes_at(ring, s.t)
                given_up = seconds(armed_at(call)) + 6 * _HOUR + 1.0
                return at if call["state"] is CallState.STALE else min(at, given_up)
            case CallState.UNKNOWN:
                return self._news_of_unknown(call)
            case CallState.HELD:
                return s.t + _HOUR if s.t < seconds(armed_at(call)) + 25 * _HOUR else float("inf")
            case _:
                return float("inf")

    def _news_of_unknown(self, call: Call) -> float:
        s, organization, proof = self._s, call["organization"], call["campaign"].proof
        held = seconds(armed_at(call) + HOLD_AFTER) + 1.0
        doubt = doubt_of(call, self.store.mutant)
        settled = seconds(settled_at(doubt, lag=organization.lag, least=_LEAST, proof=proof))
        if s.t > settled + 20 * _HOUR or (doubt.conflict and doubt.sweeps >= SWEEPS_NEEDED):
            return held
        stalled_until = self.upstream.stalled_until()
        if proof == "strict" and s.t > settled - 0.5 * _HOUR:
            self._keep_busy(organization)
            swept = -_HOUR if call["swept_at"] is None else seconds(call["swept_at"])
            if settled <= s.t < settled + 0.2 * _HOUR or s.t < swept + 300.0:
                return min(s.t + 61.0, held)
            return min(max(s.t + 800.0, stalled_until if s.t > settled else settled), held)
        first = settled - 0.5 * _HOUR if proof == "strict" else settled
        return min(max(first, s.t + 61.0), held)

    def _keep_busy(self, organization: Organization) -> None:
        s = self._s
        if s.t > self._busy_until.get(organization.id, 0.0):
            self._busy_until[organization.id] = s.t + _TRAFFIC_EVERY
            s.at(s.t + 1.0 + 60.0 * s.rng.random(), lambda: self._traffic.call(organization))
