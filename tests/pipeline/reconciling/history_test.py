"""A complete sweep: nothing in its span can be missed, however the list moves, or it says so."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.pipeline.reconciling.history import OVERLAP, Reading, sweep
from partner import CallQuery, CallRecord, Page
from partner.evidence import Evidence
from tests.support.house import NOON

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
SEEN = Evidence(status=200, headers={}, body="", elapsed_ms=1, server_date=None)

pytestmark = pytest.mark.asyncio


class _List:
    """The upstream's list, whose records a test may change between two requests."""

    def __init__(
        self,
        records: Iterable[CallRecord],
        *,
        moves: Callable[[list[CallRecord]], None] = lambda _: None,
    ) -> None:
        self.records = list(records)
        self.queries: list[CallQuery] = []
        self._moves = moves

    async def fetch(self, query: CallQuery) -> Page[CallRecord]:
        """One page."""
        self.queries.append(query)
        shown = [record for record in self.records if _fits(record, query)]
        first = (query.page - 1) * query.page_size
        items = tuple(shown[first : first + query.page_size])
        self._moves(self.records)
        return Page(
            items=items,
            total=len(shown),
            page=query.page,
            page_size=query.page_size,
            malformed=0,
            evidence=SEEN,
        )

    def slices(self) -> list[CallQuery]:
        """The requests that had a window."""
        return [query for query in self.queries if query.start is not None]


def _fits(record: CallRecord, query: CallQuery) -> bool:
    if query.status is not None and record.status != query.status:
        return False
    if query.start is None or query.end is None:
        return True
    at = record.started_at
    return at is not None and query.start <= at < query.end


def _record(number: int, at: datetime | None, status: str = "COMPLETED") -> CallRecord:
    given: dict[str, Any] = {"id": f"call_{number:04}", "type": "OUTBOUND", "status": status}
    return CallRecord.model_validate(given | ({"startedAt": at} if at else {}))


async def _sweep(listed: _List, span: timedelta = HOUR) -> Reading:
    return await sweep(listed.fetch, start=NOON, end=NOON + span)


async def test_a_slice_that_does_not_fit_is_halved_until_it_does() -> None:
    listed = _List(_record(n, NOON + n * 5 * SECOND) for n in range(700))
    reading = await _sweep(listed)
    assert len(reading.items) == 700
    assert reading.complete
    assert len(listed.slices()) > 8


async def test_slices_overlap_and_filter_no_status() -> None:
    on_the_edge = [_record(1, NOON - SECOND), _record(2, NOON + HOUR + SECOND, "IN_PROGRESS")]
    listed = _List(on_the_edge)
    assert set((await _sweep(listed)).items) == {"call_0001", "call_0002"}
    (only,) = listed.slices()
    assert (only.start, only.end, only.status) == (NOON - OVERLAP, NOON + HOUR + OVERLAP, None)


@pytest.mark.parametrize("status", ["SCHEDULED", "IN_PROGRESS"])
async def test_a_call_that_has_no_start_yet_is_found(status: str) -> None:
    assert set((await _sweep(_List([_record(1, None, status)]))).items) == {"call_0001"}


async def test_what_fits_no_slice_is_read_until_two_passes_agree() -> None:
    # As many calls in a second as no page holds; one that is on page 2 slips to page 1 meanwhile.
    calls = [_record(n, NOON + SECOND) for n in range(150)]
    gone = [calls[0]]

    def first_page_shrinks(records: list[CallRecord]) -> None:
        if gone and len(listed.slices()) > 1:
            records.remove(gone.pop())

    listed = _List(calls, moves=first_page_shrinks)
    reading = await _sweep(listed, span=SECOND)
    assert set(reading.items) == {call.id for call in calls}
    assert reading.complete


async def test_passes_that_never_agree_make_an_incomplete_sweep() -> None:
    count = 150

    def grows(records: list[CallRecord]) -> None:
        records.insert(0, _record(len(records), NOON + SECOND))

    listed = _List((_record(n, NOON + SECOND) for n in range(count)), moves=grows)
    assert not (await _sweep(listed, span=SECOND)).complete


async def test_a_status_never_moves_backwards() -> None:
    ended, live = _record(1, NOON, "COMPLETED"), _record(1, NOON, "IN_PROGRESS")

    def goes_back(records: list[CallRecord]) -> None:
        records[:] = [live]

    reading = await _sweep(_List([ended], moves=goes_back))
    assert reading.items["call_0001"].status == "COMPLETED"
