"""Walks all pages of a list that may move meanwhile, and gives every item once."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Final, Generic, TypeVar

from partner.errors import Unknown
from partner.models.base import Listed
from partner.models.page import Page

_MOST_PASSES: Final = 5
_MOST_PAGES: Final = 10_000
_MOST_REPEATS: Final = 3
"""Pages on end with nothing that this pass hasn't had, until a list counts as repeating."""

Item = TypeVar("Item", bound=Listed)


class Walk(AsyncIterator[Item], Generic[Item]):
    """All items of a list, by ``async for``; each id once, however the list moves.

    Items that come while it is walked push others to later pages, which are then had twice and
    given once. Where items went, others move to pages that were had already: the list is
    walked again, up to five times. That an item went is seen by the total: where another came
    between the same two requests, nothing shows it. An upstream that lowers the page size is
    followed.

    Attributes:
        malformed: Items of the latest pass that could not be read. A walk with any proves
            nothing about what it didn't give.
        total: How many items the list has, as the upstream last said; None before the first.
    """

    def __init__(
        self, ask: Callable[[int, int], Awaitable[Page[Item]]], *, page_size: int
    ) -> None:
        """Begin a walk.

        Args:
            ask: Reads the page of that number, from 1, and that size.
            page_size: The size to ask for first.
        """
        self.malformed = 0
        self.total: int | None = None
        self._ask = ask
        self._page_size = page_size
        self._given: set[str] = set()
        self._steady = True
        self._items = self._walk()

    def __aiter__(self) -> "Walk[Item]":
        return self

    async def __anext__(self) -> Item:
        """The next item.

        Raises:
            NotSent: A page could not be asked for.
            Refused: The upstream refused one.
            Unknown: No good answer came, or the list repeats itself or never holds still.
        """
        return await anext(self._items)

    async def _walk(self) -> AsyncGenerator[Item, None]:
        for _ in range(_MOST_PASSES):
            self._steady, self.malformed = True, 0
            async for item in self._pass():
                if item.id not in self._given:
                    self._given.add(item.id)
                    yield item
            if self._steady:
                return
        message = f"items went from the list in each of {_MOST_PASSES} passes"
        raise Unknown("list_unsteady", message)

    async def _pass(self) -> AsyncGenerator[Item, None]:
        had: set[str] = set()
        come = repeats = 0
        for number in range(1, _MOST_PAGES + 1):
            page = await self._ask(number, self._page_size)
            for item in page.items:
                yield item
            come += len(page.items) + page.malformed
            ids = {item.id for item in page.items}
            repeats = repeats + 1 if ids <= had and not page.malformed else 0
            had |= ids
            goes_on = self._note(page, number)
            if not goes_on or come >= page.total or not (page.items or page.malformed):
                return
            if repeats == _MOST_REPEATS:
                break
        message = f"the list has no end: {len(had)} of {self.total} items by page {number}"
        raise Unknown("list_repeats", message, evidence=page.evidence)

    def _note(self, page: Page[Item], number: int) -> bool:
        """Take note of how the list moved; False where this pass is no good any more."""
        fell = self.total is not None and number > 1 and page.total < self.total
        lowered = page.page_size < self._page_size
        self.malformed += page.malformed
        self.total = page.total
        self._page_size = min(self._page_size, page.page_size)
        # Page 1 is the same by either size; any later one isn't.
        broken = lowered and number > 1
        self._steady = self._steady and not fell and not broken
        return not broken
