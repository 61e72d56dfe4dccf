"""Reading the upstream's history: follow what is new, or sweep a span completely."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from partner import CallQuery, CallRecord, Page, PartnerClient

PAGE = 100
MAX_PAGES = 300
OVERLAP = timedelta(seconds=2)
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
