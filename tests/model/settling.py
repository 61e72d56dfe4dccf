"""Each change of a call with what it means for its lead, as `pipeline.settling.settle` has it."""

from datetime import datetime, timedelta

from dialer.pipeline.settling.following import FAULT_RETRY, FAULTS_THAT_PARK
from dialer.rules.call import CallState
from dialer.rules.calling.day_parts import Part
from dialer.rules.calling.window import next_opening
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState
from dialer.rules.outcomes.outcome import OPTED_OUT, Outcome, outcome_of
from dialer.rules.outcomes.retry import CallAgain, Finish, Tried, plan
from dialer.rules.proof.answers import recorded_doubt
from partner import CallRecord
from tests.model.alarms import Alarms
from tests.model.rows import PLACE, Call, Lead, seconds
from tests.model.scheduler import Scheduler
from tests.model.store import Store, armed_at


class Settling:
    """Transactions' parts: a call's move, its lead's, and what both leave on record."""

    def __init__(self, scheduler: Scheduler, store: Store, alarms: Alarms) -> None:
        self._s = scheduler
        self._store = store
        self._alarms = alarms

    def release(self, call: Call, *, fence: int, why: str, wait: float = 0.0) -> bool:
        """Give a claim back."""
        if not self._store.move(call, CallState.RELEASED, fence=fence, why=why):
            return False
        call["answer"] = "not_sent" if wait else None
        call["closed_at"] = self._s.now
        self._wait_again(call, why, wait)
        return True

    def place(self, call: Call, *, fence: int, partner_call_id: str) -> bool:
        """The upstream accepted the call, or the history shows it as scheduled."""
        if not self._store.move(call, CallState.PLACED, fence=fence, link=partner_call_id):
            return False
        call["answer"] = "placed"
        call["answered_at"] = call["closed_at"] = self._s.now
        return True

    def refuse(self, call: Call, *, fence: int, answer: str, wait: float) -> bool:
        """Proof that no phone rang."""
        if not self._store.move(call, CallState.REFUSED, fence=fence, why=answer):
            return False
        call["answer"] = answer
        call["closed_at"] = self._s.now
        self._wait_again(call, answer, wait)
        return True

    def doubt(
        self,
        call: Call,
        *,
        fence: int,
        why: str,
        closed: bool,
        partner_call_id: str | None = None,
    ) -> bool:
        """The phone may have rung."""
        if not self._store.move(
            call, CallState.UNKNOWN, fence=fence, why=why, link=partner_call_id
        ):
            return False
        call["answer"] = recorded_doubt(why)
        if closed:
            call["closed_at"] = self._s.now
        return True

    def see_live(self, call: Call, record: CallRecord) -> None:
        """The history shows the call in progress."""
        if self._store.move(call, CallState.LIVE, link=record.id):
            call["started_at"] = record.started_at

    def end(self, call: Call, record: CallRecord) -> bool:
        """The history shows the call's end: keep it and plan what follows."""
        outcome = outcome_of(ended_reason=record.ended_reason, status=record.status or "")
        if not self._store.move(call, CallState.ENDED, why=outcome.name, link=record.id):
            return False
        call["outcome"] = outcome.name
        call["counted"] = outcome.counts
        call["started_at"] = record.started_at
        self._follow(call, outcome, record.ended_at)
        return True

    def absent(self, call: Call, *, why: str) -> bool:
        """Proven not placed: the lead waits again."""
        if not self._store.move(call, CallState.ABSENT, why=why):
            return False
        self._wait_again(call, "absent", 0.0)
        return True

    def hold(self, call: Call, *, why: str) -> None:
        """Can't be proven: a person decides."""
        if self._store.move(call, CallState.HELD, why=why):
            self._store.move_lead(call["lead"], LeadState.HELD, why=why)

    def give_up(self, call: Call) -> None:
        """Placed, but never seen to end."""
        if self._store.move(call, CallState.STALE):
            self._store.move_lead(call["lead"], LeadState.HELD, why="stale")

    def wait_until(self, lead: Lead, due: datetime, why: str) -> None:
        """Let a lead wait."""
        if self._store.move_lead(lead, LeadState.WAITING, why=why):
            lead["due_at"] = due
            self._alarms.lane(lead["campaign"].organization, seconds(due))

    def park_campaign(self, call: Call, reason: str) -> None:
        """Stop a campaign until a person resumes it."""
        campaign = call["campaign"]
        if campaign.parked is None:
            campaign.parked = reason
            self._s.stats["campaign parked"] += 1

    def _wait_again(self, call: Call, why: str, wait: float) -> None:
        over = _over(call)
        if over is not None:
            self._store.move_lead(call["lead"], over, why=over.value)
            return
        self.wait_until(call["lead"], self._s.now + timedelta(seconds=wait), why)

    def _follow(self, call: Call, outcome: Outcome, ended_at: datetime | None) -> None:
        lead = call["lead"]
        attempts = lead["attempts"] + call["campaign"].cadence.counts(outcome)
        if outcome.name == OPTED_OUT:
            call["organization"].suppressed.add(call["phone"])
            self._store.tell("suppress", call["organization"].id, "", call["phone"])
            self._finish(lead, LeadState.SUPPRESSED, outcome, attempts)
            return
        over = _over(call)
        match self._next(call, outcome, ended_at):
            case CallAgain(at=at) if over is None:
                self.wait_until(lead, at, outcome.name)
                lead["attempts"] = attempts
            case CallAgain():
                self._finish(lead, over or LeadState.DONE, outcome, attempts)
            case Finish():
                self._finish(lead, LeadState.DONE, outcome, attempts)

    def _finish(self, lead: Lead, to: LeadState, outcome: Outcome, attempts: int) -> None:
        if self._store.move_lead(lead, to, why=outcome.name):
            lead["attempts"] = attempts

    def _next(self, call: Call, outcome: Outcome, ended_at: datetime | None) -> CallAgain | Finish:
        now, campaign, lead = self._s.now, call["campaign"], call["lead"]
        ended = min(max(ended_at or now, armed_at(call)), now)
        if outcome.scope == "campaign" and not outcome.retryable:
            campaign.faults += 1
            if campaign.faults >= FAULTS_THAT_PARK:
                self.park_campaign(call, outcome.name)
            return CallAgain(ended + FAULT_RETRY)
        campaign.faults = 0

        def opening(after: datetime, part: Part | None) -> datetime | None:
            return next_opening(campaign.rules, PLACE, after, part)

        return plan(
            campaign.cadence,
            reading_outcome=outcome,
            callback_at=None,
            tried=[
                Tried(armed_at(c), str(c["outcome"]), c["counted"])
                for c in self._store.calls
                if c["lead"] is lead and c["outcome"] is not None
            ],
            ended_at=ended,
            zones=PLACE.zones,
            opening=opening,
        )


def _over(call: Call) -> LeadState | None:
    match call["campaign"].state:
        case CampaignState.CANCELLED:
            return LeadState.CANCELLED
        case CampaignState.COMPLETED:
            return LeadState.EXPIRED
        case _:
            return None
