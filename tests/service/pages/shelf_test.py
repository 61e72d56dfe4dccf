"""Readings are kept for a moment, read once for all who wait, and never kept when they fail."""

import asyncio

import pytest

from dialer.rules.errors import NotFoundError
from service.pages.shelf import Shelf

pytestmark = pytest.mark.asyncio


class Source:
    """Counts how often it was read."""

    def __init__(self) -> None:
        self.read = 0
        self.go_on = asyncio.Event()

    async def make(self) -> int:
        """The number of this reading, once it may go on."""
        await self.go_on.wait()
        self.read += 1
        return self.read

    async def missing(self) -> int:
        """Nothing to be read."""
        self.read += 1
        raise NotFoundError("there is nothing")


async def test_all_who_look_at_once_share_one_reading() -> None:
    shelf: Shelf[str, int] = Shelf()
    source = Source()
    looking = [asyncio.create_task(shelf.read("a", source.make)) for _ in range(5)]
    await asyncio.sleep(0)
    source.go_on.set()
    assert await asyncio.gather(*looking) == [1] * 5


async def test_what_was_forgotten_is_read_anew_and_nothing_else() -> None:
    shelf: Shelf[str, int] = Shelf()
    source = Source()
    source.go_on.set()
    assert await shelf.read("a", source.make) == 1
    assert await shelf.read("b", source.make) == 2
    shelf.forget("a")
    assert await shelf.read("a", source.make) == 3
    assert await shelf.read("b", source.make) == 2


async def test_the_oldest_gives_way() -> None:
    shelf: Shelf[int, int] = Shelf(most=2)
    source = Source()
    source.go_on.set()
    for key in (1, 2, 3):
        await shelf.read(key, source.make)
    assert await shelf.read(3, source.make) == 3
    assert await shelf.read(1, source.make) == 4


async def test_what_cant_be_read_leaves_nothing_behind() -> None:
    shelf: Shelf[int, int] = Shelf()
    source = Source()
    for key in range(10):
        with pytest.raises(NotFoundError):
            await shelf.read(key, source.missing)
    assert source.read == 10
    assert shelf.size == (0, 0)
