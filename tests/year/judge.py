"""Judges a campaign's year by the sandbox's own record of what rang.

`broken` is pure: books in, violations out. Our own rows are only asked which ring was for which
lead, and where each lead is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dialer.store.reports import ledger
from tests.year import plan
from tests.year.drive import Drive
from tests.year.oracle import DAY, candidates, caps, home, is_open, opening
from tests.year.people import Person

Row = Mapping[str, Any]

HAIR = timedelta(seconds=3)
"""A phone rings up to so long after the arm that the caps count by: two rings may be that much
closer to each other than their arms."""

PROMPT = timedelta(minutes=15)
"""A first call comes so soon after it may, at the latest: others may hold the slots meanwhile."""

QUIET_DAYS = 8
_FINISHED = frozenset({"done", "suppressed", "expired"})
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A phone rang.

    Attributes:
        at: By the sandbox's clock.
        phone: Whose, E.164.
        call: The id of our call that the request named.
        partner_call_id: The sandbox's own id of it.
        ended: When the talk was over.
        outcome: What happened at the other end, by the sandbox's own script.
    """

    at: datetime
    phone: str
    call: str
    partner_call_id: str
    ended: datetime
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everything that a year is judged by.

    Attributes:
        rings: In order.
        calls: Our calls, by id.
        leads: Our leads, by the name of the person.
        people: Whoever came in, by name.
        accepted: How many were accepted, by the receipts.
        balances: Of each campaign: how many were accepted and how many are in a bucket.
        end: Campaign time at the end.
    """

    rings: Sequence[Ring]
    calls: Mapping[str, Row]
    leads: Mapping[str, Row]
    people: Mapping[str, Person]
    accepted: int
    balances: Sequence[tuple[int, int]]
    end: datetime

    def person_of(self, ring: Ring) -> Person:
        """Who was to be called."""
        return self.people[str(self.calls[ring.call]["external_id"])]


async def read(drive: Drive, everyone: Sequence[Person]) -> Books:
    """Read the rings first, then our rows."""
    rings = [_ring(drive, ring) for ring in drive.sandbox.rings()]
    calls = await drive.house.rows(
        "SELECT c.*, l.external_id FROM calls c JOIN leads l ON l.id = c.lead_id"
    )
    leads = await drive.house.rows("SELECT * FROM leads")
    async with drive.house.context.engine.connect() as conn:
        found = await ledger.by_campaign(conn, organization_id=drive.house.organization_id)
    return Books(
        rings=rings,
        calls={str(call["id"]): dict(call) for call in calls},
        leads={str(lead["external_id"]): dict(lead) for lead in leads},
        people={person.name: person for person in everyone},
        accepted=drive.receipts["accepted"],
        balances=[(row["accepted"], sum(row[b] for b in ledger.BUCKETS)) for row in found],
        end=await drive.house.now(),
    )


def _ring(drive: Drive, ring: Row) -> Ring:
    fate = drive.sandbox.call(ring["call_id"])
    return Ring(
        at=datetime.fromisoformat(ring["at"]),
        phone=ring["phone"],
        call=str(ring["request_id"]),
        partner_call_id=ring["call_id"],
        ended=datetime.fromisoformat(fate["ended"]),
        outcome=fate["outcome"],
    )


def broken(books: Books) -> list[str]:
    """Every violation."""
    found = [*_attempts(books)]
    if found:
        # A ring of nobody's can't be judged further.
        return found
    return [*_windows(books), *_numbers(books), *_nobody_lost(books), *_prompt(books)]


def _attempts(books: Books) -> Iterator[str]:
    """Each attempt rang once at most, is linked to its ring, and rang the phone it was for."""
    times = Counter(ring.call for ring in books.rings)
    yield from (f"call {call} rang {n} times" for call, n in times.items() if n > 1)
    for ring in books.rings:
        call = books.calls.get(ring.call)
        if call is None:
            yield f"a ring at {ring.at} is for no call of ours"
        elif (call["partner_call_id"], call["phone"]) != (ring.partner_call_id, ring.phone):
            yield f"call {ring.call} is not the one that rang at {ring.at}"
    by_lead = Counter(
        str(books.calls[r.call]["external_id"]) for r in books.rings if r.call in books.calls
    )
    for name, n in by_lead.items():
        if n > plan.MOST_RINGS:
            yield f"{name} was called {n} times"


def _windows(books: Books) -> Iterator[str]:
    """Every ring is lawful where the person is, and wherever it may be."""
    for ring in books.rings:
        person = books.person_of(ring)
        for what, where in (("home", home(person)), ("candidates", candidates(person))):
            if not is_open(where, ring.at):
                yield f"{person.name} rang at {ring.at}, closed by its {what}: {where}"
        if ring.at < max(person.at, person.not_before or person.at):
            yield f"{person.name} rang at {ring.at}, too early"
        if person.expires_at and ring.at >= person.expires_at:
            yield f"{person.name} rang at {ring.at}, expired"


def _numbers(books: Books) -> Iterator[str]:
    """No number rings too often, nor in its own call, nor after its owner opted out."""
    by_phone: dict[str, list[Ring]] = defaultdict(list)
    for ring in sorted(books.rings, key=lambda one: one.at):
        earlier = by_phone[ring.phone]
        yield from _caps(books.person_of(ring), ring, earlier)
        yield from _after(ring, earlier)
        earlier.append(ring)


def _caps(person: Person, ring: Ring, earlier: Sequence[Ring]) -> Iterator[str]:
    in_24h, in_7d = caps(candidates(person))
    for span, most in ((DAY, in_24h), (_WEEK, in_7d)):
        times = sum(ring.at - other.at < span - HAIR for other in earlier) + 1
        if times > most:
            yield f"{ring.phone} rang {times} times in {span} at {ring.at}, with {most} allowed"


def _after(ring: Ring, earlier: Sequence[Ring]) -> Iterator[str]:
    gap = timedelta(minutes=plan.GAP_MINUTES)
    if earlier and ring.at - earlier[-1].at < gap - HAIR:
        yield f"{ring.phone} rang at {ring.at}, and at {earlier[-1].at}"
    if any(other.ended > ring.at for other in earlier):
        yield f"{ring.phone} rang at {ring.at}, in a call"
    if any(other.outcome == "opt_out" for other in earlier):
        yield f"{ring.phone} rang at {ring.at}, after it had opted out"


def _nobody_lost(books: Books) -> Iterator[str]:
    """Whoever was accepted is in a bucket, and has come to an end where an end can be had."""
    if len(books.leads) != books.accepted:
        yield f"{books.accepted} leads were accepted, {len(books.leads)} are there"
    yield from (
        f"{n} leads were accepted, {m} are in buckets" for n, m in books.balances if n != m
    )
    for name, lead in books.leads.items():
        if lead["state"] in _FINISHED:
            continue
        where = candidates(books.people[name])
        if lead["state"] != "waiting" or opening(where, books.end, days=QUIET_DAYS) is not None:
            yield f"{name} is left {lead['state']} for {lead['reason']} until {lead['due_at']}"


def _prompt(books: Books) -> Iterator[str]:
    """A first call comes as soon as it may, where its number has not rung lately."""
    first: dict[str, Ring] = {}
    busy: dict[str, list[datetime]] = defaultdict(list)
    for ring in sorted(books.rings, key=lambda one: one.at):
        first.setdefault(str(books.calls[ring.call]["external_id"]), ring)
        busy[ring.phone].append(ring.at)
    for name, ring in first.items():
        person = books.people[name]
        since = max(person.at, person.not_before or person.at)
        lately = any(since - _WEEK <= at < ring.at for at in busy[ring.phone])
        opens = opening(candidates(person), since, days=QUIET_DAYS)
        if not lately and (opens is None or ring.at - opens > PROMPT):
            yield f"{name} rang at {ring.at}, and might have at {opens}"
    yield from _never_called(books, set(first))


def _never_called(books: Books, called: set[str]) -> Iterator[str]:
    for name, lead in books.leads.items():
        if name not in called and lead["state"] == "done":
            yield f"{name} is done for {lead['reason']}, and was never called"
