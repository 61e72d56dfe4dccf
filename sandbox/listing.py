"""Decides which calls a history request shows, and in which order, without sorting them all."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sandbox.calls import FINAL, OPEN, Call, CallBook, CallStatus, CallType, Shelf


class OrderField(StrEnum):
    """What a list can be ordered by; calls that lack the value come last when ascending."""

    STARTED_AT = "startedAt"
    ENDED_AT = "endedAt"
    DURATION_MS = "durationMs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for; instants in virtual Unix seconds, both bounds exclusive."""

    scope: str
    page: int = 1
    page_size: int = 10
    type: CallType | None = None
    status: CallStatus | None = None
    start: float | None = None
    end: float | None = None
    lead_id: str | None = None
    order_field: OrderField = OrderField.STARTED_AT
    descending: bool = True

    @property
    def offset(self) -> int:
        """How many calls come before the page."""
        return (self.page - 1) * self.page_size

    @property
    def windowed(self) -> bool:
        """Whether only calls that have started can match."""
        return self.start is not None or self.end is not None


@dataclass(frozen=True, slots=True)
class Matches:
    """Matching calls by start: positions ``low`` to ``high`` of a shelf, then ``tail``."""

    shelf: Shelf
    low: int
    high: int
    tail: Sequence[Call]

    @property
    def total(self) -> int:
        """How many match."""
        return self.high - self.low + len(self.tail)

    def at(self, position: int) -> Call:
        """The call at a position, oldest start first."""
        head = self.high - self.low
        return (
            self.shelf.calls[self.low + position]
            if position < head
            else self.tail[position - head]
        )

    def all(self) -> list[Call]:
        """Every match, oldest start first."""
        return [*self.shelf.calls[self.low : self.high], *self.tail]


def matches(book: CallBook, query: Query, now: float) -> Matches:
    """Find what ``query`` asks for as things stood at ``now``."""
    shelf = _shelf_for(book, query)
    low, high = shelf.between(query.start, query.end)
    cut = min(high, max(low, _known_until(shelf, query, now)))
    tail = [call for call in shelf.calls[cut:high] if _fits(call, query, now)]
    head = cut if query.status in OPEN else low
    return Matches(shelf, head, cut, tail)


def _known_until(shelf: Shelf, query: Query, now: float) -> int:
    if query.lead_id is not None:
        return 0
    if query.status is None:
        return shelf.shown_until(now)
    if query.status is CallStatus.SCHEDULED:
        return shelf.started_until(now)
    return shelf.settled_until(now)


def page_of(found: Matches, query: Query, now: float) -> list[Call]:
    """The calls on the page that ``query`` asks for."""
    if query.order_field is not OrderField.STARTED_AT:
        return _ordered_page(found, query, now)
    stop = min(found.total, query.offset + query.page_size)
    positions = range(query.offset, stop)
    if query.descending:
        return [found.at(found.total - 1 - position) for position in positions]
    return [found.at(position) for position in positions]


def _shelf_for(book: CallBook, query: Query) -> Shelf:
    if query.lead_id is not None:
        return book.lead_shelf(query.scope, query.lead_id)
    final = query.status if query.status in FINAL else None
    return book.shelf(query.scope, query.type, final)


def _fits(call: Call, query: Query, now: float) -> bool:
    return (
        call.visible <= now
        and (query.type is None or call.type is query.type)
        and (query.status is None or call.status(now) is query.status)
        and (not query.windowed or call.started <= now)
    )


def _ordered_page(found: Matches, query: Query, now: float) -> list[Call]:
    key = _key(query.order_field, now)
    choose = heapq.nlargest if query.descending else heapq.nsmallest
    return choose(query.offset + query.page_size, found.all(), key=key)[query.offset :]


def _key(order_field: OrderField, now: float) -> Callable[[Call], tuple[bool, float, int]]:
    def key(call: Call) -> tuple[bool, float, int]:
        value = call.ended
        if order_field is OrderField.DURATION_MS:
            value -= call.started
        unknown = call.ended > now
        return unknown, 0.0 if unknown else value, call.seq

    return key
