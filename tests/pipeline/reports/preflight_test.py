"""Preflight: what it counts is what the claim would do, and it changes nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from dialer.clock import new_id
from dialer.pipeline.reports import preflight
from dialer.pipeline.reports.preflight import ENOUGH_CALLS, USUAL_MINUTES, Preflight
from dialer.rules.calling.preflight import FEWEST_CALLS, MOST_CALLS
from dialer.rules.errors import ConflictError, NotFoundError
from tests.support.house import NOON, House
from tests.support.past import rang

pytestmark = pytest.mark.asyncio

TOKYO = {"timezone": "Asia/Tokyo"}


async def look(house: House, campaign_id: UUID) -> Preflight:
    """What a start would come to."""
    return await preflight.look(
        house.context, organization_id=house.organization_id, campaign_id=campaign_id
    )


def codes(found: Preflight) -> set[str]:
    """What is warned of."""
    return {one.code for one in found.warnings}


async def test_who_can_be_called_now_later_and_never_is_what_the_claim_finds(
    house: House,
) -> None:
    campaign = await house.campaign(start=False, consent="required")
    given = {"consent": {"given": True}}
    for _ in range(3):
        await house.lead(campaign["id"], **given)
    for _ in range(2):
        await house.lead(campaign["id"], **given, **TOKYO)
    barred = [await house.lead(campaign["id"], **given) for _ in range(2)]
    for _ in range(4):
        await house.lead(campaign["id"])
    await house.run(
        """
        INSERT INTO suppressions (id, organization_id, phone, reason)
        SELECT gen_random_uuid(), organization_id, phone, 'asked' FROM leads
        WHERE id = ANY(:ids)
        """,
        ids=barred,
    )
    found = await look(house, campaign["id"])
    seen = found.forecast
    assert (found.leads, seen.now) == (11, 3)
    assert dict(seen.later) == {"outside_calling_hours": 2}
    assert dict(seen.never) == {"suppressed": 2, "no_consent": 4}
    assert {"no_consent", "suppressed"} <= codes(found)
    assert {one.leads for one in found.warnings if one.code == "no_consent"} == {4}
    await house.run("UPDATE campaigns SET state = 'running'")
    assert len((await house.claim(campaign["agent_id"], wanted=20)).call_ids) == 3
    reasons = await house.rows(
        "SELECT reason, count(*) AS n FROM leads WHERE reason IS NOT NULL GROUP BY reason"
    )
    assert {row["reason"]: row["n"] for row in reasons} == {**seen.later, **seen.never}


async def test_leads_are_counted_by_zone_and_by_the_hour_in_which_they_can_be_called(
    house: House,
) -> None:
    campaign = await house.campaign(start=False)
    for phone in ("+12125550101", "+12125550102", "+13125550103", "+12135550104"):
        await house.lead(campaign["id"], phone=phone)
    early = NOON.replace(hour=15, minute=0)
    await house.set_time(early)
    found = (await look(house, campaign["id"])).forecast
    assert dict(found.by_zone) == {
        "America/New_York": 2,
        "America/Chicago": 1,
        "America/Los_Angeles": 1,
    }
    # By the law of their own states it is 07:00 in Los Angeles.
    assert found.now == 3
    assert dict(found.opens) == {early: 3, early + timedelta(hours=1): 1}


async def test_calls_minutes_and_cost_are_ranges(house: House) -> None:
    campaign = await house.campaign(start=False)
    for _ in range(10):
        await house.lead(campaign["id"])
    found = await look(house, campaign["id"])
    assert found.forecast.calls == (round(10 * FEWEST_CALLS), round(10 * MOST_CALLS))
    least, _, most = USUAL_MINUTES
    assert found.minutes == (round(13 * least, 1), round(30 * most, 1))
    assert found.cost is None
    await house.run("UPDATE campaigns SET price_per_minute = 0.125, budget = 5")
    dear = await look(house, campaign["id"])
    assert dear.cost == (Decimal("0.49"), Decimal("7.50"))
    assert "over_budget" in codes(dear)
    await house.run("UPDATE campaigns SET budget = 7.5")
    assert "over_budget" not in codes(await look(house, campaign["id"]))


async def test_once_enough_calls_have_ended_their_length_counts(house: House) -> None:
    campaign = await house.campaign(start=False)
    lead_id = await house.lead(campaign["id"])
    for number in range(ENOUGH_CALLS):
        await rang(house, lead_id, ago=timedelta(days=9), duration_ms=number * 6_000)
        if number == ENOUGH_CALLS - 2:
            few = await look(house, campaign["id"])
    many = await look(house, campaign["id"])
    assert few.minutes == (round(1 * USUAL_MINUTES[0], 1), round(3 * USUAL_MINUTES[2], 1))
    # Quartiles of 0, 0.1 ... 4.9 minutes.
    assert many.minutes == (1.2, 11.0)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE agents SET checked_at = NULL", "agent_unread"),
        ("UPDATE agents SET deployed = false", "agent_not_deployed"),
        ("UPDATE agents SET on_duty = false", "agent_off_duty"),
        ("UPDATE campaigns SET dnc = 'required'", "dnc_stale"),
        ("UPDATE campaigns SET max_calls = 1", "over_max_calls"),
        ("UPDATE campaigns SET max_calls_per_day = 1", "over_calls_per_day"),
        ("UPDATE campaigns SET ends_at = outdial_now() + '2 h'::interval", "ends_too_soon"),
        ("""UPDATE campaigns SET hours = '{"monday": [["09:00", "09:10"]]}'""", "too_slow"),
        (
            """
            WITH moved AS (UPDATE leads SET us_state = 'AL' RETURNING id)
            UPDATE campaigns SET hours = '{"sunday": [["09:00", "17:00"]]}'
            """,
            "no_common_window",
        ),
        ("UPDATE campaigns SET ends_at = outdial_now()", "campaign_ended"),
        ("UPDATE leads SET timezone = 'Nowhere/Else'", "gate_unreadable"),
        ("UPDATE leads SET state = 'done'", "nobody"),
    ],
)
async def test_it_warns_before_the_start(house: House, sql: str, code: str) -> None:
    campaign = await house.campaign(start=False, calls_per_minute=1)
    await house.post(campaign["id"], [{"phone": house.phone()} for _ in range(100)])
    await house.run(sql)
    assert code in codes(await look(house, campaign["id"]))


async def test_a_list_that_nothing_is_wrong_with_warns_of_nothing(house: House) -> None:
    campaign = await house.campaign(start=False, calls_per_minute=60)
    await house.lead(campaign["id"])
    found = await look(house, campaign["id"])
    assert found.warnings == ()
    assert found.pace == 60
    assert found.forecast.finish[0] is not None


async def test_the_finish_follows_the_pace(house: House) -> None:
    finishes: list[Any] = []
    for pace in (60, 1):
        campaign = await house.campaign(start=False, calls_per_minute=pace)
        await house.post(campaign["id"], [{"phone": house.phone()} for _ in range(120)])
        finishes.append((await look(house, campaign["id"])).forecast.finish)
    (quick_first, quick_last), (slow_first, slow_last) = finishes
    assert quick_first < slow_first
    assert quick_last <= slow_last
    assert quick_first < quick_last


async def test_leads_that_nobody_may_call_keep_no_list_from_its_finish(house: House) -> None:
    campaign = await house.campaign(start=False)
    await house.lead(campaign["id"])
    await house.lead(campaign["id"], phone="+13055550101")
    await house.run(
        """
        INSERT INTO rulebooks (organization_id, version, limits)
        VALUES (:org, 1, '{"paused_states": ["FL"]}')
        """,
        org=house.organization_id,
    )
    await house.run("UPDATE organizations SET rulebook = 1")
    found = await look(house, campaign["id"])
    assert dict(found.forecast.never) == {"state_paused": 1}
    assert found.forecast.finish[1] is not None
    assert codes(found) == {"state_paused"}


async def test_the_registry_counts_where_a_campaign_asks_it(house: House) -> None:
    campaign = await house.campaign(start=False)
    for _ in range(3):
        await house.lead(campaign["id"])
    await house.run(
        """
        INSERT INTO dnc_numbers (organization_id, phone)
        SELECT organization_id, phone FROM leads LIMIT 1
        """
    )
    assert dict((await look(house, campaign["id"])).forecast.never) == {}
    await house.run("UPDATE campaigns SET dnc = 'required'")
    await house.run("UPDATE organizations SET dnc_scrubbed_at = outdial_now()")
    found = await look(house, campaign["id"])
    assert (found.forecast.now, dict(found.forecast.never)) == (2, {"dnc_listed": 1})
    assert codes(found) == {"dnc_listed"}


async def test_rules_that_cannot_be_read_are_told(house: House) -> None:
    campaign = await house.campaign(start=False)
    await house.run("UPDATE campaigns SET purpose = 'sales', hours = '{}'")
    with pytest.raises(ConflictError, match="plan"):
        await look(house, campaign["id"])
    await house.run(
        """
        INSERT INTO rulebooks (organization_id, version, outcomes, limits)
        VALUES (:org, 1, 'damaged', '{}')
        """,
        org=house.organization_id,
    )
    await house.run("UPDATE organizations SET rulebook = 1")
    with pytest.raises(ConflictError, match="version 1 of the rules"):
        await look(house, campaign["id"])


async def test_it_is_one_organizations_own_and_changes_nothing(house: House) -> None:
    campaign = await house.campaign(start=False)
    lead_id = await house.lead(campaign["id"], **TOKYO)
    before = await house.lead_row(lead_id), await house.names()
    await look(house, campaign["id"])
    assert (await house.lead_row(lead_id), await house.names()) == before
    for who, campaign_id in ((await house.neighbour(), campaign["id"]), (house, new_id())):
        with pytest.raises(NotFoundError):
            await look(who, campaign_id)
