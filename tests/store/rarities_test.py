"""No organization changes another's segments, schedules, runs or numbers, or uses its ids."""

import pytest

from dialer.store.compliance import dnc
from dialer.store.planning import runs, schedules, segments
from tests.store import rarities
from tests.support.house import House

TABLES = ("campaigns", "leads", "runs", "schedules", "segments")


@pytest.mark.asyncio
async def test_a_stranger_changes_none_of_them(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    of = await rarities.furnish(house, campaign)
    stranger = await house.neighbour()
    theirs = await stranger.campaign()
    org = {"organization_id": stranger.organization_id}
    before = [await house.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES]  # noqa: S608 -- named above
    async with house.context.engine.begin() as conn:
        schedule = {"schedule_id": of["schedule_id"]}
        assert not await schedules.change(conn, values={"name": "theirs"}, **schedule, **org)
        assert not await schedules.lock(conn, **schedule, **org)
        assert not await schedules.delete(conn, **schedule, **org)
        assert not await segments.delete(conn, segment_id=of["segment_id"], **org)
        assert not await runs.copy(
            conn, campaign_id=theirs["id"], once=False, origins=[lead_id], **org
        )
        assert not await dnc.clear(conn, limit=10, **org)
    after = [await house.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES]  # noqa: S608 -- named above
    assert after == before
    assert len(await house.rows("SELECT phone FROM dnc_numbers")) == 1


@pytest.mark.asyncio
async def test_what_is_anothers_is_a_strangers_id(house: House) -> None:
    ids = [(await house.campaign())["id"]]
    stranger = await house.neighbour()
    async with house.context.engine.connect() as conn:
        for who, strange in ((house, set()), (stranger, set(ids))):
            found = await segments.strangers(
                conn, organization_id=who.organization_id, campaign_ids=ids, source_ids=[]
            )
            assert found == strange
