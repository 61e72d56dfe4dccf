"""Keeps readings of the database for a moment, so that many who look load it no more than one."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from dialer import clock

FRESH_SECONDS = 1.0
_REST = 4.0
"""A reading that took t seconds is shown for 4 t, so that pages never load the database much."""

_LONGEST_REST = 10.0
"""One slow reading must not leave a page standing still."""

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Shelf(Generic[Key, Kept]):
    """Readings by key, each at most as old as it is worth; the oldest give way to new ones."""

    def __init__(self, *, most: int = 100) -> None:
        self._most = most
        self._kept: OrderedDict[Key, tuple[float, Kept]] = OrderedDict()
        self._locks: dict[Key, asyncio.Lock] = {}

    @property
    def size(self) -> tuple[int, int]:
        """How many readings, and how many locks, are held."""
        return len(self._kept), len(self._locks)

    async def read(self, key: Key, make: Callable[[], Awaitable[Kept]]) -> Kept:
        """The reading of a key now, or up to a second (where it is slow, a few) ago."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                found = self._kept.get(key)
                if found is not None and clock.monotonic() < found[0]:
                    return found[1]
                return await self._refresh(key, make)
        finally:
            # What can't be read is not kept, and its lock must not be kept for ever either.
            if key not in self._kept:
                self._locks.pop(key, None)

    def forget(self, key: Key) -> None:
        """Read anew next time: something was just changed through a page."""
        self._kept.pop(key, None)

    async def _refresh(self, key: Key, make: Callable[[], Awaitable[Kept]]) -> Kept:
        began = clock.monotonic()
        made = await make()
        ended = clock.monotonic()
        rest = min(max(FRESH_SECONDS * 0.9, _REST * (ended - began)), _LONGEST_REST)
        self._kept[key] = (ended + rest, made)
        if len(self._kept) > self._most:
            oldest, _ = self._kept.popitem(last=False)
            self._locks.pop(oldest, None)
        return made
