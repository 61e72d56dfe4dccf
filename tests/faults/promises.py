"""The invariants I1 to I9 of the call protocol, judged by the ring ledger and the audit.

`broken` is pure: books in, violations out. It shares nothing with the code that it judges but the
tables of legal transitions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from dialer.rules.call import CALL_TRANSITIONS, OPEN, CallState
from dialer.rules.campaign import CAMPAIGN_TRANSITIONS, CampaignState
from dialer.rules.lead import LEAD_TRANSITIONS, LeadState
from dialer.store.reports.ledger import BUCKETS
from tests.faults.books import Books, Row, read, witness
from tests.support.system import System

__all__ = ["broken", "promises", "witness"]

NEVER_RANG = frozenset({CallState.ABSENT, CallState.REFUSED, CallState.RELEASED})
UNSETTLED = frozenset({CallState.DIALING, CallState.UNKNOWN, CallState.HELD})
SLOTTED = frozenset({CallState.CLAIMED, CallState.DIALING, CallState.PLACED, CallState.LIVE})
SLOT_SECONDS = 1_800.0
SAME_INSTANT = 0.05
"""Two processes of one machine read one clock; a hair's breadth between their readings."""

_TABLES = {
    "calls": {str(k): {str(s) for s in v} for k, v in CALL_TRANSITIONS.items()},
    "leads": {str(k): {str(s) for s in v} for k, v in LEAD_TRANSITIONS.items()},
    "campaigns": {str(k): {str(s) for s in v} for k, v in CAMPAIGN_TRANSITIONS.items()},
}
_FIRST: dict[str, set[str]] = {
    "calls": {CallState.CLAIMED, CallState.UNKNOWN, CallState.PLACED, CallState.ENDED},
    "leads": {LeadState.WAITING, LeadState.SUPPRESSED},
    "campaigns": {CampaignState.DRAFT},
}


async def promises(system: System) -> Books:
    """Hold our rows against what rang.

    Returns:
        The books that were judged.

    Raises:
        AssertionError: A promise is broken; it names the invariant, the call and the states.
    """
    books = await read(system)
    found = broken(books)
    assert not found, "\n".join(found)
    return books


def broken(books: Books) -> list[str]:
    """Every violation; each begins with the name of the invariant that it breaks."""
    return [*_rings(books), *_Replay(books).all(), *_buckets(books), *_pace(books)]


def _rings(books: Books) -> Iterator[str]:
    calls = {str(call["id"]): call for call in books.calls}
    armed = {
        str(line["id"]): line["real"] for line in books.audit if line["now"] == CallState.DIALING
    }
    times = Counter(ring["request_id"] for ring in books.rings if _is_ours(ring))
    yield from (f"I1 call {call} rang {n} times" for call, n in times.items() if n > 1)
    foreign = {ring["phone"]: ring["call_id"] for ring in books.rings if not _is_ours(ring)}
    for ring in books.rings:
        if not _is_ours(ring):
            continue
        call = calls.get(ring["request_id"])
        if call is None:
            yield f"I5 ring {ring['call_id']} of {ring['request_id']} has no call"
            continue
        yield from _ring(call, ring, decided=str(call["id"]) in books.decided)
        yield from _link(call, ring, foreign=foreign, decided=str(call["id"]) in books.decided)
        if books.audit:
            yield from _arm(call, ring, armed.get(str(call["id"])))


def _is_ours(ring: Row) -> bool:
    # We say which call a request is for; a stranger's request says nothing, or another word.
    try:
        UUID(ring["request_id"] or "")
    except ValueError:
        return False
    return True


def _ring(call: Row, ring: Row, *, decided: bool) -> Iterator[str]:
    name = call["id"]
    if call["armed_at"] is None:
        yield f"I4 call {name} rang without an arm ({call['state']})"
    if call["state"] in NEVER_RANG and not decided:
        yield f"I8 call {name} rang and is {call['state']}"
    if (call["phone"], call["partner_agent_id"]) != (ring["phone"], ring["agent_id"]):
        yield f"I10 call {name} rang somebody else's phone, or by another agent"


def _link(call: Row, ring: Row, *, foreign: dict[str, str], decided: bool) -> Iterator[str]:
    given = call["partner_call_id"]
    if given == ring["call_id"] or decided or call["state"] in (UNSETTLED | NEVER_RANG):
        return
    # A stranger's call to the same number may be taken for ours: it costs one call, in plain
    # sight. Whoever comes next may then find the one that is left over.
    if given is None or call["phone"] not in foreign:
        yield f"I5 the ring of call {call['id']} ({call['state']}) is linked to {given}"


def _arm(call: Row, ring: Row, armed: float | None) -> Iterator[str]:
    if armed is None:
        yield f"I4 call {call['id']} rang, and nobody saw it armed"
    elif ring["real"] + SAME_INSTANT < armed:
        yield f"I4 call {call['id']} rang {armed - ring['real']:.3f} s before its arm"


@dataclass
class _Replay:
    """Reads the audit from its first line, and keeps its own picture of what is open."""

    books: Books
    state: dict[tuple[str, str], str] = field(default_factory=dict)
    armed: dict[str, float] = field(default_factory=dict)
    open: dict[tuple[str, str], str] = field(default_factory=dict)

    def all(self) -> Iterator[str]:
        calls = {str(call["id"]): call for call in self.books.calls}
        for line in self.books.audit:
            yield from self._legal(line)
            if line["kind"] == "calls" and (call := calls.get(str(line["id"]))) is not None:
                yield from self._number(call, line)
                yield from self._running(call, line)
                yield from self._caps(call, line, calls)
            self.state[line["kind"], str(line["id"])] = line["now"]
        yield from self._ends()

    def _legal(self, line: Row) -> Iterator[str]:
        kind, was, now = line["kind"], line["was"], line["now"]
        name = f"{kind[:-1]} {line['id']}"
        known = self.state.get((kind, str(line["id"])))
        if was is None:
            if now not in _FIRST[kind]:
                yield f"I9 {name} began as {now}"
        elif now not in _TABLES[kind][was]:
            yield f"I9 {name}: {was} -> {now}"
        if was is not None and known is not None and known != was:
            yield f"I9 {name} was {known}, not {was}"

    def _number(self, call: Row, line: Row) -> Iterator[str]:
        number = (str(call["organization_id"]), call["phone"])
        holder = self.open.get(number)
        if line["now"] in OPEN:
            if holder not in (None, str(call["id"])):
                yield f"I2 calls {holder} and {call['id']} are open to one number"
            self.open[number] = str(call["id"])
        elif holder == str(call["id"]):
            del self.open[number]

    def _running(self, call: Row, line: Row) -> Iterator[str]:
        if line["now"] != CallState.DIALING:
            return
        self.armed[str(call["id"])] = line["at"].timestamp()
        campaign = self.state.get(("campaigns", str(call["campaign_id"])), CampaignState.RUNNING)
        if campaign != CampaignState.RUNNING:
            yield f"I7 call {call['id']} was armed although its campaign was {campaign}"

    def _caps(self, call: Row, line: Row, calls: dict[str, Row]) -> Iterator[str]:
        if line["was"] is not None or line["now"] != CallState.CLAIMED:
            return
        for column in ("organization_id", "business_id", "agent_id", "campaign_id"):
            most = self.books.caps.get(str(call[column]))
            if most is not None and self._held(call, column, line, calls) >= most:
                yield f"I6 call {call['id']} is one too many at once for its {column[:-3]}"

    def _held(self, call: Row, column: str, line: Row, calls: dict[str, Row]) -> int:
        now = line["at"].timestamp()
        return sum(
            1
            for holder in self.open.values()
            if holder != str(call["id"])
            and self.state.get(("calls", holder)) in SLOTTED
            and calls[holder][column] == call[column]
            and now - self.armed.get(holder, now) < SLOT_SECONDS
        )

    def _ends(self) -> Iterator[str]:
        for kind, rows in (("calls", self.books.calls), ("leads", self.books.leads)):
            for row in rows if self.books.audit else ():
                known = self.state.get((kind, str(row["id"])))
                if known is not None and known != row["state"]:
                    yield f"I9 {kind[:-1]} {row['id']} is {row['state']}, the audit says {known}"


def _buckets(books: Books) -> Iterator[str]:
    for row in books.ledger:
        held = sum(row[bucket] for bucket in BUCKETS)
        if held != row["accepted"]:
            yield f"I3 campaign {row['id']} accepted {row['accepted']} leads and has {held}"


def _pace(books: Books) -> Iterator[str]:
    """No call is armed before its slot; two calls of a lead never overlap."""
    by_lead: dict[str, list[Row]] = defaultdict(list)
    for call in books.calls:
        by_lead[str(call["lead_id"])].append(call)
        if call["paced"] and call["armed"] is not None and call["armed"] < call["place"]:
            yield f"I6 call {call['id']} was armed before its slot"
    for lead, calls in by_lead.items():
        if sum(1 for call in calls if call["state"] in OPEN) > 1:
            yield f"I2 lead {lead} has several open calls"
