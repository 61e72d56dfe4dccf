"""Whatever a crash, a deadline, a death or a restore leaves behind, as the tidy stage has it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from dialer.pipeline.settling.settle import SLOT
from dialer.pipeline.settling.tidy import SILENT_SECONDS
from dialer.rules.call import CallState
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState
from tests.model.database import Database
from tests.model.mutants import Mutant
from tests.model.rows import Call, Lead, seconds
from tests.model.scheduler import Scheduler, Worker
from tests.model.settling import Settling

_SILENT = timedelta(seconds=SILENT_SECONDS)


class Tidying:
    """Finds what nobody goes on with."""

    def __init__(self, scheduler: Scheduler, database: Database, settling: Settling) -> None:
        self._s = scheduler
        self._database = database
        self._store = database.store
        self._settling = settling

    async def look(self) -> None:
        """Look once, and say when to look again."""
        try:
            await self._database.write("tidy", self._tidy)
        finally:
            self._look_again()

    async def bury(self, name: int) -> None:
        """A worker provably died: free its claims, and close what it had armed."""
        await self._database.write("bury", lambda: self._bury(name))

    def quarantine(self, calls: list[Call]) -> None:
        """After a restore: whatever may have been sent since is unknown."""
        for call in calls:
            if self._store.move(call, CallState.UNKNOWN, why="restored"):
                call["fence"] = self._s.rng.getrandbits(62)
                call["answer"] = "unknown"
                call["armed_at"] = call["armed_at"] or call["claimed_at"]
                call["closed_at"] = None
                call["slot_until"] = self._s.now + SLOT

    def _tidy(self) -> None:
        for call in list(self._store.unfinished.values()):
            self._tidy_call(call)
        for lead in self._store.leads:
            if lead["state"] is LeadState.WAITING:
                self._tidy_lead(lead)

    def _tidy_call(self, call: Call) -> None:
        now, mutant = self._s.now, self._store.mutant
        match call["state"]:
            case CallState.CLAIMED if mutant is not Mutant.FORGET_CLAIMS:
                if call["claim_expires_at"] <= now:
                    self._settling.release(call, fence=call["fence"], why="claim_expired")
            case CallState.DIALING if mutant is not Mutant.FORGET_SILENT:
                if _silent_at(call) <= now:
                    self._doubt(call)
            case _:
                pass

    def _tidy_lead(self, lead: Lead) -> None:
        over = _LAST.get(lead["campaign"].state)
        if lead["expires_at"] is not None and lead["expires_at"] <= self._s.now:
            self._store.move_lead(lead, LeadState.EXPIRED, why="expired")
        elif over is not None:
            self._store.move_lead(lead, over, why="campaign_over")

    def _doubt(self, call: Call) -> None:
        self._settling.doubt(call, fence=call["fence"], why="no_answer_recorded", closed=False)
        self._database.alarms.reading(call["organization"], self._s.t + 5.0)

    def _bury(self, name: int) -> None:
        for call in list(self._store.unfinished.values()):
            if call["worker"] != name:
                continue
            if call["state"] is CallState.CLAIMED:
                self._settling.release(call, fence=call["fence"], why="worker_died")
            elif call["closed_at"] is None and call["state"] is CallState.UNKNOWN:
                call["closed_at"] = self._s.now
                call["sweeps"] = 0
            elif call["state"] is CallState.DIALING:
                self._settling.doubt(call, fence=call["fence"], why="worker_died", closed=True)
                self._database.alarms.reading(call["organization"], self._s.t + 5.0)

    def _look_again(self) -> None:
        deadlines: list[datetime] = []
        if self._store.mutant in (Mutant.FORGET_CLAIMS, Mutant.FORGET_SILENT):
            return
        for call in self._store.unfinished.values():
            if call["state"] is CallState.CLAIMED:
                deadlines.append(call["claim_expires_at"])
            elif call["state"] is CallState.DIALING:
                deadlines.append(_silent_at(call))
        deadlines += [
            lead["expires_at"]
            for lead in self._store.leads
            if lead["state"] is LeadState.WAITING and lead["expires_at"] is not None
        ]
        if deadlines:
            self._database.alarms.tidy(max(seconds(min(deadlines)), self._s.t + 1.0))


def mourner(scheduler: Scheduler, tidying: Tidying) -> Callable[[Worker], None]:
    """What happens when a worker dies: where its slot's lock proves it, a successor buries it."""

    def bury(name: int) -> None:
        worker = scheduler.someone()
        scheduler.stats["burial"] += 1
        scheduler.spawn(tidying.bury(name), worker, lambda: bury(name))

    def mourn(worker: Worker) -> None:
        if not worker.provable:
            scheduler.stats["death without proof"] += 1
            return
        wait = 0.5 + 5.0 * scheduler.rng.random()
        scheduler.at(scheduler.t + wait, lambda: bury(worker.name))

    return mourn


def _silent_at(call: Call) -> datetime:
    return (call["armed_at"] or call["claimed_at"]) + _SILENT


_LAST = {
    CampaignState.CANCELLED: LeadState.CANCELLED,
    CampaignState.COMPLETED: LeadState.EXPIRED,
}
