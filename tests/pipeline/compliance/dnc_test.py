"""The registry's copy: loaded in parts, declared for a day, cleared; the gate follows at once."""

import asyncio
from datetime import date, timedelta

import pytest

from dialer.pipeline.compliance import dnc
from dialer.pipeline.dialing import place
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.errors import ConflictError, InvalidInputError
from dialer.store.compliance import suppressions
from tests.pipeline.dialing.arming import rings, said
from tests.support.house import NOON, House
from tests.support.sandbox import SandboxProcess

TODAY = NOON.date()
NUMBER = "+12125550142"


async def _load(house: House, *phones: object) -> dnc.Loaded:
    return await dnc.load(house.context, organization_id=house.organization_id, given=[*phones])


async def _declare(house: House, on: date = TODAY) -> dnc.Copy:
    return await dnc.declare(house.context, organization_id=house.organization_id, on=on)


async def _show(house: House) -> dnc.Copy:
    return await dnc.show(house.context, organization_id=house.organization_id)


@pytest.mark.asyncio
async def test_numbers_are_added_once_however_they_are_written(house: House) -> None:
    first = await _load(house, "(212) 555-0142", 2125550142, "+1 412 555 0151", "911", None, True)
    assert (first.added, first.known) == (2, 1)
    assert set(first.rejected) == {3, 4, 5}
    assert first.rejected[4] == "not_text"
    again = await _load(house, NUMBER, "x" * 5_000, 10**400)
    assert (again.added, again.known, set(again.rejected)) == (0, 1, {1, 2})
    assert (await _show(house)).numbers == 2


@pytest.mark.asyncio
@pytest.mark.parametrize("count", [0, dnc.MAX_NUMBERS + 1])
async def test_a_part_has_a_size(house: House, count: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await _load(house, *[NUMBER] * count)
    assert [fault.pointer for fault in refused.value.faults] == ["/phones"]


@pytest.mark.asyncio
async def test_a_copy_is_declared_for_a_day_and_lapses(house: House) -> None:
    with pytest.raises(ConflictError, match="no number"):
        await _declare(house)
    await _load(house, NUMBER)
    assert (await _show(house)).fresh is False
    copy = await _declare(house, TODAY - timedelta(days=2))
    assert (copy.fresh, copy.scrubbed_on) == (True, TODAY - timedelta(days=2))
    assert copy.expires_on == TODAY + timedelta(days=29)
    for day, code in (
        (TODAY + timedelta(days=1), "in_the_future"),
        (TODAY - timedelta(days=3), "older_than_present"),
        (TODAY - timedelta(days=40), "too_old"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            await _declare(house, day)
        assert [fault.code for fault in refused.value.faults] == [code]
    await house.pass_time(days=29)
    assert (await _show(house)).fresh is False


@pytest.mark.asyncio
async def test_leads_that_wait_for_a_copy_are_looked_at_as_soon_as_there_is_one(
    house: House,
) -> None:
    campaign = await house.campaign(dnc="required")
    listed, free = await house.lead(campaign["id"], phone=NUMBER), await house.lead(campaign["id"])
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    assert {(await house.lead_row(one))["reason"] for one in (listed, free)} == {"dnc_stale"}
    await _load(house, NUMBER)
    await _declare(house)
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1
    assert (await house.lead_row(listed))["reason"] == "dnc_listed"
    assert (await house.lead_row(free))["state"] == "calling"
    assert "registry.declared" in await house.names()
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_copy_that_is_cleared_shuts_the_gate_at_the_arm_too(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign(dnc="required")
    await _load(house, NUMBER)
    await _declare(house)
    call = await house.claimed(campaign)
    await dnc.clear(house.context, organization_id=house.organization_id)
    await place.place(house.context, upstream, call["id"])
    assert (rings(sandbox, call), await said(house, call)) == (0, ["dnc_stale"])
    copy = await _show(house)
    assert (copy.numbers, copy.scrubbed_on, copy.fresh) == (0, None, False)


@pytest.mark.asyncio
async def test_clearing_takes_only_ones_own(house: House) -> None:
    other = await house.neighbour()
    for one in (house, other):
        await _load(one, NUMBER)
        await _declare(one)
    await dnc.clear(house.context, organization_id=house.organization_id)
    kept = await _show(other)
    assert (kept.numbers, kept.fresh) == (1, True)


@pytest.mark.asyncio
async def test_a_part_waits_for_the_arms_in_progress_and_none_misses_it(house: House) -> None:
    async with house.context.engine.begin() as conn:
        await suppressions.guard(
            conn, organization_id=house.organization_id, phone=NUMBER, exclusive=False
        )
        loading = asyncio.create_task(_load(house, NUMBER))
        while await house.rows("SELECT 1 FROM pg_locks WHERE NOT granted") == []:
            assert not loading.done()
            await asyncio.sleep(0.01)
        assert (await _show(house)).numbers == 0
    await loading
    assert (await _show(house)).numbers == 1


@pytest.mark.asyncio
async def test_parts_that_overlap_are_loaded_at_once(house: House) -> None:
    numbers = [f"+1212555{n:04d}" for n in range(100, 200)]
    parts = [numbers[:70], numbers[30:][::-1], numbers[::-1]]
    done = await asyncio.gather(*(_load(house, *part) for part in parts))
    assert sum(one.added for one in done) == 100
    assert (await _show(house)).numbers == 100
