"""Keeps call records; where a call stands follows from the clock alone, without timers."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from itertools import islice
from typing import Any

from sandbox.script import Outcome
from sandbox.talk.persona import Wish

LONGEST_SECONDS = 200.0
"""No ordinary call lasts longer, so all that started earlier are known to be settled without
looking; those that faults make later are kept track of apart."""


class CallType(StrEnum):
    """Which way a call goes."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


class CallStatus(StrEnum):
    """Where a call stands."""

    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


ORGANIZATIONS = "organizations/"
BUSINESSES = "businesses/"
OPEN = frozenset({CallStatus.SCHEDULED, CallStatus.IN_PROGRESS})
FINAL = frozenset({CallStatus.COMPLETED, CallStatus.FAILED})


def organization_scope(organization_id: str) -> str:
    """The list of an organization's calls."""
    return ORGANIZATIONS + organization_id


def business_scope(business_id: str) -> str:
    """The list of a business's calls."""
    return BUSINESSES + business_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, fixed when the phone rang; all instants in virtual Unix seconds.

    ``ended`` is infinite for a call that is stuck in progress. ``visible`` is when the history
    begins to show it. ``attempt`` counts the calls between the number and agents so far, from 1,
    those of one type. ``brief`` names the version of the agent that the call was made with,
    ``booked`` and ``found`` the appointments that were made and spoken of in it, by their ids;
    ``cancelled`` says what became of the latter. ``forwarded_to`` is where a call went that no
    agent took.
    """

    id: str
    seq: int
    organization_id: str
    business_id: str
    agent_id: str
    type: CallType
    agent_number: str
    customer_number: str
    attempt: int
    created: float
    started: float
    ended: float
    visible: float
    outcome: Outcome
    reason: str
    context: str
    name: str | None = None
    lead_id: str | None = None
    additional_info: str | None = None
    image_urls: tuple[str, ...] = ()
    brief: str = ""
    wish: Wish | None = None
    booked: str | None = None
    found: str | None = None
    cancelled: bool = False
    forwarded_to: str | None = None

    @property
    def final(self) -> CallStatus:
        """How it ends, or would."""
        return CallStatus.COMPLETED if self.outcome.completed else CallStatus.FAILED

    @property
    def scopes(self) -> tuple[str, str]:
        """The lists it stands in."""
        return organization_scope(self.organization_id), business_scope(self.business_id)

    @property
    def settled(self) -> float:
        """From when on neither its status nor its visibility changes."""
        return max(self.ended, self.visible)

    def status(self, now: float) -> CallStatus:
        """Where it stands at ``now``."""
        if now < self.started:
            return CallStatus.SCHEDULED
        return CallStatus.IN_PROGRESS if now < self.ended else self.final

    def status_before(self, now: float) -> float:
        """An instant at which it stood one status before that at ``now``, or in its first."""
        return self.created if now < self.ended else self.started

    def as_entry(self) -> dict[str, Any]:
        """A journal entry; JSON knows no infinity."""
        entry = {part.name: getattr(self, part.name) for part in fields(self)}
        return entry | {"ended": self.ended if math.isfinite(self.ended) else None}

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> "Call":
        """Read a journal entry back."""
        ended = math.inf if entry["ended"] is None else entry["ended"]
        return cls(
            **{
                **entry,
                "type": CallType(entry["type"]),
                "outcome": Outcome(entry["outcome"]),
                "wish": Wish(entry["wish"]) if entry.get("wish") else None,
                "ended": ended,
                "image_urls": tuple(entry["image_urls"]),
            }
        )


@dataclass(slots=True)
class Shelf:
    """Calls by start.

    ``unruly`` are those that settle unusually late, the last of them at ``last_unruly``; until
    ``last_hidden`` there is a call that has started and is not shown yet.
    """

    starts: list[float] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    unruly: list[Call] = field(default_factory=list)
    last_unruly: float = -math.inf
    last_hidden: float = -math.inf

    def add(self, call: Call) -> None:
        """Put a call where it belongs; calls come nearly in order, so this is cheap."""
        at = bisect_right(self.starts, call.started)
        self.starts.insert(at, call.started)
        self.calls.insert(at, call)
        if call.settled - call.started > LONGEST_SECONDS:
            self.unruly.append(call)
            self.last_unruly = max(self.last_unruly, call.settled)
        if call.visible > call.started:
            self.last_hidden = max(self.last_hidden, call.visible)

    def between(self, start: float | None, end: float | None) -> tuple[int, int]:
        """Positions of the calls that start after ``start`` and before ``end``."""
        low = 0 if start is None else bisect_right(self.starts, start)
        high = len(self.starts) if end is None else bisect_left(self.starts, end)
        return low, max(low, high)

    def shown_until(self, now: float) -> int:
        """All calls before this position have started and are shown; 0 when unknown."""
        return 0 if now < self.last_hidden else self.started_until(now)

    def started_until(self, now: float) -> int:
        """All calls before this position have started, and none after it."""
        return bisect_right(self.starts, now)

    def settled_until(self, now: float) -> int:
        """All calls before this position are settled; 0 when unknown."""
        return 0 if now < self.last_unruly else self.ordinary_until(now)

    def ordinary_until(self, now: float) -> int:
        """All calls before this position are settled, the unruly apart."""
        return bisect_left(self.starts, now - LONGEST_SECONDS)


ShelfKey = tuple[str, str | None, str | None]


class CallBook:
    """All calls, found by id, by scope and by start.

    A scope is an organization or a business. Shelves are kept for each scope, each
    scope and type, each scope and final status, and each scope and lead.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, Call] = {}
        self._shelves: dict[ShelfKey, Shelf] = {}
        self._leads: dict[tuple[str, str], Shelf] = {}
        self._attempts: dict[tuple[CallType, str], int] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._by_id.values())

    def latest(self, count: int) -> list[Call]:
        """The last ``count`` calls taken in, newest first."""
        return list(islice(reversed(self._by_id.values()), count))

    def attempts(self, phone: str, kind: CallType = CallType.OUTBOUND) -> int:
        """How many calls went to a number, or came from it."""
        return self._attempts.get((kind, phone), 0)

    def get(self, call_id: str) -> Call | None:
        """A call by its id."""
        return self._by_id.get(call_id)

    def add(self, call: Call) -> None:
        """Take a call in."""
        self._by_id[call.id] = call
        attempts = self.attempts(call.customer_number, call.type)
        self._attempts[call.type, call.customer_number] = attempts + 1
        finals = (None, call.final) if math.isfinite(call.ended) else (None,)
        for scope in call.scopes:
            for kind in (None, call.type):
                for final in finals:
                    self._shelves.setdefault((scope, kind, final), Shelf()).add(call)
            if call.lead_id is not None:
                self._leads.setdefault((scope, call.lead_id), Shelf()).add(call)

    def shelf(
        self, scope: str, kind: CallType | None = None, final: CallStatus | None = None
    ) -> Shelf:
        """The calls of a scope, of one type or one final status or both where given."""
        return self._shelves.get((scope, kind, final)) or Shelf()

    def lead_shelf(self, scope: str, lead_id: str) -> Shelf:
        """The calls of a scope that name one lead."""
        return self._leads.get((scope, lead_id)) or Shelf()

    def in_progress(self, now: float) -> list[Call]:
        """All calls that have not ended at ``now``, newest first."""
        late: dict[str, Call] = {}
        for (scope, kind, final), shelf in self._shelves.items():
            if kind is None and final is None and scope.startswith(ORGANIZATIONS):
                recent = shelf.calls[shelf.ordinary_until(now) :]
                late.update((call.id, call) for call in (*shelf.unruly, *recent))
        open_calls = [call for call in late.values() if now < call.ended]
        return sorted(open_calls, key=lambda call: call.seq, reverse=True)
