"""When to read the call history again, and which way: outcomes soon, requests few.

Source of the rule: the call protocol, "Budget" (docs/decisions/0012). Few open calls are read
every few seconds, from the start of the oldest. Many are read like a log, in the order of their
ends, a page at a time and only when it is full.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

PAGE = 100
FITS = 90
"""So many calls since the oldest open one fit a page, with room for some that aren't ours."""

FEW = 5
"""Up to so many open calls are read at the usual interval; more, proportionally less often."""

FRESH = timedelta(seconds=60)
"""No outcome waits longer to be read, where pages don't fill by themselves."""

FILLS = timedelta(seconds=90)
"""A page that fills within this is waited for."""

SHORT = timedelta(seconds=15)
"""No outcome waits longer where concurrency is used up: each would keep a slot from a lead."""

MARGIN = 20
"""Ends more than would fill the page are waited for, so that it hardly ever lacks one."""

LOOK_UP_AFTER = timedelta(minutes=10)
"""A call that is open for so long is asked for by its id; lists are read for younger ones."""

_LEAST_REST = timedelta(minutes=1)
_REST_SHARE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What an organization has in its history, as its rows tell.

    Attributes:
        waiting: Calls whose end the lists should show.
        span: Calls since the oldest of these: what a list from its start on would hold.
        per_second: Calls placed a second of campaign time, lately.
        short: Whether a concurrency cap is used up.
    """

    waiting: int
    span: int
    per_second: float
    short: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The last page of the log that was read.

    Attributes:
        ends: Ended calls on it.
        full: Whether there may be more behind it.
        behind: How long before the reading its last call ended, by the upstream's clock.
    """

    ends: int
    full: bool
    behind: timedelta


def fits_a_page(traffic: Traffic) -> bool:
    """Whether one page from the oldest open call's start shows all there is."""
    return traffic.span <= FITS


def fills_pages(traffic: Traffic, *, usual: timedelta) -> bool:
    """Whether so many calls end that each request can wait for a page full of them."""
    if fits_a_page(traffic):
        return False
    most = SHORT if traffic.short else FILLS
    is_soon_full = traffic.per_second * most.total_seconds() >= PAGE + MARGIN
    return is_soon_full and traffic.per_second * usual.total_seconds() <= PAGE


def reads_on(traffic: Traffic, tail: Tail, *, usual: timedelta) -> bool:
    """Whether the page after a full one is worth a request now."""
    if not tail.full:
        return False
    waiting = tail.behind.total_seconds() * traffic.per_second
    return waiting >= PAGE or not fills_pages(traffic, usual=usual)


def rest(traffic: Traffic, tail: Tail | None, *, usual: timedelta) -> timedelta:
    """How long to wait after a reading, in campaign time.

    Args:
        traffic: What was open at the reading.
        tail: The log's last page; None where the reading was not of the log.
        usual: The interval while few calls are open; never less.
    """
    if tail is not None and fills_pages(traffic, usual=usual):
        known = 0 if tail.full else tail.ends
        fill = timedelta(seconds=(PAGE + MARGIN - known) / traffic.per_second)
        return max(usual, fill - tail.behind if tail.full else fill)
    most = SHORT if traffic.short else FRESH
    return max(usual, min(most, usual * traffic.waiting / FEW))


def is_listed_young(
    *, now: datetime, armed_at: datetime, asked_at: datetime | None, in_doubt: bool
) -> bool:
    """Whether lists are read for a call: it is young, or was never asked for by its id.

    An old one must not make every reading start hours ago. After an outage all are old, and
    asking for each would take a request each: the lists come first.
    """
    young = now - armed_at <= (2 * LOOK_UP_AFTER if in_doubt else LOOK_UP_AFTER)
    return young or (asked_at is None and not in_doubt)


def may_be_asked_for(*, now: datetime, armed_at: datetime, asked_at: datetime | None) -> bool:
    """Whether a call that no list showed is asked for by its id, ever more rarely."""
    age = now - armed_at
    if age <= LOOK_UP_AFTER:
        return False
    return asked_at is None or now - asked_at >= max(_LEAST_REST, age / _REST_SHARE)


def ends_in_order(ends: Iterable[tuple[bool, datetime | None]]) -> int | None:
    """Count the ended calls that a page of the log begins with.

    Args:
        ends: Of each item, in the page's order: whether it ended, and when.

    Returns:
        None when the order is not that of the ends: then the page is no page of a log.
    """
    count, last, over = 0, None, False
    for ended, at in ends:
        if not ended or at is None:
            over = True
        elif over or (last is not None and at < last):
            return None
        else:
            count, last = count + 1, at
    return count
