"""What a campaign manager does: plans that can't be are refused, commands follow the table."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dialer.clock import new_id
from dialer.pipeline.planning import campaigns
from dialer.pipeline.planning.plans import Plan
from dialer.rules.campaign import CAMPAIGN_TRANSITIONS, CampaignState
from dialer.rules.errors import ConflictError, InvalidInputError, NotFoundError
from tests.support.house import House

EARLY, LATE = datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.asyncio
async def test_a_draft_has_the_defaults(house: House) -> None:
    row = await house.campaign(start=False)
    assert (row["state"], row["priority"], row["same_number"]) == ("draft", 0, "once")
    assert row["absence_proof"] == "strict"
    assert set(row["hours"]["monday"][0]) == {"00:00", "24:00"}
    assert row["cadence"]["max_attempts"] == 6
    assert (row["calls_per_minute"], row["concurrency"]) == (None, None)
    assert await house.names() == ["campaign.created"]


@pytest.mark.asyncio
async def test_a_plan_is_kept_and_changed_part_by_part(house: House) -> None:
    row = await house.campaign(
        start=False, name="Spring", concurrency=3, calls_per_minute=60, priority=2
    )
    changed = await campaigns.change(
        house.context,
        organization_id=house.organization_id,
        campaign_id=row["id"],
        plan=Plan(name="Summer", concurrency=5, hours={"friday": [["09:00", "10:00"]]}),
    )
    assert (changed["name"], changed["priority"]) == ("Summer", 2)
    assert (changed["calls_per_minute"], changed["concurrency"]) == (60, 5)
    assert changed["hours"] == {"friday": [["09:00", "10:00"]]}
    assert (await house.names())[-1] == "campaign.changed"


@pytest.mark.asyncio
async def test_a_limit_is_lifted_only_on_purpose(house: House) -> None:
    row = await house.campaign(start=False, concurrency=3, calls_per_minute=60)
    for plan, limits in (
        (Plan(name="x"), (60, 3)),
        (Plan(lifts=frozenset({"concurrency"})), (60, None)),
        (Plan(concurrency=2, lifts=frozenset({"calls_per_minute"})), (None, 2)),
    ):
        changed = await campaigns.change(
            house.context,
            organization_id=house.organization_id,
            campaign_id=row["id"],
            plan=plan,
        )
        assert (changed["calls_per_minute"], changed["concurrency"]) == limits


@pytest.mark.asyncio
async def test_a_resumption_starts_no_draft(house: House) -> None:
    row = await house.campaign(start=False)

    async def resume() -> campaigns.Moved:
        return await campaigns.move(
            house.context,
            organization_id=house.organization_id,
            campaign_id=row["id"],
            to=CampaignState.RUNNING,
            again=True,
        )

    with pytest.raises(ConflictError, match="start it"):
        await resume()
    await house.move(row["id"], CampaignState.RUNNING)
    assert (await resume()).campaign["state"] == "running"
    await house.move(row["id"], CampaignState.PAUSED)
    assert (await resume()).campaign["state"] == "running"
    with pytest.raises(NotFoundError):
        await campaigns.move(
            house.context,
            organization_id=(await house.neighbour()).organization_id,
            campaign_id=row["id"],
            to=CampaignState.RUNNING,
            again=True,
        )


@pytest.mark.asyncio
async def test_an_agent_and_a_business_are_made_once(house: House) -> None:
    rows = await asyncio.gather(*(house.campaign(start=False) for _ in range(8)))
    assert len({row["agent_id"] for row in rows}) == 1
    assert len({row["business_id"] for row in rows}) == 1
    pacers = await house.rows("SELECT id FROM pacers WHERE level = 'agent'")
    assert len(pacers) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("plan", "pointers"),
    [
        (Plan(hours={}), ["/hours"]),
        (Plan(hours={"monday": [["9", "17"]]}), ["/hours"]),
        (Plan(cadence={"max_attempts": 99}), ["/cadence"]),
        (Plan(context_template="{{nmae}}"), ["/context_template"]),
        (Plan(additional_info_template="{{name"), ["/additional_info_template"]),
        (Plan(starts_at=LATE, ends_at=EARLY), ["/ends_at"]),
        (Plan(starts_at=LATE, ends_at=LATE), ["/ends_at"]),
        (
            Plan(hours={}, cadence={"max_attempts": 0}, context_template="{{x}} {{y}}"),
            ["/context_template", "/context_template", "/hours", "/cadence"],
        ),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_part_by_part(
    house: House, plan: Plan, pointers: list[str]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await campaigns.create(
            house.context,
            organization_id=house.organization_id,
            partner_business_id="biz_demo",
            partner_agent_id="agent_demo",
            plan=plan,
        )
    assert [fault.pointer for fault in refused.value.faults] == pointers
    row = await house.campaign(start=False)
    with pytest.raises(InvalidInputError):
        await campaigns.change(
            house.context,
            organization_id=house.organization_id,
            campaign_id=row["id"],
            plan=plan,
        )
    assert len(await house.rows("SELECT id FROM campaigns")) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("here", CampaignState)
async def test_commands_follow_the_table(house: House, here: CampaignState) -> None:
    row = await house.campaign(start=False)
    for there in CampaignState:
        if there is CampaignState.DRAFT:
            continue
        await house.run("UPDATE campaigns SET state = :s", s=here)
        if there in CAMPAIGN_TRANSITIONS[here] or there is here:
            assert (await house.move(row["id"], there)).campaign["state"] == there
        else:
            with pytest.raises(ConflictError, match=f"the campaign is {here}; {there} follows"):
                await house.move(row["id"], there)


@pytest.mark.asyncio
async def test_asking_again_is_told_once(house: House) -> None:
    row = await house.campaign()
    for _ in range(3):
        await house.move(row["id"], CampaignState.PAUSED)
    assert (await house.names()).count("campaign.paused") == 1


@pytest.mark.asyncio
async def test_a_pause_says_how_many_calls_nothing_can_stop(house: House) -> None:
    row = await house.campaign()
    await house.claimed(row)
    for state in ("dialing", "placed", "live", "unknown", "ended", "held"):
        call = await house.dialing(row)
        await house.run("UPDATE calls SET state = :s WHERE id = :id", s=state, id=call["id"])
    assert (await house.move(row["id"], CampaignState.PAUSED)).in_flight == 4


@pytest.mark.asyncio
async def test_a_finished_plan_is_history(house: House) -> None:
    row = await house.campaign()
    await house.move(row["id"], CampaignState.CANCELLED)
    with pytest.raises(ConflictError, match="its plan is history"):
        await campaigns.change(
            house.context,
            organization_id=house.organization_id,
            campaign_id=row["id"],
            plan=Plan(name="later"),
        )


@pytest.mark.asyncio
async def test_a_strangers_or_missing_campaign_is_not_found(house: House) -> None:
    row = await house.campaign()
    stranger = await house.neighbour()
    for who, campaign_id in ((stranger, row["id"]), (house, new_id())):
        with pytest.raises(NotFoundError):
            await who.move(campaign_id, CampaignState.PAUSED)
        with pytest.raises(NotFoundError):
            await campaigns.change(
                who.context,
                organization_id=who.organization_id,
                campaign_id=campaign_id,
                plan=Plan(name="x"),
            )
    assert (await house.row("SELECT state FROM campaigns"))["state"] == "running"


@pytest.mark.asyncio
async def test_starting_and_finishing_are_dated(house: House) -> None:
    row = await house.campaign()
    first = await house.row("SELECT started_at, finished_at FROM campaigns")
    await house.pass_time(minutes=5)
    await house.move(row["id"], CampaignState.PAUSED)
    await house.move(row["id"], CampaignState.RUNNING)
    await house.move(row["id"], CampaignState.COMPLETED)
    last = await house.row("SELECT started_at, finished_at FROM campaigns")
    assert first["finished_at"] is None
    assert last["started_at"] == first["started_at"]
    assert last["finished_at"] - last["started_at"] >= timedelta(minutes=5)
