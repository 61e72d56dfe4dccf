"""Plays one schedule on real processes, and judges it by what rang."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx2

from dialer import clock
from dialer.rules.call import CallState
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import ConflictError
from tests.faults.books import Books, Row, read
from tests.faults.campaign.draw import Schedule
from tests.faults.campaign.strikes import AGENT, Deeds, Striker
from tests.faults.promises import SAME_INSTANT, broken
from tests.faults.rig.program import Program
from tests.faults.rig.rig import Rig, rigged
from tests.faults.rig.servers import Servers
from tests.support.people import leads

MORNING = "2026-03-03T13:30:00Z"
SPEED = 400.0
END_SECONDS = 400.0
"""Longer than any rest: five minutes for an organization whose calls stay unauthorized."""

POSTING_SECONDS = 60.0
_REFUSAL = (CallState.DIALING, CallState.REFUSED)
TAKEN = (200, 202, 207)


@dataclass
class Played:
    """What came of a schedule.

    Attributes:
        schedule: What was played.
        violations: Empty if every promise held.
        rings: How many phones rang.
        kills: How many kills struck; a moment that never came strikes nobody.
        strikes: How many faults struck.
        recoveries: Real seconds from each kill to the next ring (or the upstream's refusal of
            one), where somebody was waiting.
        calls: Calls by their last state.
        leads: Leads by their last state.
    """

    schedule: Schedule
    violations: list[str] = field(default_factory=list)
    rings: int = 0
    kills: int = 0
    strikes: int = 0
    recoveries: list[float] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    leads: Counter[str] = field(default_factory=Counter)


async def play(schedule: Schedule, servers: Servers, home: Path) -> Played:
    """Play a schedule; whatever goes wrong on the way is a violation."""
    async with rigged(
        servers,
        home=home,
        speed=SPEED,
        start=MORNING,
        OUTDIAL_PARTNER_CALL_TIMEOUT_SECONDS="2",
        OUTDIAL_PROBE_SECONDS="1",
        OUTDIAL_DUTY_CACHE_SECONDS="1",
        OUTDIAL_POLL_DELAY_MS="100",
        OUTDIAL_LOG_LEVEL="error",
    ) as rig:
        campaign = await rig.system.campaign(
            absence_proof="balanced",
            cadence={"max_attempts": 1},
            concurrency=schedule.concurrency,
        )
        striker = Striker(rig=rig, campaign=campaign, people=schedule.leads)
        await rig.start(*rig.workers, rig.api)
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(_keep_alive(rig))
            posting = group.create_task(_post_all(rig, campaign, schedule))
            for each in [group.create_task(striker.strike(s)) for s in schedule.strikes]:
                await each
            acknowledged = await posting
            await _calm(rig, campaign)
            finished = await _finished(rig, schedule.leads)
            keeper.cancel()
        return await _judge(rig, schedule, striker, acknowledged, finished=finished)


async def _keep_alive(rig: Rig) -> None:
    """Start again what died, as any supervisor does."""
    while True:
        for program in (*rig.workers, rig.api):
            if not await asyncio.to_thread(lambda p=program: p.alive):  # type: ignore[misc]  # a default argument binds the loop's variable
                await _start(program)
        await asyncio.sleep(0.1)


async def _start(program: Program) -> None:
    # It ends at once while the database is away, or is killed at its first step.
    with contextlib.suppress(RuntimeError, ValueError):
        await asyncio.to_thread(program.start)


async def _post_all(rig: Rig, campaign: UUID, schedule: Schedule) -> set[str]:
    """Post everybody; whoever isn't acknowledged is posted again under the same key."""
    acknowledged: set[str] = set()
    everyone = leads(schedule.leads)
    pause = 3.0 * schedule.batch / schedule.leads
    for first in range(0, len(everyone), schedule.batch):
        batch = everyone[first : first + schedule.batch]
        deadline = clock.monotonic() + POSTING_SECONDS
        while not await _posted(rig, campaign, batch, key=f"batch-{first}"):
            if clock.monotonic() > deadline:
                raise AssertionError(f"batch {first} was never acknowledged")
            await asyncio.sleep(0.2)
        acknowledged.update(str(lead["external_id"]) for lead in batch)
        await asyncio.sleep(pause)
    return acknowledged


async def _posted(
    rig: Rig, campaign: UUID, batch: Sequence[dict[str, object]], *, key: str
) -> bool:
    headers = {"Idempotency-Key": key}
    try:
        answer = await rig.post(campaign, batch, **headers)
    except (httpx2.TransportError, KeyError):
        return False
    if answer.status_code in TAKEN:
        # A lead that a first try took in is a duplicate for the second.
        assert {r["status"] for r in answer.json()["rows"]} <= {"accepted", "duplicate"}
        return True
    # Busy, or away for a while: said so, with a code.
    assert answer.status_code in (409, 503), answer.text
    return False


async def _calm(rig: Rig, campaign: UUID) -> None:
    for moment in rig.moments:
        moment.times = 0
    await asyncio.to_thread(rig.sandbox.clear_faults)
    await asyncio.to_thread(rig.sandbox.set_agent, AGENT, on_duty=True)
    with contextlib.suppress(ConflictError):
        await rig.system.move(campaign, CampaignState.RUNNING)


async def _finished(rig: Rig, people: int) -> str | None:
    """Wait until every lead is in its last bucket; what is left over if that never happens."""

    async def nothing_open() -> bool:
        states = await rig.system.states("leads")
        return sum(states.values()) >= people and not states.keys() & {"waiting", "calling"}

    try:
        await rig.system.eventually("every lead is finished", nothing_open, seconds=END_SECONDS)
    except AssertionError as error:
        return str(error)
    return None


async def _judge(
    rig: Rig,
    schedule: Schedule,
    striker: Striker,
    acknowledged: set[str],
    *,
    finished: str | None,
) -> Played:
    books = await read(rig.system)
    violations = broken(books)
    violations += [f"I3 {finished}"] if finished else []
    violations += _people(books, acknowledged)
    violations += _stops(books, striker.deeds)
    return Played(
        schedule=schedule,
        violations=violations,
        rings=len(books.rings),
        kills=len(striker.deeds.kills),
        strikes=striker.struck,
        recoveries=recoveries(books, striker.deeds.kills),
        calls=Counter(call["state"] for call in books.calls),
        leads=Counter(lead["state"] for lead in books.leads),
    )


def _people(books: Books, acknowledged: set[str]) -> list[str]:
    there = Counter(lead["external_id"] for lead in books.leads)
    rang = Counter(ring["phone"] for ring in books.rings)
    found = [f"I3 {who} was acknowledged and is lost" for who in acknowledged - there.keys()]
    found += [f"I3 {who} was taken in {n} times" for who, n in there.items() if n > 1]
    found += [f"I1 {phone} rang {n} times" for phone, n in rang.items() if n > 1]
    called = {call["lead_id"] for call in books.calls if call["state"] == CallState.ENDED}
    for lead in books.leads:
        if lead["state"] == "done" and lead["id"] not in called:
            found.append(f"I3 lead {lead['external_id']} is done, and nobody was reached")
        if lead["state"] == "done" and not rang[lead["phone"]]:
            found.append(f"I5 lead {lead['external_id']} is done, and no phone rang")
    return found


def _stops(books: Books, deeds: Deeds) -> list[str]:
    phones = {str(call["id"]): call["phone"] for call in books.calls}
    found = []
    for line in _arms(books):
        at, phone = line["real"], phones[str(line["id"])]
        if any(begun + SAME_INSTANT < at < over for begun, over in deeds.paused):
            found.append(f"I7 call {line['id']} was armed in a pause")
        if phone in deeds.suppressed and at > deeds.suppressed[phone] + SAME_INSTANT:
            found.append(f"I7 call {line['id']} was armed after its number was suppressed")
    return found


def _arms(books: Books) -> list[Row]:
    return [
        line
        for line in books.audit
        if line["kind"] == "calls" and line["now"] == CallState.DIALING
    ]


def recoveries(books: Books, kills: Sequence[float]) -> list[float]:
    """Real seconds from each kill to the next ring, of leads that were waiting at the kill.

    A call that was armed at the kill isn't recovered but settled: its own ring doesn't count.
    A call that the upstream refused counts when it was refused: the lead's second chance is a
    minute later on purpose, whatever was killed.
    """
    sent = {str(call["id"]) for call in books.calls if call["answer"] != "not_sent"}
    refused = {
        str(line["id"]): line["real"]
        for line in books.audit
        if line["kind"] == "calls" and (line["was"], line["now"]) == _REFUSAL
    }
    answered = {call: at for call, at in refused.items() if call in sent}
    answered |= {ring["request_id"]: ring["real"] for ring in books.rings}
    lead_of = {str(call["id"]): str(call["lead_id"]) for call in books.calls}
    accepted = {
        str(line["id"]): line["real"]
        for line in books.audit
        if line["kind"] == "leads" and line["was"] is None
    }
    first_arm: dict[str, float] = {}
    for line in _arms(books):
        first_arm.setdefault(lead_of[str(line["id"])], line["real"])
    found: list[float] = []
    for kill in kills:
        after = [
            answered[call] - kill
            for call, lead in lead_of.items()
            if call in answered and accepted[lead] < kill < first_arm[lead]
        ]
        found += [min(after)] if after else []
    return found
