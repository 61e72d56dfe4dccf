"""Connect, arm, send once, record: as `pipeline.dialing.place` has it, over faulty awaits."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from dialer.pipeline.dialing.answers import REFUSALS_BELIEVED, SECOND_CHANCE_SECONDS
from dialer.pipeline.dialing.place import CONNECT_AHEAD_SECONDS
from dialer.pipeline.settling.following import FAULTS_THAT_PARK
from dialer.pipeline.settling.settle import SLOT
from dialer.rules import pacing
from dialer.rules.arm import Clocks, too_late
from dialer.rules.call import CallState
from dialer.rules.lead import LeadState
from dialer.rules.proof.answers import Kind, meaning_of, step_after
from tests.model.database import Database
from tests.model.duty import Duty
from tests.model.faults import FIRST_BYTE
from tests.model.mutants import Mutant
from tests.model.rows import Call, seconds
from tests.model.scheduler import LostError, Scheduler, Worker, rest
from tests.model.settling import Settling
from tests.model.store import Store, TakenError
from tests.model.world import Upstream

_RECORD_TRIES = 60


@dataclass(frozen=True, slots=True)
class _Answer:
    kind: Kind
    why: str
    nonce: int
    status: int | None = None
    partner_call_id: str | None = None


class Placing:
    """Rings claimed calls."""

    def __init__(
        self,
        *,
        scheduler: Scheduler,
        database: Database,
        settling: Settling,
        upstream: Upstream,
        duty: Duty,
    ) -> None:
        self._s = scheduler
        self._database = database
        self._store: Store = database.store
        self._settling = settling
        self._upstream = upstream
        self._duty = duty

    async def place(self, worker: Worker, call: Call) -> None:
        """Ring one claimed call, at its slot, at most once, and record what came of it."""
        row = await self._database.read("place: read", call.copy)
        if row["state"] is not CallState.CLAIMED:
            return
        s = self._s
        wait = max((row["place_at"] - s.now).total_seconds(), 0.0)
        slot = s.t - worker.slept + wait
        if wait > CONNECT_AHEAD_SECONDS:
            await rest(wait - CONNECT_AHEAD_SECONDS, "wait for the slot")
        answer = await self._ask(worker, call, row, slot)
        if await self._record(call, row, answer):
            await self._follow_up(call, answer)

    async def _ask(self, worker: Worker, call: Call, row: Call, slot: float) -> _Answer:
        s = self._s
        nonce = s.rng.getrandbits(62)
        if s.noisy:
            await rest(s.delay(), "connect")
        if s.noisy and s.rng.random() < 0.05 * s.profile.bad:
            s.stats["not sent"] += 1
            return _Answer("not_sent", "connect_failed", nonce)
        early = max(slot - (s.t - worker.slept), 0.0)
        if early or s.noisy:
            await rest(early, "wait for the slot")
        began = self._clocks(worker)
        try:
            closed = await self._database.write("arm", lambda: self._arm(call, row, nonce))
        except LostError:
            return _Answer("not_sent", "database", nonce)
        if closed is None and self._store.mutant is not Mutant.NO_CLOCK_CHECK:
            closed = too_late(began, self._clocks(worker), slot=slot, paced=row["paced"])
        if closed is not None:
            s.stats[f"gate {closed}"] += 1
            return _Answer("gate_closed", closed, nonce)
        return await self._send(call, nonce)

    async def _send(self, call: Call, nonce: int) -> _Answer:
        s = self._s
        checked = s.t
        await rest(0.0002, FIRST_BYTE)
        reply = self._upstream.receive(
            call["organization"].id, call["phone"], call["id"], gap=s.t - checked
        )
        await rest(reply.seconds, "answer")
        return _Answer(reply.kind, reply.why, nonce, reply.status, reply.partner_call_id)

    def _clocks(self, worker: Worker) -> Clocks:
        t = self._s.t
        return Clocks(monotonic=t - worker.slept, wall=t + worker.jumped)

    def _arm(self, call: Call, row: Call, nonce: int) -> str | None:
        closed = self._store.closed_gate(call)
        if closed is not None:
            return closed
        if not self._store.move(call, CallState.DIALING, fence=row["fence"]):
            return "not_ours"
        now = self._s.now
        call["fence"] = nonce
        call["armed_at"] = now
        call["slot_until"] = now + SLOT
        self._database.alarms.tidy(self._s.t + 60.0)
        return None

    async def _record(self, call: Call, row: Call, answer: _Answer) -> bool:
        for attempt in range(_RECORD_TRIES):
            try:
                return await self._database.write(
                    "record", partial(self._write, call, row, answer)
                )
            except TakenError:
                self._s.stats["call id taken"] += 1
                why = "conflict" if answer.why == "conflict" else "call_id_taken"
                answer = replace(answer, kind="unknown", why=why, partner_call_id=None)
            except LostError:
                await rest(min(0.1 * 2**attempt, 10.0), "record: again")
        return False

    def _write(self, call: Call, row: Call, answer: _Answer) -> bool:
        moved = self._move(call, row, answer)
        if not moved:
            self._note_closed(call, answer)
        if answer.why == "conflict":
            self._upstream.list_late(call["id"])
        self._database.alarms.reading(call["organization"], self._s.t + 5.0)
        return moved

    def _move(self, call: Call, row: Call, answer: _Answer) -> bool:
        if self._store.mutant is Mutant.ERRORS_REFUSE and answer.why in (
            "server_error",
            "conflict",
        ):
            answer = replace(answer, kind="refused")
        meaning = meaning_of(answer.kind, answer.why)
        settling, nonce = self._settling, answer.nonce
        match meaning.state:
            case CallState.PLACED:
                return settling.place(
                    call, fence=nonce, partner_call_id=str(answer.partner_call_id)
                )
            case CallState.UNKNOWN:
                return settling.doubt(
                    call,
                    fence=nonce,
                    why=answer.why,
                    closed=True,
                    partner_call_id=answer.partner_call_id,
                )
            case CallState.REFUSED:
                return settling.release(
                    call, fence=row["fence"], why=answer.why, wait=meaning.rest
                ) or settling.refuse(call, fence=nonce, answer=meaning.recorded, wait=meaning.rest)

    def _note_closed(self, call: Call, answer: _Answer) -> None:
        if call["fence"] != answer.nonce:
            return
        if call["state"] is not CallState.UNKNOWN or call["closed_at"] is not None:
            return
        self._s.stats["closed late"] += 1
        call["closed_at"] = self._s.now
        call["sweeps"] = 0
        if answer.why == "conflict":
            call["answer"] = "conflict"
        if call["partner_call_id"] is None:
            self._store.link_if_free(call, answer.partner_call_id)

    async def _follow_up(self, call: Call, answer: _Answer) -> None:
        organization = call["organization"]
        match step_after(answer.kind, answer.status, on_probation=False):
            case "slow_down":
                await self._database.write("follow up", lambda: self._slow_down(call))
            case "park_organization":
                await self._database.write("follow up", lambda: self._park_credentials(call))
            case "read_agent":
                if await self._duty.check(organization):
                    await self._database.write("follow up", lambda: self._explain(call, answer))
            case "renew_token":
                await self._duty.check(organization)
            case "widen" | "count_failure" | None:
                pass

    def _slow_down(self, call: Call) -> None:
        campaign = call["campaign"]
        factor = pacing.slowed(
            campaign.factor,
            since=campaign.factor_at,
            claimed_at=call["claimed_at"],
            now=self._s.now,
        )
        if factor is not None:
            campaign.factor, campaign.factor_at = factor, self._s.now
        wait = 1.0 + 899.0 * self._s.rng.random() ** 3
        self._duty.park(call["organization"], "rate_limited", wait)

    def _park_credentials(self, call: Call) -> None:
        self._s.stats["organization parked"] += 1
        call["organization"].credentials_parked_until = self._s.t + 300.0

    def _explain(self, call: Call, answer: _Answer) -> None:
        lead, store = call["lead"], self._store
        if answer.why == "not_found" and lead["partner_lead"]:
            if call["campaign"].call_without_lead:
                lead["partner_lead"] = False
            elif store.move_lead(lead, LeadState.HELD, why="partner_lead_unknown"):
                self._s.stats["lead held"] += 1
            return
        refused = sum(
            1
            for c in store.calls
            if c["lead"] is lead
            and c["state"] is CallState.REFUSED
            and c["answer"] in ("bad_request", "not_found")
        )
        if lead["state"] is LeadState.WAITING and refused < REFUSALS_BELIEVED:
            later = self._s.now + timedelta(seconds=SECOND_CHANCE_SECONDS)
            lead["due_at"] = max(lead["due_at"], later)
            self._database.alarms.lane(lead["campaign"].organization, seconds(lead["due_at"]))
        elif lead["state"] is LeadState.WAITING:
            store.move_lead(lead, LeadState.DONE, why="refused_by_upstream")
            call["campaign"].refusals += 1
            if call["campaign"].refusals >= FAULTS_THAT_PARK:
                self._settling.park_campaign(call, "unexplained_refusals")
