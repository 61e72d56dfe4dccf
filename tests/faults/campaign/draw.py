"""Draws a schedule from a seed: who is called under which limits, and what goes wrong when."""

import random
from dataclasses import dataclass
from enum import StrEnum

from tests.faults.rig.moment import When
from tests.faults.rig.rig import ARM, CALL, CLAIM, HISTORY, INTAKE, RECORD

POSTING_SECONDS = 3.0
RINGS_A_KILL = 9
"""More kills than one per ten rings."""


class Kind(StrEnum):
    """What can go wrong."""

    KILL = "kill a worker"
    KILL_BOTH = "kill both workers"
    KILL_API = "kill the API"
    KILL_AT = "kill at a moment"
    FREEZE = "freeze a worker"
    FREEZE_AT = "freeze at a moment"
    LOSE_COMMIT = "a commit's acknowledgement is lost"
    CUT_DATABASE = "connections to PostgreSQL reset"
    HOLD_DATABASE = "PostgreSQL silent"
    RESTART_DATABASE = "PostgreSQL restarted"
    FLUSH_QUEUE = "Valkey flushed"
    RESTART_QUEUE = "Valkey restarted without its data"
    REFUSE_QUEUE = "Valkey refuses"
    CUT_PARTNER = "connections to the upstream reset"
    HOLD_PARTNER = "upstream silent"
    REFUSE_PARTNER = "upstream refuses connections"
    ANSWER = "a bad answer"
    HISTORY = "a bad history"
    DUTY = "the agent goes off duty"
    PAUSE = "the campaign is paused"
    SUPPRESS = "a person opts out"


KILLS = frozenset({Kind.KILL, Kind.KILL_BOTH, Kind.KILL_API, Kind.KILL_AT})

WEIGHTS = {
    Kind.KILL_AT: 4,
    Kind.ANSWER: 5,
    Kind.FREEZE_AT: 2,
    Kind.LOSE_COMMIT: 2,
    Kind.HISTORY: 2,
}
"""How often a kind is drawn, where not once: what strikes between an effect and its record."""

MOMENTS: tuple[tuple[str, When], ...] = (
    (CLAIM, When.COMMIT),
    (CLAIM, When.COMMITTED),
    (CLAIM, When.HEARD),
    (ARM, When.COMMIT),
    (ARM, When.COMMITTED),
    (ARM, When.HEARD),
    (CALL, When.REQUEST),
    (CALL, When.SENT),
    (CALL, When.ANSWER),
    (CALL, When.ANSWERED),
    (RECORD, When.STATEMENT),
    (RECORD, When.COMMIT),
    (RECORD, When.COMMITTED),
    (HISTORY, When.REQUEST),
    (HISTORY, When.ANSWER),
)
"""Between what a worker does and its record."""

COMMITS = (CLAIM, ARM, RECORD, INTAKE)

ANSWERS = (
    "fail_after_ring",
    "fail_before_ring",
    "conflict_after_ring",
    "drop",
    "drop_before_ring",
    "hang",
    "hang_before_ring",
    "late_ring",
    "garbled",
    "truncated",
    "success_false",
    "unavailable_html",
    "rate_limit",
    "redirect",
    "unauthorized",
    "slow",
)
SECONDS_OF = {"hang": 4.0, "hang_before_ring": 4.0, "late_ring": 1.0, "slow": 1.0}
"""How long these take, in real seconds: the time-out of a call is two."""

HISTORIES = ("history_lag", "history_error", "history_stalled", "history_slow", "history_shuffled")
LAG_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True)
class Strike:
    """One fault.

    Attributes:
        kind: What.
        at: Real seconds after the first post.
        seconds: How long it lasts, where it lasts.
        who: Which of the workers, or which of the leads.
        of: The statement or request of a moment, or the name of a fault of the sandbox.
        when: Where in its life.
        skip: How many such moments to let pass.
        count: How many requests a fault of the sandbox is for.
    """

    kind: Kind
    at: float
    seconds: float = 0.0
    who: int = 0
    of: str = ""
    when: When = When.HEARD
    skip: int = 0
    count: int = 1

    def __str__(self) -> str:
        words = [f"{self.at:4.1f} s", self.kind.value]
        words += [f"{self.when.name} of {self.of!r}"] if self.kind.value.endswith("moment") else []
        words += [f"{self.of} x{self.count}"] if self.kind in _SANDBOX else []
        words += [f"for {self.seconds:.1f} s"] if self.seconds else []
        return ", ".join(words)


_SANDBOX = frozenset({Kind.ANSWER, Kind.HISTORY})


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What is played.

    Attributes:
        seed: Draws it again.
        leads: How many people.
        batch: How many are posted at a time.
        concurrency: Most calls at once; None for no cap.
        strikes: What goes wrong, by time.
    """

    seed: int
    leads: int
    batch: int
    concurrency: int | None
    strikes: tuple[Strike, ...]

    @property
    def kills(self) -> int:
        """How many strikes kill."""
        return sum(1 for strike in self.strikes if strike.kind in KILLS)


def draw(seed: int) -> Schedule:
    """The schedule of a seed: at least three faults, and a kill for at most nine people."""
    chance = random.Random(seed)  # noqa: S311 -- a reproducible schedule
    leads = chance.randint(10, 18)
    kills = -(-leads // RINGS_A_KILL)
    others = chance.randint(2, 5)
    kinds = _kinds([kind for kind in Kind if kind in KILLS], kills, chance)
    kinds += _kinds([kind for kind in Kind if kind not in KILLS], others, chance)
    strikes = sorted((_strike(kind, chance, leads) for kind in kinds), key=lambda s: s.at)
    return Schedule(
        seed=seed,
        leads=leads,
        batch=chance.randint(1, 6),
        concurrency=chance.choice((None, None, 3, 6)),
        strikes=tuple(strikes),
    )


def _kinds(among: list[Kind], count: int, chance: random.Random) -> list[Kind]:
    return chance.choices(among, [WEIGHTS.get(kind, 1) for kind in among], k=count)


def _strike(kind: Kind, chance: random.Random, leads: int) -> Strike:
    at = round(chance.uniform(0.0, POSTING_SECONDS), 2)
    brief = round(chance.uniform(0.2, 1.5), 2)
    match kind:
        case Kind.KILL_AT | Kind.FREEZE_AT:
            of, when = chance.choice(MOMENTS)
            return Strike(
                kind=kind,
                at=round(at / 2, 2),
                seconds=round(chance.uniform(0.5, 5.0), 2) if kind is Kind.FREEZE_AT else 0.0,
                who=chance.randrange(2),
                of=of,
                when=when,
                skip=chance.choice((0, 0, 1, 3)),
            )
        case Kind.LOSE_COMMIT:
            of, when = chance.choice(COMMITS), chance.choice((When.COMMIT, When.COMMITTED))
            return Strike(kind=kind, at=at, of=of, when=when, skip=chance.choice((0, 1, 4)))
        case Kind.FREEZE:
            frozen = round(chance.uniform(0.5, 5.0), 2)
            return Strike(kind=kind, at=at, seconds=frozen, who=chance.randrange(2))
        case Kind.ANSWER:
            return _bad_answer(at, chance)
        case Kind.HISTORY:
            of = chance.choice(HISTORIES)
            return Strike(kind=kind, at=at, of=of, count=chance.randint(1, 6), seconds=brief)
        case _:
            return Strike(kind=kind, at=at, seconds=brief, who=chance.randrange(max(leads, 2)))


def _bad_answer(at: float, chance: random.Random) -> Strike:
    of = chance.choice(ANSWERS)
    # A second 401 rests the organization for five minutes, which are real also in fast time.
    count = 1 if of == "unauthorized" else chance.randint(1, 4)
    return Strike(kind=Kind.ANSWER, at=at, of=of, count=count)
