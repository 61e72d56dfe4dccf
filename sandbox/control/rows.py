"""What the page shows, row by row: all of it ready to be written, nothing left to look up."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.control.switches import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A phone that rings now, or rang a moment ago; ``state`` says which."""

    seq: int
    number: str
    name: str
    agent: str
    call_id: str
    answered: str
    state: str


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance; ``ours`` where the agent speaks."""

    speaker: str
    text: str
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A call: in progress with what was said so far, or ended with what came of it."""

    id: str
    number: str
    name: str
    agent: str
    way: str
    status: str
    outcome: str
    length: str
    ended: str
    reason: str
    summary: str
    fields: Sequence[tuple[str, str]]
    lines: Sequence[Said]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An agent at its post; ``on_duty`` is None before deployment."""

    id: str
    name: str
    business: str
    type: str
    number: str
    on_duty: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An appointment, by the business's clocks: its day and start, and its end with the zone."""

    id: str
    name: str
    number: str
    business: str
    starts: str
    ends: str
    cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An outcome: its share of calls to come in per cent, and how often it came lately."""

    name: str
    percent: str
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that the page shows."""

    now: str
    stamp: str
    speed: str
    rings: int
    ringing: Sequence[Phone]
    calls: int
    in_progress: int
    talks: Sequence[Talk]
    results: Sequence[Talk]
    agents: Sequence[Post]
    agent_count: int
    bookings: Sequence[Booking]
    counts: Sequence[tuple[str, str]]
    mix: Sequence[Share]
    faults: Sequence[Group]
    faults_on: int
    requests: Sequence[tuple[str, Sequence[tuple[str, int]]]]
    request_count: int
