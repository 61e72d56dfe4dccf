"""The claim: one transaction decides, and no number of claims at once decides too much."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event

from dialer.context import Context
from dialer.pipeline.dialing.claim import CLAIM_SECONDS, MAX_BATCH, Claimed, claim
from dialer.pipeline.planning.limits import limit
from dialer.rules.campaign import CampaignState
from dialer.store.dialing import pacers
from tests.support.house import WORKER, House

CLAIM_STATEMENTS = 15
"""Statements of a claim that do not grow with the leads it looks at."""


@pytest.mark.asyncio
async def test_a_due_lead_becomes_a_claimed_call(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    found = await house.claim(campaign["agent_id"])
    call = await house.call(found.call_ids[0])
    assert found.again == "idle"
    assert (call["state"], call["attempt"], call["fence"]) == ("claimed", 1, 1)
    assert (call["lead_id"], call["worker"], call["paced"]) == (lead_id, WORKER, False)
    assert call["claim_expires_at"] - call["place_at"] == timedelta(seconds=CLAIM_SECONDS)
    assert (await house.lead_row(lead_id))["state"] == "calling"
    assert (await house.names())[-1] == "call.claimed"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_fifty_claims_at_once_for_the_last_slot_give_one_call(house: House) -> None:
    campaign = await house.campaign(concurrency=1)
    for _ in range(5):
        await house.lead(campaign["id"])
    found = await asyncio.gather(*(house.claim(campaign["agent_id"]) for _ in range(50)))
    assert sum(len(claimed.call_ids) for claimed in found) == 1
    assert (await house.row("SELECT state FROM calls"))["state"] == "claimed"
    assert {claimed.again for claimed in found if not claimed.call_ids} == {"soon"}
    await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.parametrize("level", ["organization", "business", "agent", "campaign"])
async def test_a_cap_at_any_level_holds_over_lanes_and_campaigns(house: House, level: str) -> None:
    lanes = [await house.campaign(agent=name) for name in ("agent_1", "agent_1", "agent_2")]
    first = lanes[0]
    subject = {
        "organization": house.organization_id,
        "business": first["business_id"],
        "agent": first["agent_id"],
        "campaign": first["id"],
    }[level]
    async with house.context.engine.begin() as conn:
        await pacers.set_limits(
            conn,
            organization_id=house.organization_id,
            level=level,
            subject_id=subject,
            calls_per_minute=None,
            concurrency=2,
        )
    for campaign in lanes:
        for _ in range(4):
            await house.lead(campaign["id"])
    work = [house.claim(c["agent_id"], wanted=3) for c in lanes for _ in range(4)]
    await asyncio.gather(*work)
    column = f"{level}_id"
    row = await house.row(
        f"SELECT count(*) AS n FROM calls WHERE {column} = :subject",  # noqa: S608 -- a level's own column
        subject=subject,
    )
    assert row["n"] == 2
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_slot_is_free_again_when_its_call_ends_or_its_time_is_over(house: House) -> None:
    campaign = await house.campaign(concurrency=1)
    for _ in range(3):
        await house.lead(campaign["id"])
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1
    assert await house.claim(campaign["agent_id"]) == Claimed(again="soon")
    await house.run("UPDATE calls SET state = 'ended', finished_at = outdial_now()")
    (second,) = (await house.claim(campaign["agent_id"])).call_ids
    await house.run(
        "UPDATE calls SET state = 'placed', slot_until = outdial_now() WHERE id = :id", id=second
    )
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


@pytest.mark.asyncio
async def test_two_campaigns_with_one_number_give_one_open_call(house: House) -> None:
    phone = house.phone()
    lanes = [await house.campaign(agent=f"agent_{i}") for i in range(4)]
    for campaign in lanes:
        await house.lead(campaign["id"], phone=phone)
    await asyncio.gather(*(house.claim(campaign["agent_id"]) for campaign in lanes))
    assert len(await house.rows("SELECT id FROM calls")) == 1
    waiting = await house.rows("SELECT reason, due_at FROM leads WHERE state = 'waiting'")
    assert [row["reason"] for row in waiting] == ["number_in_call"] * 3
    now = await house.now()
    assert all(row["due_at"] > now for row in waiting)
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_one_lane_with_two_campaigns_calls_a_number_once_at_a_time(house: House) -> None:
    phone = house.phone()
    first, second = await house.campaign(), await house.campaign()
    for campaign in (first, second):
        await house.lead(campaign["id"], phone=phone)
    assert len((await house.claim(first["agent_id"])).call_ids) == 1
    assert len((await house.claim(first["agent_id"])).call_ids) == 0


@pytest.mark.asyncio
async def test_leads_with_one_number_in_a_campaign_that_calls_each_take_turns(
    house: House,
) -> None:
    campaign = await house.campaign(same_number="each")
    phone = house.phone()
    for _ in range(3):
        await house.lead(campaign["id"], phone=phone)
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 0


@pytest.mark.asyncio
async def test_pace_spaces_the_calls_and_looks_no_further_than_the_horizon(house: House) -> None:
    campaign = await house.campaign(calls_per_minute=120)
    for _ in range(10):
        await house.lead(campaign["id"])
    found = await house.claim(campaign["agent_id"])
    rows = await house.rows("SELECT place_at, paced FROM calls ORDER BY place_at")
    assert found.again == "soon"
    gaps = [b["place_at"] - a["place_at"] for a, b in pairwise(rows)]
    assert gaps == [timedelta(seconds=0.505)]
    assert all(row["paced"] for row in rows)


@pytest.mark.asyncio
async def test_claims_at_once_share_one_pace(house: House) -> None:
    campaign = await house.campaign(calls_per_minute=1_200)
    for _ in range(40):
        await house.lead(campaign["id"])
    await asyncio.gather(*(house.claim(campaign["agent_id"], wanted=5) for _ in range(10)))
    rows = await house.rows("SELECT place_at FROM calls ORDER BY place_at")
    gaps = [b["place_at"] - a["place_at"] for a, b in pairwise(rows)]
    assert len(rows) > 10
    assert min(gaps) >= timedelta(seconds=0.0505)


@pytest.mark.asyncio
async def test_priority_first_then_the_longest_due(house: House) -> None:
    low = await house.campaign(priority=0)
    high = await house.campaign(priority=5)
    order = [
        await house.lead(high["id"], priority=1),
        await house.lead(high["id"]),
        await house.lead(low["id"], priority=9),
        await house.lead(low["id"]),
        await house.lead(low["id"]),
    ]
    await house.run(
        "UPDATE leads SET due_at = outdial_now() - interval '1 h' WHERE id = :id", id=order[3]
    )
    found = await house.claim(low["agent_id"])
    leads = [(await house.call(call_id))["lead_id"] for call_id in found.call_ids]
    assert leads == order


SHUT = {
    "campaign paused": "UPDATE campaigns SET state = 'paused'",
    "campaign parked": "UPDATE campaigns SET parked_reason = 'x'",
    "agent paused": "UPDATE agents SET paused_at = outdial_now()",
    "business paused": "UPDATE businesses SET paused_at = outdial_now()",
    "organization paused": "UPDATE organizations SET paused_at = outdial_now()",
    "quarantine": "UPDATE organizations SET restored_at = outdial_now()",
    "agent parked": "UPDATE agents SET parked_reason = 'off_duty'",
    "organization parked": "UPDATE organizations SET parked_until = outdial_now() + '1 m'",
    "duty never read": "UPDATE agents SET on_duty = NULL, deployed = NULL",
    "off duty": "UPDATE agents SET on_duty = false",
    "not deployed": "UPDATE agents SET deployed = false",
    "not due yet": "UPDATE leads SET due_at = outdial_now() + interval '1 m'",
}


@pytest.mark.asyncio
@pytest.mark.parametrize("what", SHUT)
async def test_nothing_is_claimed_where_a_gate_is_shut_or_unread(house: House, what: str) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run(SHUT[what])
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    assert (await house.lead_row(lead_id))["state"] == "waiting"


@pytest.mark.asyncio
async def test_an_agent_that_is_not_there_has_nothing_to_claim(house: House) -> None:
    assert await house.claim(house.organization_id) == Claimed()


@pytest.mark.asyncio
async def test_a_ramp_lets_only_so_many_calls_go_unanswered(house: House) -> None:
    campaign = await house.campaign()
    for _ in range(5):
        await house.lead(campaign["id"])
    await house.run("UPDATE agents SET ramp = 2")
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 2
    assert await house.claim(campaign["agent_id"]) == Claimed(again="soon")
    await house.run("UPDATE calls SET state = 'placed'")
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("sql", "state", "reason"),
    [
        ("UPDATE leads SET expires_at = outdial_now()", "expired", "expired"),
        ("UPDATE leads SET not_before = outdial_now() + interval '1 h'", "waiting", "not_before"),
        (
            "UPDATE campaigns SET starts_at = outdial_now() + interval '1 h'",
            "waiting",
            "campaign_not_started",
        ),
        ("UPDATE campaigns SET ends_at = outdial_now()", "expired", "expired"),
        ("UPDATE leads SET timezone = 'Asia/Tokyo'", "waiting", "outside_calling_hours"),
        (
            """
            INSERT INTO suppressions (id, organization_id, phone, reason)
            SELECT gen_random_uuid(), organization_id, phone, 'asked' FROM leads
            """,
            "suppressed",
            "suppressed",
        ),
    ],
)
async def test_a_gate_defers_or_finishes_a_lead_and_says_why(
    house: House, sql: str, state: str, reason: str
) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run(sql)
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    lead = await house.lead_row(lead_id)
    assert (lead["state"], lead["reason"]) == (state, reason)
    told = "lead.deferred" if state == "waiting" else f"lead.{state}"
    assert (await house.names())[-1] == told
    assert state != "waiting" or lead["due_at"] > await house.now()
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_the_same_deferral_is_told_once(house: House) -> None:
    campaign = await house.campaign()
    await house.lead(campaign["id"], timezone="Asia/Tokyo")
    for _ in range(3):
        await house.claim(campaign["agent_id"])
        await house.run("UPDATE leads SET due_at = outdial_now()")
    assert (await house.names()).count("lead.deferred") == 1


@pytest.mark.asyncio
async def test_a_call_starts_within_its_window(house: House) -> None:
    campaign = await house.campaign(ends_at=await house.now() + timedelta(seconds=30))
    call = await house.claimed(campaign)
    assert call["place_at"] < call["window_until"] == campaign["ends_at"]


@pytest.mark.asyncio
@pytest.mark.parametrize("leads", [1, 30])
async def test_the_statements_of_a_claim_are_bounded(house: House, leads: int) -> None:
    campaign = await house.campaign(calls_per_minute=6_000)
    for _ in range(leads):
        await house.lead(campaign["id"])
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    sync = house.context.engine.sync_engine
    event.listen(sync, "before_cursor_execute", note)
    try:
        found = await house.claim(campaign["agent_id"], wanted=leads)
    finally:
        event.remove(sync, "before_cursor_execute", note)
    assert len(found.call_ids) == leads
    assert len(seen) <= CLAIM_STATEMENTS + leads, seen


@pytest.mark.asyncio
async def test_a_claim_takes_at_most_what_is_wanted(house: House) -> None:
    campaign = await house.campaign()
    await house.post(campaign["id"], [{"phone": house.phone()} for _ in range(20)])
    found = await house.claim(campaign["agent_id"], wanted=7)
    assert (len(found.call_ids), found.again) == (7, "now")
    assert await house.claim(campaign["agent_id"], wanted=0) == Claimed(again="soon")
    assert MAX_BATCH >= 64


@pytest.mark.asyncio
async def test_an_organizations_own_limit_counts_all_its_lanes(house: House) -> None:
    lanes = [await house.campaign(agent=f"agent_{i}") for i in range(3)]
    await limit(
        house.context,
        organization_id=house.organization_id,
        level="organization",
        subject_id=house.organization_id,
        calls_per_minute=60,
        concurrency=None,
    )
    for campaign in lanes:
        for _ in range(3):
            await house.lead(campaign["id"])
    await asyncio.gather(*(house.claim(campaign["agent_id"]) for campaign in lanes))
    rows = await house.rows("SELECT place_at FROM calls ORDER BY place_at")
    gaps = [b["place_at"] - a["place_at"] for a, b in pairwise(rows)]
    assert all(gap >= timedelta(seconds=1) for gap in gaps)


@pytest.mark.asyncio
async def test_a_pause_between_two_claims_stops_the_second(house: House) -> None:
    campaign = await house.campaign()
    await house.claimed(campaign)
    moved = await house.move(campaign["id"], CampaignState.PAUSED)
    assert moved.in_flight == 0
    await house.lead(campaign["id"])
    assert (await house.claim(campaign["agent_id"])).call_ids == ()


@pytest.mark.asyncio
async def test_a_stranger_to_the_clock_claims_nothing_early(
    house: House, context: Context
) -> None:
    campaign = await house.campaign(calls_per_minute=1)
    for _ in range(2):
        await house.lead(campaign["id"])
    first = await claim(context, campaign["agent_id"], wanted=10, worker="one")
    second = await claim(context, campaign["agent_id"], wanted=10, worker="two")
    assert (len(first.call_ids), len(second.call_ids)) == (1, 0)
    await house.pass_time(seconds=60.7)
    third = await claim(context, campaign["agent_id"], wanted=10, worker="two")
    assert len(third.call_ids) == 1
