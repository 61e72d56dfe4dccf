"""How often a number rings: in any 24 hours, in any seven days, how soon again; over campaigns."""

from datetime import timedelta
from uuid import UUID

import pytest

from dialer.pipeline.compliance import rulebook
from dialer.pipeline.compliance.rulebook import Edit
from tests.support.house import House
from tests.support.past import rang

pytestmark = pytest.mark.asyncio

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def _limits(house: House, **limits: object) -> None:
    edit = Edit(limits=limits, note="x")
    await rulebook.change(house.context, organization_id=house.organization_id, edit=edit)


async def _deferred(house: House, agent_id: UUID, lead_id: UUID) -> tuple[str | None, timedelta]:
    assert (await house.claim(agent_id)).call_ids == ()
    lead = await house.lead_row(lead_id)
    assert lead["state"] == "waiting"
    return lead["reason"], lead["due_at"] - await house.now()


def _about(span: timedelta, expected: timedelta) -> bool:
    return abs(span - expected) < MINUTE


@pytest.mark.parametrize(
    ("ago", "reason", "wait"),
    [
        ([20 * HOUR, 10 * HOUR, 2 * HOUR], "number_cap_24h", 4 * HOUR),
        ([23 * HOUR, 22 * HOUR, 21 * HOUR, 2 * HOUR], "number_cap_24h", 2 * HOUR),
        ([(7 * DAY) - HOUR, *([3 * DAY] * 9)], "number_cap_7d", HOUR),
        ([2 * MINUTE], "number_gap", 3 * MINUTE),
        # Several at once: whichever lasts longest.
        ([23 * HOUR, 22 * HOUR, MINUTE], "number_cap_24h", HOUR),
    ],
)
async def test_a_number_that_rang_often_enough_waits_until_there_is_room(
    house: House, ago: list[timedelta], reason: str, wait: timedelta
) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    for span in ago:
        await rang(house, lead_id, ago=span)
    why, span = await _deferred(house, campaign["agent_id"], lead_id)
    assert why == reason
    assert _about(span, wait)


@pytest.mark.parametrize(
    "ago",
    [
        [DAY + MINUTE, 10 * HOUR, 2 * HOUR],
        [(7 * DAY) + MINUTE, *([3 * DAY] * 9)],
        [6 * MINUTE],
        [],
    ],
)
async def test_a_ring_out_of_the_span_leaves_room(house: House, ago: list[timedelta]) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    for span in ago:
        await rang(house, lead_id, ago=span)
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


async def test_rings_count_over_all_campaigns_and_agents(house: House) -> None:
    phone = house.phone()
    for number in range(3):
        other = await house.campaign(start=False, agent=f"agent_{number}")
        await rang(house, await house.lead(other["id"], phone=phone), ago=(number + 1) * HOUR)
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"], phone=phone)
    why, _ = await _deferred(house, campaign["agent_id"], lead_id)
    assert why == "number_cap_24h"


@pytest.mark.parametrize("state", ["refused", "absent", "released"])
async def test_calls_that_never_rang_do_not_count(house: House, state: str) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    for _ in range(12):
        await rang(house, lead_id, state=state, ago=MINUTE)
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


async def test_another_organizations_rings_do_not_count(house: House) -> None:
    phone = house.phone()
    stranger = await house.neighbour()
    theirs = await stranger.campaign(start=False)
    # The neighbour has no source of its own: its lead stands in for one.
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"], phone=phone)
    for hours in (1, 2, 3):
        await rang(
            house,
            lead_id,
            ago=hours * HOUR,
            organization_id=stranger.organization_id,
            campaign_id=theirs["id"],
            agent_id=theirs["agent_id"],
            business_id=theirs["business_id"],
        )
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


async def test_the_law_of_a_state_holds_where_the_own_cap_is_higher_or_lifted(
    house: House,
) -> None:
    await _limits(house, per_number_24h=None, per_number_7d=None)
    campaign = await house.campaign()
    florida = await house.lead(campaign["id"], phone="+13055550101")
    other = await house.lead(campaign["id"])
    for lead_id in (florida, other):
        for hours in (2, 4, 6):
            await rang(house, lead_id, ago=hours * HOUR)
    found = await house.claim(campaign["agent_id"])
    assert [(await house.call(one))["lead_id"] for one in found.call_ids] == [other]
    # Fla. Stat. 501.616(6): three in 24 hours.
    assert (await house.lead_row(florida))["reason"] == "number_cap_24h"


async def test_an_own_cap_below_the_laws_holds(house: House) -> None:
    await _limits(house, per_number_24h=1)
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"], phone="+13055550101")
    await rang(house, lead_id, ago=6 * HOUR)
    why, span = await _deferred(house, campaign["agent_id"], lead_id)
    assert why == "number_cap_24h"
    assert _about(span, 18 * HOUR)


async def test_a_call_keeps_the_caps_that_its_arm_has_to_hold(house: House) -> None:
    await _limits(house, per_number_24h=None, per_number_7d=7, gap_minutes=9)
    call = await house.claimed(await house.campaign(), phone="+13055550101")
    assert (call["most_in_24h"], call["most_in_7d"], call["gap_seconds"]) == (3, 7, 540)


async def test_consent_that_a_campaign_requires_is_waited_for(house: House) -> None:
    campaign = await house.campaign(consent="required")
    refused = [await house.lead(campaign["id"]) for _ in range(2)]
    refused.append(await house.lead(campaign["id"], consent={"given": False}))
    agreed = await house.lead(campaign["id"], consent={"given": True, "source": "web form"})
    found = await house.claim(campaign["agent_id"])
    assert [(await house.call(one))["lead_id"] for one in found.call_ids] == [agreed]
    for lead_id in refused:
        lead = await house.lead_row(lead_id)
        assert (lead["state"], lead["reason"]) == ("waiting", "no_consent")
    # The evidence stays as it was sent.
    assert (await house.lead_row(agreed))["consent"]["source"] == "web form"
