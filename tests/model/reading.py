"""Read the history and settle calls, as `dialer.pipeline.reconciling` has it.

The readings themselves are the production coroutines, driven against a list that moves.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from dialer.pipeline.reconciling import history
from dialer.pipeline.reconciling.absences import GROUPS, LOOK_AGAIN, SWEEP_EVERY
from dialer.pipeline.reconciling.lookout import EARLIER, IN_DOUBT
from dialer.pipeline.reconciling.reconcile import LOOK_UPS, STALE_AFTER
from dialer.rules.call import CallState
from dialer.rules.proof import absence, matching
from dialer.rules.proof.reading import is_listed_young, may_be_asked_for
from partner import CallQuery, CallRecord, Page
from tests.model.database import Database
from tests.model.mutants import Mutant
from tests.model.rows import Call, Organization
from tests.model.scheduler import Scheduler, rest
from tests.model.settling import Settling
from tests.model.store import Store, TakenError, armed_at
from tests.model.world import Upstream

_LEAST = timedelta(minutes=15)


Records = Mapping[int, CallRecord]


class Reading:
    """Reads histories."""

    def __init__(
        self,
        *,
        scheduler: Scheduler,
        database: Database,
        settling: Settling,
        upstream: Upstream,
        next_look: Callable[[Organization], None],
    ) -> None:
        self._s = scheduler
        self._database = database
        self._store: Store = database.store
        self._settling = settling
        self._upstream = upstream
        self._next_look = next_look

    async def look(self, organization: Organization) -> None:
        """Read an organization's history once, and settle what it shows."""
        try:
            calls = await self._database.read(
                "history: read", lambda: self._store.to_read(organization)
            )
            if calls:
                await self._read(organization, calls)
        finally:
            self._next_look(organization)

    async def _read(self, organization: Organization, calls: list[Call]) -> None:
        skew = organization.skew
        fetch = self._fetch(organization, "history: read")
        start = _start(calls, self._s.now)
        reading = history.Reading()
        if start is not None:
            start -= EARLIER + skew
            reading = await history.follow(fetch, start=start)
        organization.skew = timedelta(seconds=abs(self._s.profile.skew))
        looked_up = self._look_up(organization, calls, reading)
        matches = self._match(organization, calls, reading.items, skew)
        await self._apply(calls, matches, listed=True)
        if looked_up:
            await self._apply(calls, looked_up, listed=False)
        if start is not None:
            self._store.missed(organization, start, self._s.now)
        doubts = [c for c in calls if c["state"] in IN_DOUBT]
        if doubts:
            await self._decide(organization, doubts, skew)

    def _fetch(self, organization: Organization, what: str) -> history.Fetch:
        s, upstream = self._s, self._upstream

        async def fetch(query: CallQuery) -> Page[CallRecord]:
            await rest(s.delay(), what)
            return await upstream.page(organization.id, query)

        return fetch

    def _look_up(
        self, organization: Organization, calls: Sequence[Call], reading: history.Reading
    ) -> Records:
        now = self._s.now
        late = [
            c
            for c in calls
            if c["partner_call_id"]
            and c["partner_call_id"] not in reading.items
            and may_be_asked_for(now=now, armed_at=armed_at(c), asked_at=c["asked_at"])
        ]
        found: dict[int, CallRecord] = {}
        for was in late[:LOOK_UPS]:
            self._s.stats["looked up by id"] += 1
            call = self._store.calls[was["id"] - 1]
            call["asked_at"] = now
            record = self._upstream.look_up(organization.id, str(was["partner_call_id"]))
            if record is not None:
                found[call["id"]] = record
            elif call["seen_at"] is None:
                call["looked_at"] = now
        return found

    def _match(
        self,
        organization: Organization,
        calls: Sequence[Call],
        items: Mapping[str, CallRecord],
        skew: timedelta,
    ) -> Records:
        matches = {
            c["id"]: items[c["partner_call_id"]]
            for c in calls
            if c["partner_call_id"] is not None and c["partner_call_id"] in items
        }
        doubts = [c for c in calls if c["state"] in IN_DOUBT and c["id"] not in matches]
        if not doubts or self._store.mutant is Mutant.WEAK_MATCH:
            return matches
        return matches | self._find(organization, doubts, items, skew)

    def _find(
        self,
        organization: Organization,
        doubts: Sequence[Call],
        items: Mapping[str, CallRecord],
        skew: timedelta,
    ) -> dict[int, CallRecord]:
        if not items:
            return {}
        taken = {i for i in items if self._store.is_taken(organization, i)}
        sought = {c["id"]: _sought(c) for c in doubts}
        return matching.pair(sought, items.values(), taken=taken, skew=skew)

    async def _apply(self, calls: Sequence[Call], matches: Records, *, listed: bool) -> None:
        now = self._s.now
        if any(_is_stale(c, now) or _is_news(c, matches.get(c["id"])) for c in calls):
            await self._database.write(
                "settle", lambda: self._settle(calls, matches, listed=listed)
            )

    def _settle(self, calls: Sequence[Call], matches: Records, *, listed: bool) -> None:
        for was in calls:
            call = self._store.calls[was["id"] - 1]
            record = matches.get(was["id"])
            if record is not None and listed and call["seen_at"] is None:
                call["seen_at"] = self._s.now
            if record is not None and self._settle_one(call, was, record):
                continue
            if _is_stale(was, self._s.now):
                self._settling.give_up(call)

    def _settle_one(self, call: Call, was: Call, record: CallRecord) -> bool:
        try:
            match (record.status, was["state"].value):
                case ("COMPLETED" | "FAILED", _):
                    return self._settling.end(call, record)
                case ("IN_PROGRESS", "placed" | "unknown"):
                    self._settling.see_live(call, record)
                case ("SCHEDULED", "unknown"):
                    self._settling.place(call, fence=was["fence"], partner_call_id=record.id)
                case _:
                    pass
        except TakenError:
            self._s.stats["call not settled"] += 1
        return False

    async def _decide(
        self, organization: Organization, doubts: Sequence[Call], skew: timedelta
    ) -> None:
        judge = partial(self._judge, organization, doubts)
        judged = await self._database.read("absent: judge", judge) if self._s.noisy else judge()
        for call, verdict in judged:
            if verdict.what in ("absent", "hold") and call["state"] is CallState.UNKNOWN:
                await self._database.write("absent", _bind(self._conclude, call, verdict))
        now = self._s.now
        counting = {c["id"] for c, v in judged if v.what == "sweep" and _is_rested(c, now)}
        looking = [c for c, _ in judged if c["id"] in counting or _long_unseen(c, now)]
        for group in _overlapping(looking, skew, now)[:GROUPS]:
            await self._sweep(organization, group, counting, skew)

    def _judge(
        self, organization: Organization, doubts: Sequence[Call]
    ) -> list[tuple[Call, absence.Verdict]]:
        known = self._known(organization, doubts)
        return [(c, self._verdict(c, known)) for c in doubts]

    def _verdict(self, call: Call, known: absence.History) -> absence.Verdict:
        mutant = self._store.mutant
        if mutant is Mutant.RETRY_UNKNOWN:
            return absence.Verdict("absent", "mutant")
        if mutant is Mutant.EARLY_WATERMARKS and _shows_life(call, known):
            known = self._lively(known)
        return absence.judge(
            doubt_of(call, mutant),
            known,
            now=self._s.now,
            least=_LEAST,
            proof=call["campaign"].proof,
        )

    def _known(self, organization: Organization, doubts: Sequence[Call]) -> absence.History:
        store, since = self._store, min(armed_at(c) for c in doubts)
        seen = store.watermarks(organization, since)
        missing = store.known_call_missing(organization, organization.lag)
        known = absence.History(lag=organization.lag, seen=seen, missing=missing)
        return self._lively(known) if store.mutant is Mutant.NO_WATERMARKS else known

    def _lively(self, known: absence.History) -> absence.History:
        now = self._s.now
        seen = ((now, now), (now + known.lag, now))
        return absence.History(lag=known.lag, seen=seen, missing=False)

    def _conclude(self, was: Call, verdict: absence.Verdict) -> None:
        call = self._store.calls[was["id"] - 1]
        if verdict.what == "hold":
            self._settling.hold(call, why=verdict.why)
        elif call["closed_at"] == was["closed_at"] and call["sweeps"] == was["sweeps"]:
            self._settling.absent(call, why=verdict.why)

    async def _sweep(
        self,
        organization: Organization,
        group: Sequence[Call],
        counting: set[int],
        skew: timedelta,
    ) -> None:
        self._s.stats["sweep"] += 1
        start = armed_at(group[0]) - matching.BEFORE_ARM - skew
        until = _end(group, skew, self._s.now)
        reading = await history.sweep(
            self._fetch(organization, "sweep: read"),
            start=start,
            end=until,
        )
        if not reading.complete:
            self._s.stats["incomplete sweep"] += 1
        found: Records = {}
        if self._store.mutant is not Mutant.WEAK_MATCH:
            found = self._find(organization, group, reading.items, skew)
        counts = reading.complete or self._store.mutant is Mutant.INCOMPLETE_SWEEPS
        missed = [c for c in group if c["id"] not in found]
        await self._database.write(
            "swept", lambda: self._swept(missed, counting if counts else ())
        )
        self._note_health(organization, reading, start, until - skew)
        if found:
            late = [c for c in group if c["id"] in found]
            await self._apply(late, found, listed=True)

    def _note_health(
        self,
        organization: Organization,
        reading: history.Reading,
        since: datetime,
        until: datetime,
    ) -> None:
        for item in reading.items:
            number = self._store.linked.get((organization.id, item))
            if number is not None and self._store.calls[number - 1]["seen_at"] is None:
                self._store.calls[number - 1]["seen_at"] = self._s.now
        if reading.complete:
            self._store.missed(organization, since, until)

    def _swept(self, judged: Sequence[Call], counting: set[int] | tuple[()]) -> None:
        for was in judged:
            call = self._store.calls[was["id"] - 1]
            if call["state"] in IN_DOUBT:
                unchanged = _sweeping(call) == _sweeping(was)
                call["swept_at"] = self._s.now
                call["sweeps"] += unchanged and was["id"] in counting


def _sweeping(call: Call) -> tuple[int, datetime | None, datetime | None]:
    """What a sweep must find as it was judged, to count."""
    return call["sweeps"], call["swept_at"], call["closed_at"]


def doubt_of(call: Call, mutant: Mutant) -> absence.Doubt:
    """What is known of an unknown call, as far as the guards that are left say it."""
    closed, sweeps = call["closed_at"], call["sweeps"]
    if (closed is None and mutant is Mutant.NO_PROOF_OF_CLOSING) or (
        closed is not None and mutant is Mutant.SETTLE_FROM_ARM
    ):
        closed = armed_at(call)
    if mutant is Mutant.ONE_SWEEP and sweeps:
        sweeps = absence.SWEEPS_NEEDED
    return absence.Doubt(
        armed_at=armed_at(call),
        closed_at=closed,
        conflict=call["answer"] == "conflict" and mutant is not Mutant.CONFLICT_ABSENT,
        sweeps=sweeps,
    )


def _shows_life(call: Call, known: absence.History) -> bool:
    closed = call["closed_at"] or armed_at(call) + absence.UNCLOSED_SETTLE
    since = closed + known.lag
    first = min((seen for started, seen in known.seen if started >= since), default=None)
    if first is None or known.missing:
        return False
    return any(started >= first + known.lag for started, _ in known.seen)


def _bind(
    act: Callable[[Call, absence.Verdict], None], call: Call, verdict: absence.Verdict
) -> Callable[[], None]:
    return lambda: act(call, verdict)


def _start(calls: Sequence[Call], now: datetime) -> datetime | None:
    listed = [
        armed_at(c)
        for c in calls
        if c["state"] is not CallState.STALE
        and is_listed_young(
            now=now,
            armed_at=armed_at(c),
            asked_at=c["asked_at"],
            in_doubt=c["state"] in IN_DOUBT,
        )
    ]
    return min(listed, default=None)


def _is_news(call: Call, record: CallRecord | None) -> bool:
    """Whether settling a call could change anything: the model saves itself the others."""
    if record is None:
        return False
    known = call["state"] is CallState.LIVE or call["state"] is CallState.PLACED
    old = {"SCHEDULED": known, "IN_PROGRESS": call["state"] is CallState.LIVE}
    return call["seen_at"] is None or not old.get(record.status or "", False)


def _is_stale(call: Call, now: datetime) -> bool:
    waiting = call["state"] in (CallState.PLACED, CallState.LIVE)
    return waiting and now - armed_at(call) > STALE_AFTER


def _sought(call: Call) -> matching.Sought:
    return matching.Sought(
        phone=call["phone"],
        agent_id=f"agent_{call['organization'].id}",
        armed_at=armed_at(call),
        closed_at=call["closed_at"],
        partner_call_id=call["partner_call_id"],
    )


def _is_rested(call: Call, now: datetime) -> bool:
    return call["swept_at"] is None or now - call["swept_at"] >= SWEEP_EVERY


def _long_unseen(call: Call, now: datetime) -> bool:
    return now - (call["swept_at"] or armed_at(call)) > LOOK_AGAIN


def _overlapping(looking: Sequence[Call], skew: timedelta, now: datetime) -> list[list[Call]]:
    groups: list[list[Call]] = []
    for call in looking:
        first = armed_at(call) - matching.BEFORE_ARM - skew
        if groups and first <= _end(groups[-1], skew, now):
            groups[-1].append(call)
        else:
            groups.append([call])
    return groups


def _end(group: Sequence[Call], skew: timedelta, now: datetime) -> datetime:
    return max(min(matching.latest_start(_sought(c)), now) + skew for c in group)
