"""The witness: a quarantine ends only by the hand of who saw its beginning."""

from datetime import timedelta

import pytest

from dialer.store import witness
from tests.support.house import House


@pytest.mark.asyncio
async def test_a_quarantine_is_lifted_only_by_who_saw_its_beginning(house: House) -> None:
    async with house.context.engine.begin() as conn:
        await witness.quarantine(conn, since=await house.now())
    first = (await house.row("SELECT restored_at FROM organizations"))["restored_at"]
    await house.run("UPDATE organizations SET restored_at = restored_at + interval '1 minute'")
    organization_id = house.organization_id
    async with house.context.engine.begin() as conn:
        assert not await witness.lift(conn, organization_id=organization_id, restored_at=first)
        assert await witness.lift(
            conn, organization_id=organization_id, restored_at=first + timedelta(minutes=1)
        )
    assert (await house.row("SELECT restored_at FROM organizations"))["restored_at"] is None
