"""Decides when the sandbox misbehaves: named faults, each for some requests, with a count."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_FAULTS = 1_000
ONE_DAY = 86_400.0


class FaultName(StrEnum):
    """What can go wrong; each is described in ``FAULTS`` and in docs/sandbox.md."""

    REFUSE = "refuse"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    FAIL_BEFORE_RING = "fail_before_ring"
    UNAVAILABLE_HTML = "unavailable_html"
    RATE_LIMIT = "rate_limit"
    REDIRECT = "redirect"
    HANG_BEFORE_RING = "hang_before_ring"
    DROP_BEFORE_RING = "drop_before_ring"
    CONFLICT_BEFORE_RING = "conflict_before_ring"
    FAIL_AFTER_RING = "fail_after_ring"
    CONFLICT_AFTER_RING = "conflict_after_ring"
    HANG = "hang"
    DROP = "drop"
    LATE_RING = "late_ring"
    SUCCESS_FALSE = "success_false"
    GARBLED = "garbled"
    TRUNCATED = "truncated"
    SLOW = "slow"
    STUCK_IN_PROGRESS = "stuck_in_progress"
    HISTORY_LAG = "history_lag"
    HISTORY_SLOW = "history_slow"
    HISTORY_STALLED = "history_stalled"
    HISTORY_ERROR = "history_error"
    HISTORY_SHUFFLED = "history_shuffled"
    HISTORY_BACKWARDS = "history_backwards"
    LOST_ANSWER = "lost_answer"
    ASSISTANT_FAILED = "assistant_failed"
    FILE_FAILED = "file_failed"
    FILE_SLOW = "file_slow"
    CALENDAR_NOT_SHARED = "calendar_not_shared"
    TOKEN_REJECTED = "token_rejected"  # noqa: S105 -- a fault's name, no secret


class Target(StrEnum):
    """Which requests a fault is for."""

    CALL = "call"
    AGENTS = "agents"
    HISTORY = "history"
    VOICES = "voices"
    TOOLS = "tools"
    FILES = "files"
    INTEGRATIONS = "integrations"
    TOKEN = "token"  # noqa: S105 -- a route's name, no secret
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault does, where it may be set and what can be chosen.

    ``seconds``, ``status``, ``retry_after`` and ``rang`` are defaults; ``None`` means that the
    fault has no such setting. ``usual`` is its target when none is named.
    """

    does: str
    targets: frozenset[Target]
    seconds: float | None = None
    status: int | None = None
    retry_after: str | None = None
    rang: bool | None = None
    usual: Target = Target.CALL


EVERYWHERE = frozenset(Target)
CALL_ONLY = frozenset({Target.CALL})
HISTORY_ONLY = frozenset({Target.HISTORY})
AGENTS_ONLY = frozenset({Target.AGENTS})
FILES_ONLY = frozenset({Target.FILES})
INTEGRATIONS_ONLY = frozenset({Target.INTEGRATIONS})
WRITTEN = frozenset({Target.AGENTS, Target.TOOLS, Target.FILES, Target.INTEGRATIONS})

FAULTS: Mapping[FaultName, Kind] = {
    FaultName.REFUSE: Kind("400 before ringing", EVERYWHERE),
    FaultName.UNAUTHORIZED: Kind("401 before ringing", EVERYWHERE),
    FaultName.FORBIDDEN: Kind("403 before ringing, names the scope", EVERYWHERE),
    FaultName.NOT_FOUND: Kind("404 before ringing", EVERYWHERE),
    FaultName.FAIL_BEFORE_RING: Kind("`status` before ringing", EVERYWHERE, status=500),
    FaultName.UNAVAILABLE_HTML: Kind(
        "`status` with an HTML body, as a proxy answers; not rung",
        EVERYWHERE,
        status=503,
        retry_after="",
    ),
    FaultName.RATE_LIMIT: Kind("429 with `retry_after`; not rung", EVERYWHERE, retry_after="5"),
    FaultName.REDIRECT: Kind("307 to the same address; not rung", EVERYWHERE),
    FaultName.HANG_BEFORE_RING: Kind(
        "no ring and no answer; the connection is closed after `seconds`", EVERYWHERE, seconds=60.0
    ),
    FaultName.DROP_BEFORE_RING: Kind("closes the connection; not rung", EVERYWHERE),
    FaultName.CONFLICT_BEFORE_RING: Kind("409; not rung, not listed", CALL_ONLY),
    FaultName.FAIL_AFTER_RING: Kind("rings, is listed, answers `status`", CALL_ONLY, status=500),
    FaultName.CONFLICT_AFTER_RING: Kind("rings, is listed, answers 409", CALL_ONLY),
    FaultName.HANG: Kind(
        "rings, never answers; the connection is closed after `seconds`", CALL_ONLY, seconds=60.0
    ),
    FaultName.DROP: Kind("rings, then closes the connection with no answer", CALL_ONLY),
    FaultName.LATE_RING: Kind(
        "closes the connection with no answer; rings `seconds` later", CALL_ONLY, seconds=5.0
    ),
    FaultName.SUCCESS_FALSE: Kind(
        "200 with `success: false`; rings where `rang` is true", CALL_ONLY, rang=True
    ),
    FaultName.GARBLED: Kind("rings, answers 200 with an unreadable body", CALL_ONLY),
    FaultName.TRUNCATED: Kind("rings, answers 200 and closes within the body", CALL_ONLY),
    FaultName.SLOW: Kind("answers as usual, `seconds` later", EVERYWHERE, seconds=2.0),
    FaultName.STUCK_IN_PROGRESS: Kind(
        "the call stays IN_PROGRESS for `seconds` virtual seconds more (0: for ever)",
        CALL_ONLY,
        seconds=0.0,
    ),
    FaultName.HISTORY_LAG: Kind(
        "a call placed now is shown `seconds` virtual seconds later", CALL_ONLY, seconds=30.0
    ),
    FaultName.HISTORY_SLOW: Kind(
        "history answers `seconds` later", HISTORY_ONLY, seconds=2.0, usual=Target.HISTORY
    ),
    FaultName.HISTORY_STALLED: Kind(
        "lists show everything as it stood when the fault was set",
        HISTORY_ONLY,
        usual=Target.HISTORY,
    ),
    FaultName.HISTORY_ERROR: Kind(
        "history answers `status`", HISTORY_ONLY, status=500, usual=Target.HISTORY
    ),
    FaultName.HISTORY_SHUFFLED: Kind(
        "lists come in another order at each request",
        HISTORY_ONLY,
        usual=Target.HISTORY,
    ),
    FaultName.HISTORY_BACKWARDS: Kind(
        "history shows each call as it stood one status before",
        HISTORY_ONLY,
        usual=Target.HISTORY,
    ),
    FaultName.LOST_ANSWER: Kind(
        "a write is carried out, then the connection is closed with no answer",
        WRITTEN,
        usual=Target.AGENTS,
    ),
    FaultName.ASSISTANT_FAILED: Kind(
        "`status` when an agent's assistant is made; the whole write is rolled back",
        AGENTS_ONLY,
        status=500,
        usual=Target.AGENTS,
    ),
    FaultName.FILE_FAILED: Kind(
        "the processing of a file uploaded now fails", FILES_ONLY, usual=Target.FILES
    ),
    FaultName.FILE_SLOW: Kind(
        "the processing of a file uploaded now takes `seconds` virtual seconds more",
        FILES_ONLY,
        seconds=30.0,
        usual=Target.FILES,
    ),
    FaultName.CALENDAR_NOT_SHARED: Kind(
        "400: the calendar could not be shared with the service account",
        INTEGRATIONS_ONLY,
        usual=Target.INTEGRATIONS,
    ),
    FaultName.TOKEN_REJECTED: Kind(
        "401 for every key and access token",
        EVERYWHERE - {Target.TOKEN},
        usual=Target.ANY,
    ),
}

NARROW = frozenset({Target.CALL, Target.AGENTS})
"""Routes whose faults can be for one agent."""
WHOLE = frozenset({FaultName.TOKEN_REJECTED})
"""Faults that strike before it is known which agent or number a request is for."""
RETRY_AFTER = r"^[\x20-\x7e]*$"


class FaultOrder(BaseModel):
    """A request to misbehave.

    Attributes:
        name: Which fault.
        count: How many times; ``None``: until it is deleted.
        probability: In how many of the requests it is for, 0 to 1.
        phone: Only calls to this number.
        agent_id: Only requests for this agent.
        route: Which requests; a fault is set where ``FAULTS`` allows it.
        seconds: Its duration: real seconds, virtual where the fault says so.
        status: The status of its answer, 400 to 599.
        retry_after: The ``Retry-After`` header, seconds or a date; ``None`` for none.
        rang: Whether the phone rings.
    """

    model_config = ConfigDict(extra="forbid")

    name: FaultName
    count: int | None = Field(default=None, ge=1, le=1_000_000_000)
    probability: float = Field(default=1.0, ge=0.0, le=1.0)
    phone: str | None = Field(default=None, pattern=r"^\+[1-9]\d{6,14}$")
    agent_id: str | None = Field(default=None, max_length=100)
    route: Target | None = None
    seconds: float | None = Field(default=None, ge=0.0, le=ONE_DAY)
    status: int | None = Field(default=None, ge=400, le=599)
    retry_after: str | None = Field(default=None, max_length=64, pattern=RETRY_AFTER)
    rang: bool | None = None

    @model_validator(mode="after")
    def fits_its_kind(self) -> "FaultOrder":
        """Refuse what the fault would not read, and fill in its defaults."""
        kind = FAULTS[self.name]
        for setting in ("seconds", "status", "retry_after", "rang"):
            given = setting in self.model_fields_set
            default = getattr(kind, setting)
            if given and default is None and getattr(self, setting) is not None:
                raise ValueError(f"{self.name} has no {setting}")
            if not given:
                setattr(self, setting, default)
        self.route = self.route or kind.usual
        if self.route not in kind.targets:
            raise ValueError(f"{self.name} can be set on {', '.join(sorted(kind.targets))}")
        self._check_narrowing()
        return self

    def _check_narrowing(self) -> None:
        if self.phone is not None and (self.route is not Target.CALL or self.name in WHOLE):
            raise ValueError(f"phone does not narrow {self.name} on {self.route}")
        if self.agent_id is not None and (self.route not in NARROW or self.name in WHOLE):
            raise ValueError(f"agent_id does not narrow {self.name} on {self.route}")


@dataclass(slots=True, kw_only=True)
class Fault:
    """A fault in force; ``set_at`` in virtual Unix seconds."""

    id: str
    order: FaultOrder
    set_at: float
    chance: random.Random
    hits: int = field(default=0)

    @property
    def name(self) -> FaultName:
        """Which fault."""
        return self.order.name

    @property
    def seconds(self) -> float:
        """Its duration, 0 where it has none."""
        return self.order.seconds or 0.0

    @property
    def remaining(self) -> int | None:
        """How many times it will still strike; ``None``: no end."""
        return None if self.order.count is None else self.order.count - self.hits

    def strikes(self, target: Target, phone: str | None, agent_id: str | None) -> bool:
        """Whether this request is hit; counts it if so."""
        order = self.order
        if (
            self.remaining == 0
            or order.route not in (target, Target.ANY)
            or order.phone not in (None, phone)
            or order.agent_id not in (None, agent_id)
            or self.chance.random() >= order.probability
        ):
            return False
        self.hits += 1
        return True

    def described(self) -> dict[str, Any]:
        """What the control interface tells about it."""
        shown = self.order.model_dump(mode="json")
        return shown | {"id": self.id, "hits": self.hits, "remaining": self.remaining}


class FaultBook:
    """The faults in force, oldest first; the first that strikes decides.

    Args:
        seed: Makes probabilities reproducible.
        now: The virtual clock.
    """

    def __init__(self, *, seed: int, now: Callable[[], float]) -> None:
        self._seed = seed
        self._now = now
        self._numbers = count(1)
        self._faults: dict[str, Fault] = {}

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults.values())

    def set(self, order: FaultOrder) -> Fault:
        """Put a fault in force.

        Raises:
            ValueError: A thousand are set already.
        """
        if len(self._faults) >= MAX_FAULTS:
            raise ValueError(f"at most {MAX_FAULTS:,} faults can be set; delete some")
        number = next(self._numbers)
        fault = Fault(
            id=f"fault_{number}",
            order=order,
            set_at=self._now(),
            chance=random.Random(f"{self._seed}:{number}"),  # noqa: S311 -- reproducible chance
        )
        self._faults[fault.id] = fault
        return fault

    def remove(self, fault_id: str) -> bool:
        """Lift one fault; false when there is none of that id."""
        return self._faults.pop(fault_id, None) is not None

    def clear(self) -> int:
        """Lift all faults; how many there were."""
        lifted = len(self._faults)
        self._faults.clear()
        return lifted

    def strike(
        self,
        names: Iterable[FaultName],
        target: Target,
        *,
        phone: str | None = None,
        agent_id: str | None = None,
    ) -> Fault | None:
        """The first fault among ``names`` that hits this request; it is counted."""
        if not self._faults:
            return None
        wanted = frozenset(names)
        for fault in self._faults.values():
            if fault.name in wanted and fault.strikes(target, phone, agent_id):
                return fault
        return None
