"""Read the tables that the gates decide by once, before a process says that it is ready.

The first leads would otherwise wait for them, with the whole event loop.
"""

import asyncio

from dialer.context import Context
from dialer.rules import rulebook
from dialer.rules.law.holidays import NATIONAL, public_holidays
from dialer.rules.where.postal_codes import postal_area
from dialer.store import clock

_ANY_ZIP = "10001"


async def warm_up(context: Context) -> None:
    """Read the law, the outcomes, the postal codes, and the holidays of this and the next year."""
    async with context.engine.connect() as conn:
        now = await clock.now(conn)
    await asyncio.to_thread(_read, now.year)


def _read(year: int) -> None:
    book = rulebook.shipped()
    postal_area(_ANY_ZIP)
    for of in sorted({NATIONAL, *(row.holiday_set for row in book.law.rows if row.holiday_set)}):
        public_holidays(of, year)
        public_holidays(of, year + 1)
