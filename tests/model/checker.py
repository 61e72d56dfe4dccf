"""The checker: I1 to I10 of the call protocol, from the store's log and the ring ledger alone.

It shares nothing with the code that it judges but the tables of legal transitions: it replays
every line of the log and keeps its own picture of what was open, paused and suppressed.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from dialer.rules.arm import ARM_SECONDS
from dialer.rules.call import CALL_TRANSITIONS, OPEN, CallState
from dialer.rules.campaign import CAMPAIGN_TRANSITIONS, CampaignState
from dialer.rules.lead import FINISHED, LEAD_TRANSITIONS, LeadState
from tests.model.rows import Call, Lead, seconds
from tests.model.scheduler import Scheduler
from tests.model.store import Entry, Store
from tests.model.world import Ring, Upstream

_ROUNDING = 0.05
_NEVER_RANG = (CallState.ABSENT, CallState.REFUSED, CallState.RELEASED)
_SLOTTED = (
    CallState.CLAIMED,
    CallState.DIALING,
    CallState.PLACED,
    CallState.LIVE,
    CallState.UNKNOWN,
)
_SLOT = 1_800.0


@dataclass(slots=True)
class _Picture:
    """What was so at one moment of the log."""

    calls: dict[int, str] = field(default_factory=dict)
    leads: dict[int, str] = field(default_factory=dict)
    campaigns: dict[int, str] = field(default_factory=dict)
    paused: set[int] = field(default_factory=set)
    suppressed: set[tuple[int, str]] = field(default_factory=set)
    armed: dict[int, float] = field(default_factory=dict)
    slots: dict[int, float] = field(default_factory=dict)
    decided: set[int] = field(default_factory=set)


def check(store: Store, upstream: Upstream, scheduler: Scheduler) -> tuple[str, ...]:
    """Find every violation; each begins with the name of the invariant it breaks."""
    checker = _Checker(store, upstream, scheduler)
    return tuple(checker.all())


class _Checker:
    def __init__(self, store: Store, upstream: Upstream, scheduler: Scheduler) -> None:
        self._store = store
        self._upstream = upstream
        self._s = scheduler
        self._seen = _Picture()
        self._found: list[str] = []

    def all(self) -> Iterator[str]:
        for entry in self._store.log:
            self._replay(entry)
        yield from self._found
        yield from self._rings()
        yield from self._buckets()
        yield from self._pace()

    def _replay(self, entry: Entry) -> None:
        seen, row, now = self._seen, entry.id, entry.now
        match entry.what:
            case "call":
                self._call(entry)
            case "lead":
                self._lead(entry)
            case "campaign":
                self._campaign(entry)
            case "accept":
                seen.leads[row] = now
            case "undo":
                (seen.calls if entry.was == "call" else seen.leads)[row] = now
            case _:
                self._deed(entry)

    def _deed(self, entry: Entry) -> None:
        seen = self._seen
        match entry.what:
            case "pause all":
                seen.paused.add(entry.id)
            case "resume all":
                seen.paused.discard(entry.id)
            case "suppress":
                seen.suppressed.add((entry.id, entry.now))
            case other:
                self._found.append(f"a line of the log that nobody knows: {other}")

    def _lead(self, entry: Entry) -> None:
        row, known = entry.id, self._seen.leads
        self._stats("lead", entry)
        if LeadState(entry.now) not in LEAD_TRANSITIONS[LeadState(entry.was)]:
            self._found.append(f"I9 lead {row}: {entry.was} -> {entry.now}")
        if known.get(row) != entry.was:
            self._found.append(f"I3 lead {row} was {known.get(row)}, not {entry.was}")
        known[row] = entry.now

    def _campaign(self, entry: Entry) -> None:
        self._stats("campaign", entry)
        if CampaignState(entry.now) not in CAMPAIGN_TRANSITIONS[CampaignState(entry.was)]:
            self._found.append(f"I9 campaign {entry.id}: {entry.was} -> {entry.now}")
        self._seen.campaigns[entry.id] = entry.now

    def _call(self, entry: Entry) -> None:
        seen, row, was, now = self._seen, entry.id, entry.was, entry.now
        self._stats("call", entry)
        if was and CallState(now) not in CALL_TRANSITIONS[CallState(was)]:
            self._found.append(f"I9 call {row}: {was} -> {now}")
        call = self._store.calls[row - 1]
        if not was:
            self._claim(call)
        if now == CallState.DIALING or entry.why == "restored":
            seen.slots[row] = entry.t
        if now == CallState.DIALING:
            seen.armed[row] = entry.t
            if call["worker"]:
                self._arm(call, entry)
        if entry.why == "decided":
            seen.decided.add(row)
        seen.calls[row] = now

    def _claim(self, call: Call) -> None:
        seen, organization = self._seen, call["organization"]
        for number, state in seen.calls.items():
            other = self._store.calls[number - 1]
            if (
                state in OPEN
                and other["organization"] is organization
                and other["phone"] == call["phone"]
            ):
                self._found.append(f"I2 calls {number} and {call['id']} are open to one number")
        if organization.concurrency is not None and call["worker"]:
            held = sum(1 for n, state in seen.calls.items() if self._holds(n, state, call))
            if held >= organization.concurrency:
                self._found.append(f"I6 call {call['id']} is one too many at once")

    def _holds(self, number: int, state: str, claimed: Call) -> bool:
        other = self._store.calls[number - 1]
        armed = self._seen.slots.get(number)
        if other["worker"] == 0 or other["organization"] is not claimed["organization"]:
            return False
        past = armed is not None and armed + _SLOT <= seconds(claimed["claimed_at"])
        return state in _SLOTTED and not past

    def _arm(self, call: Call, entry: Entry) -> None:
        seen, campaign = self._seen, call["campaign"]
        why = None
        if seen.campaigns.get(campaign.id, CampaignState.RUNNING) != CampaignState.RUNNING:
            why = "its campaign did not run"
        elif campaign.organization.id in seen.paused:
            why = "everything was paused"
        elif (campaign.organization.id, call["phone"]) in seen.suppressed:
            why = "the number was suppressed"
        elif seen.leads[call["lead"]["id"]] != LeadState.CALLING:
            why = "its lead was not being called"
        elif entry.t >= seconds(call["window_until"]):
            why = "the window was closed"
        if why is not None:
            self._found.append(f"I7 call {call['id']} was armed although {why}")

    def _rings(self) -> Iterator[str]:
        rang: dict[int, list[Ring]] = {}
        for ring in self._upstream.ledger:
            if ring.call is not None:
                rang.setdefault(ring.call, []).append(ring)
        for number, rings in rang.items():
            call = self._store.calls[number - 1]
            yield from self._ring(call, rings[0])
            if len(rings) > 1:
                yield f"I1 call {number} rang {len(rings)} times"

    def _ring(self, call: Call, ring: Ring) -> Iterator[str]:
        number, state = call["id"], call["state"]
        self._s.stats["ring"] += 1
        armed = self._seen.armed.get(number)
        decided = number in self._seen.decided
        if armed is None or armed > ring.sent:
            yield f"I4 call {number} rang without an arm"
            return
        if ring.sent - armed - ring.gap > ARM_SECONDS + _ROUNDING:
            yield f"I7 call {number} was sent {ring.sent - armed:.0f} s after its arm"
        if ring.gap > 1.0:
            self._s.stats["sent after a freeze at the first byte"] += 1
        if state in _NEVER_RANG and not decided:
            yield f"I8 call {number} rang and is {state.value}"
        if ring.organization != call["organization"].id or ring.phone != call["phone"]:
            yield f"I10 call {number} rang somebody else's number"
        yield from self._linked(call, ring, decided=decided)

    def _linked(self, call: Call, ring: Ring, *, decided: bool) -> Iterator[str]:
        number, given = call["id"], call["partner_call_id"]
        if given == ring.id or decided or call["state"] in _NEVER_RANG:
            return
        if given is None:
            if call["state"] is not CallState.HELD:
                yield f"I5 the ring of call {number} is linked to nothing"
            return
        other = self._upstream.by_id[given]
        if other.organization != ring.organization:
            yield f"I10 call {number} carries another tenant's call"
        elif other.phone != ring.phone or not self._is_foreign(other.phone):
            yield f"I5 call {number} carries the ring of call {other.call}"
        else:
            self._s.stats["foreign call taken for ours"] += 1

    def _is_foreign(self, phone: str) -> bool:
        # Once a stranger's ring was taken for ours, the next call may find the one left over.
        return any(r.call is None and r.phone == phone for r in self._upstream.ledger)

    def _buckets(self) -> Iterator[str]:
        seen = self._seen
        if len(seen.leads) != len(self._store.leads):
            yield "I3 leads and accepted leads don't add up"
        for lead in self._store.leads:
            if seen.leads.get(lead["id"]) != lead["state"]:
                yield f"I3 lead {lead['id']} is {lead['state']}, the log says otherwise"
            why = self._lost(lead)
            if why is not None:
                yield f"I3 lead {lead['id']} is lost: {why}"

    def _lost(self, lead: Lead) -> str | None:
        s, state = self._s, lead["state"]
        s.stats[f"lead ends {state.value}"] += 1
        if state in FINISHED:
            return None
        mine = [c for c in self._store.unfinished.values() if c["lead"] is lead]
        if state is LeadState.HELD:
            held = [c for c in mine if c["state"] in (CallState.HELD, CallState.STALE)]
            return None if held or lead["reason"] == "partner_lead_unknown" else "held for nothing"
        if state is LeadState.CALLING:
            return f"calling after days of quiet, with {[c['state'].value for c in mine]}"
        campaign = lead["campaign"]
        visible = campaign.parked is not None or self._store.is_busy(
            campaign.organization, lead["phone"]
        )
        if visible or seconds(lead["due_at"]) > s.t - 120.0:
            return None
        return f"due since {lead['due_at']:%d %H:%M} and nobody calls ({lead['reason']})"

    def _pace(self) -> Iterator[str]:
        for campaign in self._store.campaigns:
            most = campaign.calls_per_minute
            if most is None:
                continue
            times = sorted(
                ring.sent
                for ring in self._upstream.ledger
                if ring.call is not None
                and ring.gap < 1.0
                and self._store.calls[ring.call - 1]["campaign"] is campaign
            )
            for index, first in enumerate(times):
                if bisect_right(times, first + 60.0) - index > most:
                    yield f"I6 campaign {campaign.id}: more than {most} rings a minute"
                    break

    def _stats(self, what: str, entry: Entry) -> None:
        self._s.stats[f"{what} {entry.was or 'new'} -> {entry.now}"] += 1
