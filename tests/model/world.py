"""The upstream of the model: it rings, answers as badly as it likes, and keeps its own ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal, cast

from dialer.rules.proof.answers import Kind
from partner import CallQuery, CallRecord, Page, Refused, Unknown
from partner.evidence import Evidence
from partner.reading import CALL_REFUSALS, require_success
from partner.transport import Answer
from tests.model.faults import STALE_REPLICA
from tests.model.rows import instant
from tests.model.scheduler import LostError, Scheduler

TIMEOUT = 30.0
_NEVER = float("inf")
_PATIENCE = 20
"""After so many rings the answers are half as bad, so that schedules come to an end."""

_CONFLICT_LISTED = 20 * 3600.0
"""A call whose 409 is on record may be listed as late as that: it is never proven absent.

Not where the database is restored: the hint may be lost with what was written last.
"""

_SEEN = Evidence(status=200, headers={}, body="", elapsed_ms=1, server_date=None)
_REASONS = (
    "customer-ended-call",
    "customer-did-not-answer",
    "customer-busy",
    "voicemail",
    "user_requested_dnc",
    "assistant-not-found",
    None,
    "a reason that nobody knows",
)

Rings = Literal["rings", "silent", "either"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender makes of an answer; `seconds` after the bytes were written."""

    kind: Kind
    why: str
    seconds: float
    status: int | None = None
    partner_call_id: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Ring:
    """A line of the ledger: a phone rang. All times are virtual seconds.

    Attributes:
        call: The row of ours that was sent; None for a call of somebody else.
        sent: When its first byte left, and `gap` how long after the last look at the clocks.
        at: When the phone rang; `begins` when the call was in progress, `ends` its end.
        listed: When the history may show it.
        garbled_until: Until then, its entry in the list can't be read.
    """

    id: str
    organization: int
    phone: str
    call: int | None
    sent: float
    gap: float
    at: float
    begins: float
    ends: float
    started: datetime
    listed: float
    reason: str | None
    garbled_until: float
    records: dict[str, CallRecord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Record:
    """What the history says of a call: the parts of a `CallRecord` that anybody reads."""

    id: str
    type: str
    agent_id: str
    customer_number: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    ended_reason: str | None


class Upstream:
    """The Partner API of the model."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._s = scheduler
        self.ledger: list[Ring] = []
        self.by_id: dict[str, Ring] = {}
        self.off_duty: set[int] = set()
        self.linked: dict[int, str] = {}

    def receive(self, organization: int, phone: str, call: int, *, gap: float) -> Reply:
        """Take a call request in: perhaps ring, and answer."""
        s = self._s
        name, rings, status = _GOOD
        if organization in self.off_duty:
            rings, status, name = "silent", 400, "400 off duty"
        elif s.t < s.profile.bad_until and s.rng.random() < s.profile.bad * _PATIENCE / (
            _PATIENCE + len(self.ledger)
        ):
            name, rings, status = _BAD[int(s.rng.random() * len(_BAD))]
        s.stats[f"answer {name}"] += 1
        rang = rings == "rings" or (rings == "either" and s.rng.random() < 0.5)
        ring = (
            self._ring(organization, phone, call, gap=gap, clear=status == 200) if rang else None
        )
        s.say(f"upstream gets call {call}: {name}, {'rings' if ring else 'silent'}")
        return self._reply(name, status, ring, self.linked.get(organization))

    def list_late(self, call: int) -> None:
        """A 409 is on record: what it hints at may be listed later than the lag allows."""
        s = self._s
        if s.profile.restore:
            return
        ring = next((r for r in self.ledger if r.call == call), None)
        if ring is not None and ring.listed > s.t and s.rng.random() < 0.5:
            s.stats["409 rang and is listed late"] += 1
            ring.listed = ring.at + s.rng.random() * _CONFLICT_LISTED

    def foreign(self, organization: int, phone: str) -> None:
        """Somebody else calls a number of ours."""
        self._s.stats["foreign call"] += 1
        self._ring(organization, phone, None, gap=0.0, clear=True)

    def ours(self, organization: int, phone: str, call: int) -> Ring:
        """Ring for a call that everything goes well with: the traffic of a busy campaign."""
        ring = self._ring(organization, phone, call, gap=0.0, clear=True)
        ring.reason = _REASONS[0]
        return ring

    async def page(self, organization: int, query: CallQuery) -> Page[CallRecord]:
        """One page of the history, as it is (or was) at this moment.

        Raises:
            LostError: No good answer came.
        """
        s = self._s
        s.stats["history request"] += 1
        if s.noisy and s.profile.page_fails and s.rng.random() < s.profile.page_fails:
            s.stats["page failed"] += 1
            raise LostError
        as_of = self.as_of()
        size = min(query.page_size, s.profile.page_size)
        shown = [
            ring
            for ring in self.ledger
            if ring.listed <= as_of
            and ring.organization == organization
            and _fits(ring, query, as_of)
        ]
        if s.profile.descending:
            shown.reverse()
        part = shown[(query.page - 1) * size : query.page * size]
        items = tuple(self._record(ring, as_of) for ring in part if ring.garbled_until <= s.t)
        if len(items) < len(part):
            s.stats["page garbled"] += 1
        return Page(
            items=items,
            total=len(shown),
            page=query.page,
            page_size=size,
            malformed=len(part) - len(items),
            evidence=_SEEN,
        )

    def look_up(self, organization: int, call_id: str) -> CallRecord | None:
        """One call of the history by its id; None where it isn't there (yet)."""
        ring = self.by_id.get(call_id)
        as_of = self.as_of()
        if ring is None or ring.organization != organization or ring.listed > as_of:
            return None
        return self._record(ring, as_of)

    def as_of(self) -> float:
        """The instant that the history shows: the list may stand still, or be an old copy."""
        s, profile = self._s, self._s.profile
        t = s.t
        for start, end in profile.stalls:
            if start <= t < end:
                s.stats["reading of a stalled list"] += 1
                return start
        stale = profile.stale_at
        if stale is not None and stale <= t < stale + STALE_REPLICA:
            s.stats["reading of a stale copy"] += 1
            return t - 4 * 3600.0
        return t

    def stalled_until(self) -> float:
        """When the list moves again; the past where it does."""
        t = self._s.t
        return next((end for start, end in self._s.profile.stalls if start <= t < end), -1.0)

    def changes_at(self, ring: Ring, t: float) -> float:
        """When the history will show something new of a call; infinity for never."""
        stalled_until = self.stalled_until()
        if stalled_until > t:
            return stalled_until
        if not self._s.noisy and ring.ends < _NEVER and max(ring.ends, ring.listed) > t:
            return max(ring.ends, ring.listed)
        moments = (ring.listed, max(ring.begins, ring.listed), max(ring.ends, ring.listed))
        stale = self._s.profile.stale_at
        fresh = () if stale is None else (stale + STALE_REPLICA,)
        return min((m for m in (*moments, *fresh, ring.garbled_until) if m > t), default=_NEVER)

    def _ring(
        self, organization: int, phone: str, call: int | None, *, gap: float, clear: bool
    ) -> Ring:
        s, profile, random = self._s, self._s.profile, self._s.rng.random
        late = not clear and random() < profile.late
        at = s.t + (random() * profile.latest if late else 0.05)
        if late:
            s.stats["rung late"] += 1
        stuck = s.noisy and random() < profile.stuck
        begins = at + 2.0 + 20.0 * random()
        ring = Ring(
            id=f"call_{len(self.ledger) + 1}",
            organization=organization,
            phone=phone,
            call=call,
            sent=s.t,
            gap=gap,
            at=at,
            begins=begins,
            ends=self._end(begins, stuck=stuck),
            started=instant(begins + profile.skew),
            listed=at + random() * profile.lag,
            reason=_REASONS[int(random() * len(_REASONS))],
            garbled_until=-1.0,
        )
        if s.noisy and profile.page_garbled and random() < profile.page_garbled:
            ring.garbled_until = at + 4 * 3600.0 * random()
        if stuck:
            s.stats["call without an end"] += 1
        self.ledger.append(ring)
        self.by_id[ring.id] = ring
        return ring

    def _end(self, begins: float, *, stuck: bool) -> float:
        random = self._s.rng.random
        if not stuck:
            return begins + 3.0 + 200.0 * random()
        return _NEVER if random() < 0.5 else begins + (7.0 + 13.0 * random()) * 3600.0

    def _reply(self, name: str, status: int | None, ring: Ring | None, taken: str | None) -> Reply:
        s = self._s
        seconds = 0.05 + (s.delay() * 4 if s.noisy else 0.2)
        if status is None or seconds > TIMEOUT:
            return Reply("unknown", "timeout", TIMEOUT)
        if name == "200 with an id that is taken" and taken is not None:
            return Reply("placed", "placed", seconds, partner_call_id=taken)
        if status == 200 and ring is not None and name in _TELLING:
            if name == _GOOD[0]:
                return Reply("placed", "placed", seconds, partner_call_id=ring.id)
            return Reply("unknown", "not_successful", seconds, partner_call_id=ring.id)
        if status == 200:
            return Reply("unknown", "unreadable_body", seconds)
        kind, why = _CLASSES[status]
        return Reply(kind, why, seconds, status=status if kind == "refused" else None)

    def _record(self, ring: Ring, as_of: float) -> CallRecord:
        if as_of < ring.begins:
            status = "SCHEDULED"
        elif as_of < ring.ends:
            status = "IN_PROGRESS"
        else:
            status = "COMPLETED" if ring.reason else "FAILED"
        record = ring.records.get(status)
        if record is None:
            record = ring.records[status] = self._made(ring, status)
        return record

    def _made(self, ring: Ring, status: str) -> CallRecord:
        over = status in ("COMPLETED", "FAILED")
        skew = self._s.profile.skew
        record = _Record(
            id=ring.id,
            type="OUTBOUND",
            agent_id=f"agent_{ring.organization}",
            customer_number=ring.phone,
            status=status,
            started_at=None if status == "SCHEDULED" else ring.started,
            ended_at=instant(ring.ends + skew) if over else None,
            ended_reason=ring.reason if over else None,
        )
        return cast("CallRecord", record)


def _fits(ring: Ring, query: CallQuery, as_of: float) -> bool:
    begun, status = ring.begins <= as_of, query.status
    if status is None:
        if query.start is None or not begun or ring.started <= query.start:
            return False
        return query.end is None or ring.started < query.end
    return not begun if status == "SCHEDULED" else begun and as_of < ring.ends


def _classes() -> Mapping[int, tuple[Kind, str]]:
    """What the partner client itself makes of each status."""
    return MappingProxyType({s: _class_of(s) for s in (*range(201, 210), *range(300, 600))})


def _class_of(status: int) -> tuple[Kind, str]:
    evidence = Evidence(status=status, headers={}, body="", elapsed_ms=1, server_date=None)
    answer = Answer(status=status, body=b"", coded=False, evidence=evidence)
    try:
        require_success(answer, successes=frozenset({200}), refusals=CALL_REFUSALS, scope=None)
    except Refused as error:
        return "refused", error.code
    except Unknown as error:
        return "unknown", error.code
    raise AssertionError(status)


_CLASSES = _classes()
_GOOD: tuple[str, Rings, int | None] = ("200", "rings", 200)
_BAD: tuple[tuple[str, Rings, int | None], ...] = (
    ("500", "either", 500),
    ("502", "either", 502),
    ("503", "either", 503),
    ("504", "either", 504),
    ("409", "either", 409),
    ("no answer in time", "either", None),
    ("connection lost", "either", None),
    ("200 without success", "either", 200),
    ("200 truncated", "either", 200),
    ("200 with an id that is taken", "either", 200),
    ("307", "silent", 307),
    ("202", "either", 202),
    ("408", "either", 408),
    ("400", "silent", 400),
    ("401", "silent", 401),
    ("403", "silent", 403),
    ("404", "silent", 404),
    ("429", "silent", 429),
)
_TELLING = (_GOOD[0], "200 without success")

ANSWERS: tuple[str, ...] = (_GOOD[0], "400 off duty", *(name for name, _, _ in _BAD))
"""Every answer that the upstream may give, by the name it is counted under."""
