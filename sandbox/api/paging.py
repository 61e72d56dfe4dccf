"""Reads the numbers of a query, a list's page among them, and answers with that page."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from starlette.responses import Response

from sandbox.answers import json_answer
from sandbox.errors import ApiError

DEFAULT_PAGE_SIZE = 10
MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000_000_000
T = TypeVar("T")


def page_answer(
    found: Sequence[T], query: Mapping[str, str], show: Callable[[T], Mapping[str, object]]
) -> Response:
    """One page of a list: ``items``, ``total``, ``page`` and ``page_size``.

    Args:
        found: The whole list, in its order.
        query: The request's; names the page.
        show: Describes one item.

    Raises:
        ApiError: The page's number or size cannot be read (400).
    """
    page, size = read_page(query)
    shown = found[(page - 1) * size : page * size]
    answer = {
        "items": [show(item) for item in shown],
        "total": len(found),
        "page": page,
        "page_size": size,
    }
    return json_answer(answer)


def read_page(query: Mapping[str, str]) -> tuple[int, int]:
    """The page's number, from 1, and its size, 1 to 100.

    Raises:
        ApiError: One is no number or out of range (400).
    """
    page = read_number(query, "page", default=1, least=1, most=MAX_PAGE)
    size = read_number(query, "page_size", default=DEFAULT_PAGE_SIZE, least=1, most=MAX_PAGE_SIZE)
    return page, size


def read_number(
    query: Mapping[str, str], name: str, *, default: int, least: int, most: int
) -> int:
    """A whole number between two bounds, both included.

    Raises:
        ApiError: It is no number or out of range (400).
    """
    text = query.get(name)
    if text is None:
        return default
    readable = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not readable or not least <= int(text) <= most:
        raise ApiError(400, f"{name} must be a whole number from {least} to {most}")
    return int(text)
