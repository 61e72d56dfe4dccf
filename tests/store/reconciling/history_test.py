"""What is known of the upstream's list: its lag as it is, and whether it lacks a known call."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import RowMapping

from dialer.store.reconciling import history
from tests.support.house import House

SECOND = timedelta(seconds=1)


async def _placed(house: House, *, answered: timedelta) -> RowMapping:
    call = await house.dialing(await house.campaign())
    await house.run(
        """
        UPDATE calls SET state = 'placed', answer = 'placed',
            armed_at = outdial_now() - CAST(:ago AS interval),
            answered_at = outdial_now() - CAST(:ago AS interval),
            closed_at = outdial_now() - CAST(:ago AS interval) WHERE id = :id
        """,
        ago=answered,
        id=call["id"],
    )
    return await house.call(call["id"])


async def _lag(house: House) -> list[tuple[int, timedelta]]:
    async with house.context.engine.connect() as conn:
        return list(await history.lag(conn, organization_id=house.organization_id))


async def _saw(house: House, call: RowMapping, *, whole: bool) -> None:
    async with house.context.engine.begin() as conn:
        await history.saw(conn, [call["id"]], whole=whole)


async def _missed(house: House) -> None:
    now = await house.now()
    async with house.context.engine.begin() as conn:
        await history.missed(
            conn, organization_id=house.organization_id, since=now - timedelta(hours=9), until=now
        )


async def _lacks(house: House, lag: timedelta) -> bool:
    async with house.context.engine.connect() as conn:
        return await history.known_call_missing(
            conn, organization_id=house.organization_id, older_than=lag
        )


@pytest.mark.asyncio
async def test_a_call_that_a_whole_reading_shows_early_measures_the_lag(house: House) -> None:
    await _saw(house, await _placed(house, answered=5 * SECOND), whole=True)
    early, every = await _lag(house)
    assert early == every
    assert early[0] == 1
    assert 5 * SECOND <= early[1] <= 30 * SECOND


@pytest.mark.asyncio
@pytest.mark.parametrize(("answered", "whole"), [(5, False), (91, True)])
async def test_one_first_seen_by_another_reading_or_late_only_bounds_it(
    house: House, answered: int, *, whole: bool
) -> None:
    await _saw(house, await _placed(house, answered=answered * SECOND), whole=whole)
    ((samples, lag),) = await _lag(house)
    assert samples == 1
    assert lag >= answered * SECOND


@pytest.mark.asyncio
async def test_those_seen_early_are_measured_apart_from_those_that_only_bound_it(
    house: House,
) -> None:
    await _saw(house, await _placed(house, answered=5 * SECOND), whole=True)
    await _saw(house, await _placed(house, answered=300 * SECOND), whole=False)
    early, every = await _lag(house)
    assert (early[0], every[0]) == (1, 2)
    assert early[1] < timedelta(minutes=1) < timedelta(minutes=4) < every[1]


@pytest.mark.asyncio
async def test_of_many_that_ask_at_once_one_has_its_turn_to_read(house: House) -> None:
    async def ask() -> bool:
        async with house.context.engine.begin() as conn:
            return await history.take_turn(conn, organization_id=house.organization_id, seconds=60)

    turns = [await ask(), *await asyncio.gather(*(ask() for _ in range(5)))]
    assert turns == [True, False, False, False, False, False]


@pytest.mark.asyncio
async def test_a_call_that_was_looked_for_early_in_vain_measures_the_lag_when_it_is_seen(
    house: House,
) -> None:
    call = await _placed(house, answered=20 * SECOND)
    await _missed(house)
    await house.pass_time(minutes=4)
    await _saw(house, call, whole=False)
    early, _ = await _lag(house)
    assert early[0] == 1
    assert early[1] >= timedelta(minutes=4)


@pytest.mark.asyncio
async def test_a_list_lacks_a_call_only_if_it_was_looked_for(house: House) -> None:
    call = await _placed(house, answered=timedelta(minutes=3))
    assert not await _lacks(house, timedelta(minutes=1))
    await _missed(house)
    assert await _lacks(house, timedelta(minutes=1))
    assert not await _lacks(house, timedelta(minutes=5))
    await _saw(house, call, whole=False)
    assert not await _lacks(house, timedelta(minutes=1))


@pytest.mark.asyncio
async def test_the_youngest_calls_are_not_missed_yet(house: House) -> None:
    call = await _placed(house, answered=14 * SECOND)
    async with house.context.engine.begin() as conn:
        await history.missed(
            conn,
            organization_id=house.organization_id,
            since=call["armed_at"],
            until=call["armed_at"] + 14 * SECOND,
        )
    assert (await house.call(call["id"]))["looked_at"] is None


@pytest.mark.asyncio
async def test_a_call_that_its_id_does_not_find_is_missing(house: House) -> None:
    call = await _placed(house, answered=timedelta(minutes=11))
    async with house.context.engine.begin() as conn:
        await history.asked(conn, [call["id"]], not_there=[call["id"]])
    assert await _lacks(house, timedelta(minutes=10))
    assert (await house.call(call["id"]))["asked_at"] is not None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("sweeps", "closed", "swept", "soon"),
    [
        (0, 14, None, timedelta(minutes=1)),
        (0, 16, None, None),
        (1, 16, 0, timedelta(minutes=1)),
        (2, 20, 1, timedelta()),
        (3, 20, 0, timedelta()),
        (3, 20, 3, None),
    ],
)
async def test_the_next_sweep_is_known(
    house: House, sweeps: int, closed: int, swept: int | None, soon: timedelta | None
) -> None:
    call = await house.dialing(await house.campaign())
    await house.run(
        """
        UPDATE calls SET state = 'unknown', answer = 'unknown', sweeps = :sweeps,
            closed_at = outdial_now() - make_interval(mins => :closed),
            swept_at = outdial_now() - make_interval(mins => :swept) WHERE id = :id
        """,
        sweeps=sweeps,
        closed=closed,
        swept=swept,
        id=call["id"],
    )
    async with house.context.engine.connect() as conn:
        span = await history.next_sweep(
            conn, organization_id=house.organization_id, least=timedelta(minutes=15)
        )
    if soon is None or span is None:
        assert span == soon
    else:
        assert soon - 30 * SECOND <= span <= soon


async def _read_with(house: House, *, skew_ms: int | None) -> timedelta:
    org = house.organization_id
    async with house.context.engine.begin() as conn:
        await history.note(conn, organization_id=org, skew_ms=skew_ms, problem=None)
        return await history.skew(conn, organization_id=org)


@pytest.mark.asyncio
async def test_the_largest_skew_of_a_day_counts_though_the_upstreams_clock_was_set_right(
    house: House,
) -> None:
    await house.run(
        "INSERT INTO history (organization_id) VALUES (:org) ON CONFLICT DO NOTHING",
        org=house.organization_id,
    )
    assert await _read_with(house, skew_ms=-300_000) == 300 * SECOND
    assert await _read_with(house, skew_ms=20) == 300 * SECOND
    assert await _read_with(house, skew_ms=None) == 300 * SECOND
    await house.pass_time(hours=23)
    assert await _read_with(house, skew_ms=400) == 300 * SECOND
    await house.pass_time(hours=2)
    assert await _read_with(house, skew_ms=-400) == timedelta(milliseconds=400)
    assert await _read_with(house, skew_ms=500) == timedelta(milliseconds=500)


async def _in_doubt(house: House) -> RowMapping:
    call = await house.dialing(await house.campaign())
    await house.run(
        "UPDATE calls SET state = 'unknown', answer = 'unknown' WHERE id = :id", id=call["id"]
    )
    return await house.call(call["id"])


async def _swept(house: House, judged: RowMapping) -> int:
    async with house.context.engine.begin() as conn:
        await history.swept(conn, [judged], counting={judged["id"]})
    found: int = (await house.call(judged["id"]))["sweeps"]
    return found


@pytest.mark.asyncio
async def test_of_sweeps_that_were_judged_at_once_one_counts(house: House) -> None:
    judged = await _in_doubt(house)
    assert [await _swept(house, judged) for _ in range(3)] == [1, 1, 1]
    anew = await house.call(judged["id"])
    # Another sweep is made, and counts for nothing: the list may have shown a gap meanwhile.
    async with house.context.engine.begin() as conn:
        await history.swept(conn, [anew], counting=())
    assert await _swept(house, anew) == 1
    assert await _swept(house, await house.call(judged["id"])) == 2


@pytest.mark.asyncio
async def test_a_sweep_that_was_judged_before_the_closing_counts_for_nothing(
    house: House,
) -> None:
    judged = await _in_doubt(house)
    await house.run("UPDATE calls SET closed_at = outdial_now() WHERE id = :id", id=judged["id"])
    assert await _swept(house, judged) == 0
    # The sweep took its turn all the same; the next one is judged by the row as it is.
    assert await _swept(house, await house.call(judged["id"])) == 1
