"""Read the tables that the gates decide by once, before a process says that it is ready.

The first lead with a postal code would otherwise wait half a second for the table of them, with
the whole event loop, and the first one near a holiday for the calendars.
"""

import asyncio

from dialer.context import Context
from dialer.rules import rulebook
from dialer.rules.law.holidays import NATIONAL, public_holidays
from dialer.rules.where import postal_codes
from dialer.store import clock


async def warm_up(context: Context) -> None:
    """Read the law, the outcomes, the postal codes, and the holidays of this and the next year."""
    async with context.engine.connect() as conn:
        now = await clock.now(conn)
    await asyncio.to_thread(_read, now.year)


def _read(year: int) -> None:
    book = rulebook.shipped()
    postal_codes.warm_up()
    for of in sorted({NATIONAL, *(row.holiday_set for row in book.law.rows if row.holiday_set)}):
        public_holidays(of, year)
        public_holidays(of, year + 1)
