"""Once a process has warmed up, no gate reads a table from the package any more."""

import pytest

from dialer.context import Context
from dialer.pipeline.dialing.warm import warm_up
from dialer.rules.law.holidays import NATIONAL, public_holidays
from tests.support.house import NOON, House


@pytest.mark.asyncio
async def test_the_holidays_of_this_and_the_next_year_of_campaign_time_are_read(
    house: House, context: Context
) -> None:
    await house.set_time(NOON)
    public_holidays.cache_clear()
    await warm_up(context)
    read = public_holidays.cache_info().misses
    for of in (NATIONAL, "AL", "LA", "RI"):
        for year in (NOON.year, NOON.year + 1):
            assert public_holidays(of, year)
    assert public_holidays.cache_info().misses == read > 0
