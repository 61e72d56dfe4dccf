"""Reads the numbers of a query: a list's page, and others with bounds."""

from collections.abc import Mapping

from sandbox.errors import ApiError

DEFAULT_PAGE_SIZE = 10
MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000_000_000


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
