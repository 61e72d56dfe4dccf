"""Reading the upstream's history: follow what is new, as a log, or sweep a span completely."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dialer.rules.proof.reading import PAGE, Tail, ends_in_order
from partner import CallQuery, CallRecord, Page, PartnerClient

MAX_PAGES = 300
OVERLAP = timedelta(seconds=2)
_ENDED = ("COMPLETED", "FAILED")
_SMALLEST = timedelta(seconds=2)
_PASSES = 4

Fetch = Callable[[CallQuery], Awaitable[Page[CallRecord]]]


@dataclass(slots=True)
class Reading:
    """What was read, by the upstream's call id.

    Attributes:
        items: The newest state seen of each call.
        complete: Whether nothing can have been missed. An incomplete reading proves nothing.
        server_date: The upstream's clock at the last answer.
    """

    items: dict[str, CallRecord] = field(default_factory=dict)
    complete: bool = True
    server_date: datetime | None = None

    def take(self, page: Page[CallRecord]) -> None:
        """Keep a page's items; a status never moves backwards."""
        for item in page.items:
            was = self.items.get(item.id)
            if was is None or _rank(item) >= _rank(was):
                self.items[item.id] = item
        self.complete = self.complete and not page.malformed
        self.server_date = page.server_date or self.server_date


def fetcher(client: PartnerClient, businesses: Sequence[str]) -> Fetch:
    """Read one business's history in its own scope, several in the organization's."""
    if len(businesses) == 1:
        return lambda query: client.list_business_calls(businesses[0], query)
    return client.list_organization_calls


@dataclass(frozen=True, slots=True)
class Log:
    """A place in a list that is read as a log.

    Attributes:
        scope: Whose list it is.
        start: Only calls that started since then are in it.
        page: The page to read next, from 1.
    """

    scope: str
    start: datetime
    page: int


def scope_of(businesses: Sequence[str]) -> str:
    """Whose list `fetcher` reads: a business's, or the organization's."""
    return businesses[0] if len(businesses) == 1 else ""


async def follow(fetch: Fetch, *, start: datetime) -> Reading:
    """Read every call that started since `start`, page by page.

    Good for finding ends; proves nothing about a call that it does not show, since the list
    moves while it is read.
    """
    reading = Reading()
    for number in range(1, MAX_PAGES + 1):
        page = await fetch(CallQuery(page=number, page_size=PAGE, type="OUTBOUND", start=start))
        reading.take(page)
        if number * page.page_size >= page.total or not page.items:
            break
    return reading


async def read_log(
    fetch: Fetch, log: Log, *, goes_on: Callable[[Tail], bool]
) -> tuple[Reading, Log, Tail | None]:
    """Read ended calls in the order of their ends, from a page on.

    Calls that end are appended and the others come last, so a page full of ends never changes:
    each needs one request. The order is asked for and not relied on: it is checked, and whatever
    is missed is asked for by its id.

    Args:
        fetch: Reads a page.
        log: Where to begin.
        goes_on: Whether to read on behind a page.

    Returns:
        What was read, where to go on, and the last page's tail; None when the list did not come
        in that order.
    """
    reading = Reading()
    while True:
        page = await fetch(
            CallQuery(
                page=log.page,
                page_size=PAGE,
                type="OUTBOUND",
                start=log.start,
                order_by="endedAt",
                direction="asc",
            )
        )
        reading.take(page)
        tail = _tail(page, reading.server_date)
        if tail is None or page.total < (log.page - 1) * page.page_size:
            return reading, log, None
        if tail.full:
            log = replace(log, page=log.page + 1)
        if not (tail.full and goes_on(tail)):
            return reading, log, tail


def _tail(page: Page[CallRecord], server_date: datetime | None) -> Tail | None:
    ends = ends_in_order((item.status in _ENDED, item.ended_at) for item in page.items)
    if ends is None:
        return None
    last = page.items[ends - 1].ended_at if ends else None
    behind = server_date - last if server_date and last else timedelta()
    return Tail(
        ends=ends, full=ends + page.malformed >= page.page_size, behind=max(behind, timedelta())
    )


async def sweep(fetch: Fetch, *, start: datetime, end: datetime) -> Reading:
    """Read a span so that nothing in it can be missed.

    Fixed slices, no status filter, halved until one fits a page or two passes agree; then one
    look at what is SCHEDULED or IN_PROGRESS without a window, since such a call may have no
    start yet.
    """
    reading = Reading()
    await _slice(fetch, reading, start, end)
    for query in (
        CallQuery(page_size=PAGE, type="OUTBOUND", status="SCHEDULED"),
        CallQuery(page_size=PAGE, type="OUTBOUND", status="IN_PROGRESS"),
    ):
        await _until_stable(fetch, reading, query)
    return reading


async def _slice(fetch: Fetch, reading: Reading, start: datetime, end: datetime) -> None:
    query = CallQuery(page_size=PAGE, type="OUTBOUND", start=start - OVERLAP, end=end + OVERLAP)
    page = await fetch(query)
    if page.total <= len(page.items) + page.malformed:
        reading.take(page)
    elif end - start <= _SMALLEST:
        await _until_stable(fetch, reading, query)
    else:
        middle = start + (end - start) / 2
        await _slice(fetch, reading, start, middle)
        await _slice(fetch, reading, middle, end)


async def _until_stable(fetch: Fetch, reading: Reading, query: CallQuery) -> None:
    before: set[str] | None = None
    for _ in range(_PASSES):
        seen: set[str] = set()
        for number in range(1, MAX_PAGES + 1):
            page = await fetch(query.model_copy(update={"page": number}))
            reading.take(page)
            seen.update(item.id for item in page.items)
            if number * page.page_size >= page.total or not page.items:
                break
        if before == seen:
            return
        before = seen
    reading.complete = False


def _rank(item: CallRecord) -> int:
    order = {"SCHEDULED": 0, "IN_PROGRESS": 1, "COMPLETED": 2, "FAILED": 2}
    return order.get(item.status or "", -1)
