"""When the history is read again, and which way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.proof.reading import (
    FILLS,
    FITS,
    FRESH,
    LOOK_UP_AFTER,
    PAGE,
    SHORT,
    Tail,
    Traffic,
    ends_in_order,
    fills_pages,
    fits_a_page,
    is_listed_young,
    may_be_asked_for,
    reads_on,
    rest,
)

NOW = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
USUAL = timedelta(seconds=5)
BUSY = Traffic(waiting=170, span=400, per_second=2.0)
QUIET = Traffic(waiting=1, span=1, per_second=0.01)
FULL = Tail(ends=PAGE, full=True, behind=timedelta(seconds=10))


def _ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(("span", "fits"), [(0, True), (FITS, True), (FITS + 1, False)])
def test_a_page_holds_what_there_is_with_some_room(span: int, fits: object) -> None:
    assert fits_a_page(replace(QUIET, span=span)) is fits


@pytest.mark.parametrize(
    ("traffic", "usual", "fills"),
    [
        (BUSY, USUAL, True),
        (replace(BUSY, per_second=0.0), USUAL, False),
        (replace(BUSY, span=FITS), USUAL, False),
        (replace(BUSY, per_second=120 / FILLS.total_seconds()), USUAL, True),
        (replace(BUSY, per_second=119 / FILLS.total_seconds()), USUAL, False),
        (replace(BUSY, short=True), USUAL, False),
        (replace(BUSY, short=True, per_second=8.0), USUAL, True),
        (BUSY, timedelta(seconds=51), False),
    ],
)
def test_pages_fill_by_themselves_where_many_calls_end(
    traffic: Traffic, usual: timedelta, fills: object
) -> None:
    assert fills_pages(traffic, usual=usual) is fills


def test_a_page_that_is_not_full_is_the_last() -> None:
    assert not reads_on(BUSY, replace(FULL, full=False), usual=USUAL)


def test_behind_a_full_page_is_read_only_what_fills_another() -> None:
    assert not reads_on(BUSY, FULL, usual=USUAL)
    assert reads_on(BUSY, replace(FULL, behind=timedelta(seconds=50)), usual=USUAL)
    assert reads_on(replace(BUSY, per_second=1.0), FULL, usual=USUAL)


def test_few_open_calls_are_read_at_the_usual_interval_and_more_less_often() -> None:
    def after(waiting: int) -> timedelta:
        return rest(replace(QUIET, waiting=waiting), None, usual=USUAL)

    assert [after(n) for n in (0, 1, 5)] == [USUAL] * 3
    assert after(10) == 2 * USUAL
    assert after(1000) == FRESH
    assert rest(replace(BUSY, short=True), None, usual=USUAL) == SHORT
    assert rest(QUIET, None, usual=timedelta(minutes=5)) == timedelta(minutes=5)


def test_the_log_is_read_when_its_page_should_be_full() -> None:
    # 120 ends at 2 a second, less those that are there already.
    assert rest(BUSY, FULL, usual=USUAL) == timedelta(seconds=50)
    half = Tail(ends=50, full=False, behind=timedelta(seconds=10))
    assert rest(BUSY, half, usual=USUAL) == timedelta(seconds=35)
    late = replace(FULL, behind=timedelta(minutes=5))
    assert rest(BUSY, late, usual=USUAL) == USUAL


@given(
    waiting=st.integers(0, 10_000),
    span=st.integers(0, 100_000),
    per_second=st.floats(0, 100),
    short=st.booleans(),
    ends=st.integers(0, PAGE),
    behind=st.timedeltas(timedelta(), timedelta(hours=1)),
)
def test_no_reading_waits_longer_than_a_page_that_fills_nor_less_than_the_usual(
    *, waiting: int, span: int, per_second: float, short: bool, ends: int, behind: timedelta
) -> None:
    traffic = Traffic(waiting=waiting, span=span, per_second=per_second, short=short)
    tail = Tail(ends=ends, full=ends == PAGE, behind=behind)
    assert USUAL <= rest(traffic, tail, usual=USUAL) <= FILLS
    assert USUAL <= rest(traffic, None, usual=USUAL) <= FRESH


@pytest.mark.parametrize(
    ("armed_at", "asked_at", "in_doubt", "listed"),
    [
        (_ago(minutes=10), None, False, True),
        (_ago(minutes=10), NOW, False, True),
        (_ago(minutes=11), None, False, True),
        (_ago(minutes=11), _ago(minutes=1), False, False),
        (_ago(minutes=20), None, True, True),
        (_ago(minutes=21), None, True, False),
    ],
)
def test_lists_are_read_for_young_calls_and_for_those_never_asked_for(
    *, armed_at: datetime, asked_at: datetime | None, in_doubt: bool, listed: object
) -> None:
    assert (
        is_listed_young(now=NOW, armed_at=armed_at, asked_at=asked_at, in_doubt=in_doubt) is listed
    )


@pytest.mark.parametrize(
    ("armed_at", "asked_at", "may"),
    [
        (NOW - LOOK_UP_AFTER, None, False),
        (_ago(minutes=11), None, True),
        (_ago(minutes=11), _ago(seconds=65), False),
        (_ago(minutes=11), _ago(seconds=66), True),
        (_ago(hours=5), _ago(minutes=29), False),
        (_ago(hours=5), _ago(minutes=30), True),
    ],
)
def test_an_old_call_is_asked_for_ever_more_rarely(
    armed_at: datetime, asked_at: datetime | None, may: object
) -> None:
    assert may_be_asked_for(now=NOW, armed_at=armed_at, asked_at=asked_at) is may


@pytest.mark.parametrize(
    ("items", "count"),
    [
        ([], 0),
        ([(False, None)], 0),
        ([(True, 1), (True, 1), (True, 2)], 3),
        ([(True, 1), (False, None), (False, None)], 1),
        ([(True, 1), (True, None), (False, None)], 1),
        ([(True, 2), (True, 1)], None),
        ([(False, None), (True, 1)], None),
        ([(True, 1), (True, None), (True, 2)], None),
    ],
)
def test_a_page_of_the_log_begins_with_ends_in_order(
    items: list[tuple[bool, int | None]], count: int | None
) -> None:
    ends = [(ended, None if at is None else NOW + timedelta(seconds=at)) for ended, at in items]
    assert ends_in_order(ends) == count
