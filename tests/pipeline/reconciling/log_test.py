"""The list read as a log: each page once, in the order of the ends, and only while it is one."""

from datetime import timedelta

import pytest

from dialer.pipeline.reconciling.history import Log, read_log
from partner import CallQuery, CallRecord, Page
from tests.support.house import NOON
from tests.support.steady import Stream

HOUR = 3600.0


def _stream(seconds: float = HOUR) -> Stream:
    stream = Stream(per_minute=60)
    stream.pass_time(seconds)
    return stream


def _from(page: int = 1) -> Log:
    return Log("biz", NOON - timedelta(seconds=1), page)


def _ended(stream: Stream) -> int:
    return sum(1 for end in stream.ends if end <= stream.now)


@pytest.mark.asyncio
async def test_every_end_is_read_once_and_the_place_is_behind_the_last_full_page() -> None:
    stream = _stream()
    reading, log, tail = await read_log(stream.fetch, _from(), goes_on=lambda _: True)
    ended = _ended(stream)
    assert tail is not None
    assert sum(1 for item in reading.items.values() if item.status == "COMPLETED") == ended
    assert (log.page, tail.ends, tail.full) == (ended // 100 + 1, ended % 100, False)
    assert stream.requests == log.page


@pytest.mark.asyncio
async def test_one_page_is_read_where_the_next_is_not_worth_it() -> None:
    stream = _stream()
    _, log, tail = await read_log(stream.fetch, _from(3), goes_on=lambda _: False)
    assert tail is not None
    assert (log, tail.full, stream.requests) == (_from(4), True, 1)
    last = sorted(stream.ends)[299]
    assert tail.behind == pytest.approx(timedelta(seconds=stream.now - last), abs=timedelta(0, 1))


@pytest.mark.asyncio
async def test_a_page_behind_the_end_shows_nothing_and_is_read_again() -> None:
    stream = _stream()
    page = len(stream.starts) // 100 + 1
    _, log, tail = await read_log(stream.fetch, _from(page), goes_on=lambda _: True)
    assert tail is not None
    assert (log.page, tail.ends) == (page, 0)


@pytest.mark.asyncio
async def test_a_list_that_shrank_is_no_log() -> None:
    *_, tail = await read_log(_stream().fetch, _from(100), goes_on=lambda _: True)
    assert tail is None


@pytest.mark.asyncio
async def test_a_list_in_another_order_is_no_log_and_shows_what_it_shows() -> None:
    stream = _stream()

    async def backwards(query: CallQuery) -> Page[CallRecord]:
        page = await stream.fetch(query)
        return Page(
            items=page.items[::-1],
            total=page.total,
            page=page.page,
            page_size=page.page_size,
            malformed=0,
            evidence=page.evidence,
        )

    reading, log, tail = await read_log(backwards, _from(), goes_on=lambda _: True)
    assert tail is None
    assert log == _from()
    assert len(reading.items) == 100
