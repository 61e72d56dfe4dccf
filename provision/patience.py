"""Sends again, later, what the upstream refused only for its rate: it did not act."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from partner import Refused

TRIES: Final = 5
LONGEST_REST: Final = 60.0
"""Most seconds to wait before a request is sent again that the upstream asked to be sent later."""

T = TypeVar("T")


def _silently(_: float) -> None:
    pass


async def patiently(
    once: Callable[[], Awaitable[T]], *, on_rest: Callable[[float], None] = _silently
) -> T:
    """What ``once`` gives, tried up to five times while the answer is 429.

    Args:
        once: Sends the request.
        on_rest: Told each time how many seconds are waited.

    Raises:
        PartnerError: As ``once`` raised it; a 429 only if it was the last try's.
    """
    for tried in range(TRIES - 1):
        try:
            return await once()
        except Refused as error:
            if error.code != "rate_limited":
                raise
            asked = 2.0**tried if error.retry_after is None else error.retry_after
        rest = min(asked, LONGEST_REST)
        on_rest(rest)
        await asyncio.sleep(rest)
    return await once()
