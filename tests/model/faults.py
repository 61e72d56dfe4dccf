"""Which faults a schedule suffers, and how often: drawn from its seed, most of them hostile.

The model's assumptions are the bounds in this file. Outside of them the protocol promises
nothing; inside, one double ring or one lost lead is a defect.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import TypedDict

LATEST_PROCESSING = 600.0
"""The upstream rings at most so long after the bytes were written, whatever it answers."""

FREEZE_BEFORE_FIRST_BYTE = 9_000.0
"""A process frozen between the clock check and the write goes on (or dies) within 2.5 hours."""

STALE_REPLICA = 100.0
"""For so long, once a schedule, the list may be answered by a copy that is hours old."""

BALANCED_STALL = 2_000.0
"""`balanced` proof promises nothing when the list stands still for longer than its hour."""

FIRST_BYTE = "first byte"
AWAITS = (
    "claim: commit",
    "claim: acknowledged",
    "place: read",
    "connect",
    "wait for the slot",
    "arm: commit",
    "arm: acknowledged",
    FIRST_BYTE,
    "answer",
    "record: commit",
    "record: acknowledged",
    "follow up: commit",
    "history: read",
    "settle: commit",
    "settle: acknowledged",
    "sweep: read",
    "swept: commit",
    "absent: commit",
    "tidy: commit",
)

_LATE = ("sweep: read", "swept: commit", "absent: commit")
"""Awaits that a schedule comes to only when calls have settled."""


@dataclass(slots=True, kw_only=True)
class Profile:
    """How hostile a schedule is. Rates are chances at each occasion.

    Attributes:
        noise: Seconds that the faults last.
        slowness: The longest that an await takes, in seconds.
        strike: That a worker is struck at any of its awaits; `aim_rate` at the await `aim`.
        kills, freezes: Which share of the strikes kill or freeze; the rest are clock jumps.
        vanish: That a worker's death can't be proven.
        lost_before, lost_ack: That a transaction fails before, or its acknowledgement after.
        twice: That a job is delivered twice.
        bad: That a call request is answered badly, until `bad_until`.
        late: That the upstream rings later than it answers, by `latest` seconds at most.
        lag: The list's longest lag, in seconds, and whether it was measured.
        stalls: When the list stands still, as (from, to).
        lull: Whether nobody else is called while it does.
        page_size: The most that the upstream puts on a page.
        page_fails, page_garbled: That a page can't be read, or one of its calls can't.
        foreign: That somebody else calls a number of ours.
        stuck: That a call is never seen to end.
        meddling: Operators' doings in a schedule: pauses, opt-outs, cancellations, duty.
        race: That somebody meddles within seconds of a claim.
        restore: That the database is restored to an earlier state.
    """

    noise: float
    slowness: float
    strike: float
    aim: str
    aim_rate: float
    kills: float
    freezes: float
    vanish: float
    lost_before: float
    lost_ack: float
    twice: float
    bad: float
    bad_until: float
    late: float
    latest: float
    lag: float
    measured: bool
    stalls: tuple[tuple[float, float], ...]
    lull: bool
    stale_at: float | None
    descending: bool
    page_size: int
    page_fails: float
    page_garbled: float
    foreign: float
    stuck: float
    meddling: int
    race: float
    restore: bool
    skew: float

    def freeze_of(self, what: str, rng: Random) -> float:
        """How long a freeze lasts that strikes at an await."""
        r = rng.random()
        longest = FREEZE_BEFORE_FIRST_BYTE if what == FIRST_BYTE else 5 * 3600.0
        return 2.0 + (longest - 2.0) * (r if r < 0.5 else r * r * r)


class Storm(StrEnum):
    """A kind of weather that makes one weakness likely to show."""

    ANY = "whatever the seed draws"
    FROZEN_AT_FIRST_BYTE = "senders freeze before their first byte, and what they send is bad"
    FROZEN_AT_ARM = "senders freeze while they arm"
    STALE_COPY = "an old copy answers when the first sweep is due"
    STALLED_LIST = "the list stands still while calls are in doubt"
    QUIET_STALL = "a list with a short lag stands still while nobody is called"
    GARBLED_LIST = "what rang can't be read in the list"
    RESTORED = "the database is restored, in the middle of calls"
    CONFLICTS = "answers are bad, and listed late"


def draw(rng: Random, storm: Storm = Storm.ANY) -> Profile:
    """Draw a schedule's faults.

    Args:
        rng: The schedule's own.
        storm: What the weather is like on top of what is drawn.
    """
    profile = _draw(rng)
    match storm:
        case Storm.ANY:
            return profile
        case Storm.FROZEN_AT_FIRST_BYTE:
            calm = replace(profile, **_BAD, latest=600.0, lag=590.0)
            return replace(calm, **_struck(FIRST_BYTE))
        case Storm.FROZEN_AT_ARM:
            return replace(replace(profile, **_BAD), **_struck("arm: acknowledged"))
        case Storm.STALE_COPY:
            begins = 3_590.0 + 60.0 * rng.random()
            return replace(replace(profile, **_BAD), noise=30.0, stale_at=begins, stalls=())
        case Storm.STALLED_LIST:
            return replace(profile, **_BAD, stalls=((100.0 * rng.random(), 15_000.0),))
        case Storm.QUIET_STALL:
            stalls = ((100.0 + 800.0 * rng.random(), 15_000.0),)
            calm = replace(replace(profile, **_BAD), strike=0.0, aim_rate=0.0, noise=5.0)
            return replace(calm, stalls=stalls, lull=True, measured=True, lag=20.0, latest=600.0)
        case Storm.GARBLED_LIST:
            return replace(profile, **_BAD, page_garbled=0.8)
        case Storm.RESTORED:
            return replace(profile, restore=True, noise=30.0)
        case Storm.CONFLICTS:
            return replace(profile, **_BAD)


def _struck(what: str) -> "_Strikes":
    return {"aim": what, "aim_rate": 0.9, "strike": 0.0, "kills": 0.0, "freezes": 1.0}


def _draw(rng: Random) -> Profile:
    random = rng.random
    aim = AWAITS[int(random() * len(AWAITS))]
    noise = (30.0, 120.0, 600.0, 3_600.0)[int(random() * 4)]
    if aim in _LATE:
        noise = 7_200.0
    measured = random() < 0.4
    return Profile(
        noise=noise,
        slowness=(0.05, 2.0, 20.0)[int(random() * 3)],
        strike=(0.0, 0.01, 0.04, 0.1)[int(random() * 4)],
        aim=aim,
        aim_rate=0.6 if random() < 0.6 else 0.0,
        kills=random(),
        freezes=random() * 0.6,
        vanish=0.15,
        lost_before=_maybe(rng, 0.15),
        lost_ack=_maybe(rng, 0.15),
        twice=_maybe(rng, 0.5),
        bad=(0.1, 0.5, 0.8, 0.95)[int(random() * 4)],
        bad_until=noise + 3 * 3600.0 * random(),
        late=random(),
        latest=LATEST_PROCESSING * random(),
        lag=5.0 + 55.0 * random() if measured else 600.0 * random(),
        measured=measured,
        stalls=_stalls(rng) if random() < 0.35 else (),
        lull=random() < 0.5,
        stale_at=random() * 7_200.0 if random() < 0.3 else None,
        descending=random() < 0.5,
        page_size=100 if random() < 0.92 else 2 + int(random() * 3),
        page_fails=_maybe(rng, 0.15),
        page_garbled=_maybe(rng, 0.3) * _maybe(rng, 1.0),
        foreign=_maybe(rng, 0.1),
        stuck=_maybe(rng, 0.3),
        meddling=int(random() * 4),
        race=_maybe(rng, 0.4),
        restore=random() < 0.1,
        skew=(random() - 0.5) * 600.0 if random() < 0.3 else 0.0,
    )


class _Strikes(TypedDict):
    aim: str
    aim_rate: float
    strike: float
    kills: float
    freezes: float


class _Answers(TypedDict):
    bad: float
    bad_until: float
    late: float
    measured: bool


_BAD: _Answers = {"bad": 1.0, "bad_until": 20_000.0, "late": 1.0, "measured": False}


def _maybe(rng: Random, most: float) -> float:
    return most * rng.random() if rng.random() < 0.5 else 0.0


def _stalls(rng: Random) -> tuple[tuple[float, float], ...]:
    first = rng.random() * 3_000.0
    end = first + 60.0 + rng.random() ** 3 * 18 * 3600.0
    if rng.random() < 0.5:
        return ((first, end),)
    second = end + 30.0 + rng.random() * 1_200.0
    return ((first, end), (second, second + 60.0 + rng.random() ** 2 * 7_200.0))
