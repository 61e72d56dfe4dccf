"""Pages of a list: an opaque cursor, a limit, and whether there is more."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from dialer.rules.errors import Fault, InvalidInputError

MAX_LIMIT = 200

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Items on a page, 1 to 200.")]
Cursor = Annotated[
    str | None,
    Query(max_length=100, description="`next_cursor` of the page before; absent for the first."),
]
Item = TypeVar("Item")


class Page(BaseModel):
    """A page of a list, oldest first."""

    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; absent on the last."
    )


def after(cursor: str | None) -> UUID | None:
    """The id that a page starts after.

    Raises:
        InvalidInputError: the cursor is not one of ours.
    """
    if cursor is None:
        return None
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        fault = Fault("?cursor", "invalid_cursor", "this cursor came from no page of ours")
        raise InvalidInputError(fault.message, faults=(fault,)) from error


def page(
    rows: Sequence[Mapping[Any, Any]], limit: int, show: Callable[[Mapping[Any, Any]], Item]
) -> tuple[list[Item], str | None]:
    """Cut `limit + 1` rows to a page.

    Returns:
        The items, and the cursor of the next page where there is one.
    """
    kept = rows[:limit]
    more = len(rows) > limit
    return [show(row) for row in kept], _cursor(kept[-1]["id"]) if more else None


def _cursor(last: UUID) -> str:
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()
