"""Reads one page of a list, leaving out what can't be read and saying how much that was."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import ValidationError

from partner.errors import PartnerError, Unknown
from partner.evidence import Evidence
from partner.models.base import Received
from partner.reading import read_json, unreadable
from partner.transport import Answer

Item = TypeVar("Item", bound=Received)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """One page of a list that may move between two requests.

    Attributes:
        items: What could be read, in the order it came.
        total: How many items the whole list has now, as the upstream says.
        page: The number of this page, from 1.
        page_size: How many items a page can have; the upstream may have lowered it.
        malformed: Items left out because they could not be read. A page with any proves
            nothing about what isn't on it.
        evidence: The answer that the page was read from.
    """

    items: tuple[Item, ...]
    total: int
    page: int
    page_size: int
    malformed: int
    evidence: Evidence

    @property
    def server_date(self) -> datetime | None:
        """The upstream's clock when it answered, in UTC."""
        return self.evidence.server_date


def read_page(answer: Answer, model: type[Item], *, page: int, page_size: int) -> Page[Item]:
    """A page from an answer.

    Args:
        answer: A successful answer.
        model: What each item is.
        page: The page asked for, in case that the answer doesn't say.
        page_size: The page size asked for, likewise.

    Raises:
        Unknown: The body isn't a page: no list of items, or no total.
    """
    body = read_json(answer)
    if not isinstance(body, dict) or not isinstance(body.get("items"), list):
        raise unreadable(answer, "its body has no list of items")
    total = _count(body.get("total"))
    if total is None:
        raise unreadable(answer, "its body has no total")
    read = [_read_item(item, model) for item in body["items"]]
    items = tuple(item for item in read if item is not None)
    return Page(
        items=items,
        total=total,
        page=_count(body.get("page")) or page,
        page_size=_count(body.get("page_size")) or page_size,
        malformed=len(read) - len(items),
        evidence=answer.evidence,
    )


def read_one(answer: Answer, model: type[Item]) -> Item:
    """A single object from an answer.

    Raises:
        Unknown: The body isn't such an object.
    """
    item = _read_item(read_json(answer), model)
    if item is None:
        raise unreadable(answer, f"its body is no {model.__name__}")
    return item


async def read_changed(
    answer: Answer, model: type[Item], *, ask: Callable[[], Awaitable[Item]]
) -> Item:
    """What a change made of an object: from its answer, else by asking for it.

    The guide doesn't say what all changes answer; their success is in the status.

    Args:
        answer: A successful answer to the change.
        model: What the object is.
        ask: Reads the object.

    Raises:
        Unknown: The answer doesn't show it and asking failed, in whatever way: the change was
            made all the same, so a failure to ask must not pass for one to change.
    """
    try:
        return read_one(answer, model)
    except Unknown as unreadable_answer:
        try:
            return await ask()
        except PartnerError as error:
            raise unreadable_answer from error


def read_all(answer: Answer, model: type[Item]) -> tuple[Item, ...]:
    """A whole list from an answer that is a bare array, without what can't be read.

    Raises:
        Unknown: The body isn't an array.
    """
    body = read_json(answer)
    if not isinstance(body, list):
        raise unreadable(answer, "its body is no list")
    read = [_read_item(item, model) for item in body]
    return tuple(item for item in read if item is not None)


def _read_item(item: object, model: type[Item]) -> Item | None:
    try:
        return model.model_validate(item)
    except ValidationError:
        return None


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 2**53 else None
