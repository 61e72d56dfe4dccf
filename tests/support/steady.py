"""A steady stream of calls in virtual time, read by the rules as the lookout does, in memory.

A day's traffic passes in a second, so the cost of reading can be seen at every rate.
"""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta

from dialer.pipeline.reconciling.history import Log, Reading, follow, read_log
from dialer.rules.proof import reading as rules
from dialer.rules.proof.reading import Traffic
from partner import CallQuery, CallRecord, Page
from partner.evidence import Evidence
from tests.support.house import NOON

USUAL = timedelta(seconds=5)
_EARLIER = 60.0
_RATE_SECONDS = 180.0


@dataclass
class Stream:
    """Calls that start evenly and last 20 to 180 seconds; instants in seconds from the start.

    Args:
        per_minute: How many start.
        seed: Decides how long each lasts.
        short: Whether concurrency is used up.
    """

    per_minute: float
    seed: int = 7
    short: bool = False
    now: float = 0.0
    requests: int = 0
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    known: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 -- a reproducible stream

    def pass_time(self, seconds: float) -> None:
        """Let calls start until then."""
        self.now += seconds
        while (start := len(self.starts) * 60 / self.per_minute) <= self.now:
            self.starts.append(start)
            self.ends.append(start + self._random.uniform(20, 180))

    async def fetch(self, query: CallQuery) -> Page[CallRecord]:
        """One page, as the upstream lists it."""
        self.requests += 1
        assert query.start is not None
        since = (query.start - NOON).total_seconds()
        found = [i for i in range(len(self.starts)) if self.starts[i] > since]
        if query.order_by == "endedAt":
            found.sort(key=lambda i: (self.ends[i] > self.now, self.ends[i]))
        first = (query.page - 1) * query.page_size
        return Page(
            items=tuple(self._record(i) for i in found[first : first + query.page_size]),
            total=len(found),
            page=query.page,
            page_size=query.page_size,
            malformed=0,
            evidence=Evidence(
                status=200,
                headers={},
                body="",
                elapsed_ms=1,
                server_date=NOON + timedelta(seconds=self.now),
            ),
        )

    def _record(self, number: int) -> CallRecord:
        ended = self.ends[number] <= self.now
        return CallRecord.model_validate(
            {
                "id": str(number),
                "status": "COMPLETED" if ended else "IN_PROGRESS",
                "startedAt": NOON + timedelta(seconds=self.starts[number]),
                "endedAt": NOON + timedelta(seconds=self.ends[number]) if ended else None,
            }
        )

    def take(self, reading: Reading) -> None:
        """Keep the ends that a reading shows."""
        for call_id, record in reading.items.items():
            if record.status == "COMPLETED":
                self.known.setdefault(int(call_id), self.now)

    @property
    def waits(self) -> list[float]:
        """How long each known end waited, in seconds."""
        return [at - self.ends[number] for number, at in self.known.items()]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a steady hour of reading cost.

    Attributes:
        per_thousand: Requests for 1,000 ended calls.
        worst: The longest that an end waited to be read, in seconds.
    """

    per_thousand: float
    worst: float


def steady_cost(per_minute: float, *, minutes: float = 60.0, short: bool = False) -> Cost:
    """Read a stream for a while, after ten minutes to warm up."""
    return asyncio.run(_cost(Stream(per_minute, short=short), minutes * 60))


async def _cost(stream: Stream, seconds: float) -> Cost:
    log: Log | None = None
    while stream.now < 600:
        log = await _read(stream, log)
    requests, ended, since = stream.requests, len(stream.known), stream.now
    while stream.now < since + seconds:
        log = await _read(stream, log)
    return Cost(
        per_thousand=1000 * (stream.requests - requests) / (len(stream.known) - ended),
        worst=max(stream.waits[ended:]),
    )


async def _read(stream: Stream, log: Log | None) -> Log | None:
    waiting = [i for i in range(len(stream.starts)) if i not in stream.known]
    oldest = stream.starts[waiting[0]] if waiting else stream.now
    start = oldest - _EARLIER
    span = sum(1 for at in stream.starts if at > start)
    recent = sum(1 for at in stream.starts if at > stream.now - _RATE_SECONDS)
    traffic = Traffic(
        waiting=len(waiting), span=span, per_second=recent / _RATE_SECONDS, short=stream.short
    )
    if rules.fits_a_page(traffic):
        stream.take(await follow(stream.fetch, start=NOON + timedelta(seconds=start)))
        log, rest = None, rules.rest(traffic, None, usual=USUAL)
    else:
        known = sum(1 for i in stream.known if stream.starts[i] > start)
        log = log or Log("", NOON + timedelta(seconds=start), known // rules.PAGE + 1)
        reading, log, tail = await read_log(
            stream.fetch, log, goes_on=lambda tail: rules.reads_on(traffic, tail, usual=USUAL)
        )
        assert tail is not None
        stream.take(reading)
        rest = rules.rest(traffic, tail, usual=USUAL)
    stream.pass_time(rest.total_seconds())
    return log
