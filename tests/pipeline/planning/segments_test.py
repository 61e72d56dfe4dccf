"""Segments: who is in one, read anew at each count, and who never is."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from dialer.clock import new_id
from dialer.pipeline.compliance import suppress
from dialer.pipeline.planning import segments
from dialer.rules.errors import ConflictError, InvalidInputError, NotFoundError
from dialer.rules.lead import LeadState
from tests.support.house import House


async def _done(house: House, campaign_id: UUID, outcome: str = "busy", **fields: object) -> UUID:
    """A lead that was called to the end."""
    lead_id = await house.lead(campaign_id, **fields)
    await house.run(
        "UPDATE leads SET state = 'done', last_outcome = :o, attempts = 2 WHERE id = :id",
        o=outcome,
        id=lead_id,
    )
    return lead_id


async def _count(house: House, given: Mapping[str, object]) -> int:
    row = await segments.create(
        house.context, organization_id=house.organization_id, name=str(new_id()), given=given
    )
    found = await segments.count(
        house.context, organization_id=house.organization_id, segment_id=row["id"]
    )
    assert not found.at_least
    return found.count


@pytest.mark.asyncio
async def test_each_part_narrows_the_choice(house: House) -> None:
    one, two = await house.campaign(), await house.campaign()
    here = await _done(
        house,
        one["id"],
        phone="+13055550101",
        state="TX",
        attributes={"plan": "gold", "score": 5, "vip": True},
    )
    await _done(house, two["id"], "no_answer", phone="+13055550102")
    await house.lead(two["id"], phone="+12125550103")
    source = (await house.lead_row(here))["source_id"]
    for given, count in (
        ({}, 2),
        ({"campaign_ids": [str(one["id"])]}, 1),
        ({"campaign_ids": [str(one["id"]), str(two["id"])]}, 2),
        ({"source_ids": [str(source)]}, 2),
        ({"states": ["waiting"]}, 1),
        ({"states": ["waiting", "done"]}, 3),
        ({"last_outcomes": ["no_answer", "voicemail"]}, 1),
        ({"us_states": ["TX"]}, 1),
        ({"us_states": ["FL"]}, 1),
        ({"us_states": ["TX", "FL"]}, 2),
        ({"us_states": ["NY"], "states": ["waiting"]}, 1),
        ({"attributes": {"plan": "gold"}}, 1),
        ({"attributes": {"plan": "gold", "score": 5, "vip": True}}, 1),
        ({"attributes": {"score": "5"}}, 0),
        ({"attempts_min": 2}, 2),
        ({"attempts_min": 3}, 0),
        ({"attempts_max": 1, "states": ["waiting", "done"]}, 1),
        ({"created_within_days": 1}, 2),
    ):
        assert await _count(house, given) == count, given
    await house.pass_time(days=2)
    assert await _count(house, {"created_within_days": 1}) == 0
    assert await _count(house, {"created_within_days": 3}) == 2


@pytest.mark.asyncio
async def test_whose_number_rang_lately_is_known_over_all_campaigns(house: House) -> None:
    one, two = await house.campaign(), await house.campaign()
    call = await house.dialing(one)
    await house.run("UPDATE calls SET state = 'ended' WHERE id = :id", id=call["id"])
    await house.run("UPDATE leads SET state = 'done'")
    await _done(house, two["id"], phone=call["phone"])
    await _done(house, two["id"])
    assert await _count(house, {"not_called_for_days": 7}) == 1
    await house.run("UPDATE calls SET state = 'absent'")
    assert await _count(house, {"not_called_for_days": 7}) == 3
    await house.run("UPDATE calls SET state = 'ended'")
    await house.pass_time(days=8)
    assert await _count(house, {"not_called_for_days": 7}) == 3


@pytest.mark.asyncio
async def test_nobody_is_in_a_segment_who_must_not_be_called_again(house: House) -> None:
    one, two = await house.campaign(), await house.campaign()
    await _done(house, one["id"], "opted_out")
    listed, listed_here, lapsed = [await _done(house, one["id"]) for _ in range(3)]
    elsewhere = await _done(house, two["id"])
    won = await _done(house, one["id"])
    stopped = await _done(house, one["id"])
    await _done(house, one["id"], expires_at="2026-03-04T00:00:00Z")
    org: dict[str, Any] = {"organization_id": house.organization_id}

    async def phone(lead_id: UUID) -> str:
        return str((await house.lead_row(lead_id))["phone"])

    async def listing(lead_id: UUID, **more: Any) -> None:  # noqa: ANN401 -- a campaign or an end
        await suppress.suppress(
            house.context,
            raw_phone=await phone(lead_id),
            reason="asked",
            **org,
            **more,
        )

    await listing(listed)
    await listing(listed_here, campaign_id=one["id"])
    await listing(elsewhere, campaign_id=one["id"])
    now = await house.now()
    await listing(lapsed, until=now.replace(year=now.year + 1))
    await house.run("UPDATE leads SET reason = 'crm_won' WHERE id = :id", id=won)
    await house.run("UPDATE leads SET stop_word = 'lost' WHERE id = :id", id=stopped)
    await house.pass_time(days=2)
    every = {"states": [state.value for state in LeadState]}
    assert await _count(house, every) == 1
    assert await _count(house, {"campaign_ids": [str(two["id"])]}) == 1
    await house.run("UPDATE suppressions SET until = outdial_now() - interval '1 s'")
    assert await _count(house, every) == 4


@pytest.mark.asyncio
async def test_a_count_that_comes_to_its_end_says_at_least(house: House) -> None:
    campaign = await house.campaign()
    for _ in range(4):
        await _done(house, campaign["id"])
    org = {"organization_id": house.organization_id}
    row = await segments.create(house.context, name="all", given={}, **org)
    for most, count, at_least in ((3, 3, True), (4, 4, False), (5, 4, False)):
        found = await segments.count(house.context, segment_id=row["id"], most=most, **org)
        assert (found.count, found.at_least) == (count, at_least)
    assert segments.MOST_COUNTED == 100_000


@pytest.mark.asyncio
async def test_a_filter_names_only_what_the_organization_has(house: House) -> None:
    stranger = await house.neighbour()
    theirs = await stranger.campaign()
    door = await stranger.door(theirs["id"])
    with pytest.raises(InvalidInputError) as refused:
        await segments.create(
            house.context,
            organization_id=house.organization_id,
            name="theirs",
            given={"campaign_ids": [str(theirs["id"])], "source_ids": [str(door.source_id)]},
        )
    assert [fault.pointer for fault in refused.value.faults] == [
        "/filter/campaign_ids/0",
        "/filter/source_ids/0",
    ]
    assert not await house.rows("SELECT id FROM segments")


@pytest.mark.asyncio
async def test_another_organization_counts_and_deletes_nothing_here(house: House) -> None:
    campaign = await house.campaign()
    await _done(house, campaign["id"])
    org = {"organization_id": house.organization_id}
    row = await segments.create(house.context, name="mine", given={}, **org)
    stranger = await house.neighbour()
    assert await _count(stranger, {}) == 0
    for work in (segments.count, segments.delete):
        with pytest.raises(NotFoundError):
            await work(
                house.context,
                organization_id=stranger.organization_id,
                segment_id=row["id"],
            )
    await segments.delete(house.context, segment_id=row["id"], **org)
    with pytest.raises(NotFoundError):
        await segments.delete(house.context, segment_id=row["id"], **org)


@pytest.mark.asyncio
async def test_a_name_is_taken_once(house: House) -> None:
    org = {"organization_id": house.organization_id}
    await segments.create(house.context, name="all", given={}, **org)
    with pytest.raises(ConflictError, match="'all' already"):
        await segments.create(house.context, name="all", given={}, **org)
    stranger = await house.neighbour()
    await segments.create(
        house.context, organization_id=stranger.organization_id, name="all", given={}
    )
