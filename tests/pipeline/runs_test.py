"""Redial: a campaign like another one, filled with its leads, each once, whatever happens."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline import filling, plans, runs, suppress
from dialer.pipeline.intake import Once
from dialer.pipeline.runs import Redial
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import IdempotencyMismatchError, InvalidInputError, NotFoundError
from dialer.rules.intake.lead_input import LeadInput
from dialer.store import runs as store
from dialer.store import schema
from tests.support.house import House


async def _redial(house: House, campaign_id: UUID, **ask: Any) -> RowMapping:  # noqa: ANN401 -- any part of an order
    once = ask.pop("once", None)
    return await runs.redial(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign_id,
        ask=Redial(**{"outcomes": ["no_answer"], **ask}),
        by="tests",
        once=once,
    )


async def _finish(house: House, lead_id: UUID, outcome: str = "no_answer") -> UUID:
    await house.run(
        """
        UPDATE leads SET state = 'done', last_outcome = :o, attempts = 3, reason = 'exhausted'
        WHERE id = :id
        """,
        o=outcome,
        id=lead_id,
    )
    return lead_id


async def _called(
    house: House, campaign_id: UUID, count: int = 1, outcome: str = "no_answer"
) -> list[UUID]:
    leads = [await house.lead(campaign_id) for _ in range(count)]
    return [await _finish(house, lead_id, outcome) for lead_id in leads]


async def _leads(house: House, campaign_id: UUID) -> Sequence[RowMapping]:
    return await house.rows(
        "SELECT * FROM leads WHERE campaign_id = :c ORDER BY id", c=campaign_id
    )


async def _run(house: House, run_id: UUID) -> RowMapping:
    return await house.row("SELECT * FROM runs WHERE id = :id", id=run_id)


def test_whatever_is_sent_with_a_lead_goes_along() -> None:
    sent = set(LeadInput.model_fields) - {"state"} | {"us_state", "raw_phone", "phone_code"}
    assert set(store.INPUT) == sent | {"source_id"}


def test_whatever_a_plan_has_goes_along() -> None:
    limits = {"calls_per_minute", "concurrency"}
    assert set(plans.VERSIONED) - limits - {"name"} <= set(store.PLAN)
    assert set(store.PLAN) <= set(schema.campaigns.columns.keys())


@pytest.mark.asyncio
async def test_those_whose_last_call_ended_so_are_called_again_as_they_came_in(
    house: House,
) -> None:
    parent = await house.campaign()
    lead_id = await house.lead(
        parent["id"],
        external_id="crm-7",
        name="Ann Bee",
        email="ann@example.com",
        context="Asked about a roof.",
        attributes={"plan": "gold"},
        image_urls=["https://images.example.com/roof.jpg"],
        state="NY",
        postal_code="10001",
        timezone="America/New_York",
        priority=7,
        consent={"given": True, "source": "form"},
    )
    await _finish(house, lead_id)
    await _called(house, parent["id"], outcome="completed")
    await house.lead(parent["id"])
    run = await _redial(house, parent["id"])
    await filling.fill_all(house.context)
    (copy,) = await _leads(house, run["campaign_id"])
    was = await house.lead_row(lead_id)
    for name in store.INPUT:
        assert copy[name] == was[name], name
    assert (copy["origin_id"], copy["number_key"]) == (lead_id, was["phone"])
    assert (copy["state"], copy["attempts"], copy["reason"]) == ("waiting", 0, None)
    assert (copy["last_outcome"], copy["variant_id"], copy["urgency"]) == (None, None, 0)
    done = await _run(house, run["id"])
    assert (done["state"], done["taken"], done["problem"]) == ("filled", 1, None)
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_the_run_has_the_plan_the_limits_and_the_active_variants(house: House) -> None:
    parent = await house.campaign(
        name="Spring",
        hours={"friday": [["09:00", "10:00"]]},
        calls_per_minute=7,
        concurrency=3,
        priority=5,
        context_template="Hello {{ name }}",
    )
    for name, retired in (("a", None), ("b", await house.now())):
        await house.run(
            """
            INSERT INTO variants (id, organization_id, campaign_id, name, weight, retired_at)
            VALUES (gen_random_uuid(), :org, :c, :name, 3, :retired)
            """,
            org=house.organization_id,
            c=parent["id"],
            name=name,
            retired=retired,
        )
    run = await _redial(house, parent["id"])
    made = await house.row(
        """
        SELECT c.*, p.calls_per_minute, p.concurrency FROM campaigns c
        JOIN pacers p ON p.subject_id = c.id WHERE c.id = :id
        """,
        id=run["campaign_id"],
    )
    was = await house.row("SELECT * FROM campaigns WHERE id = :id", id=parent["id"])
    assert {name: made[name] for name in store.PLAN} == {name: was[name] for name in store.PLAN}
    assert (made["calls_per_minute"], made["concurrency"]) == (7, 3)
    assert (made["state"], made["version"], made["parent_id"]) == ("draft", 1, parent["id"])
    assert made["name"] == "Spring (redial 2026-03-03)"
    (variant,) = await house.rows("SELECT * FROM variants WHERE campaign_id = :c", c=made["id"])
    assert (variant["name"], variant["weight"]) == ("a", 3)
    kept = await house.row("SELECT * FROM campaign_versions WHERE campaign_id = :c", c=made["id"])
    assert (kept["version"], kept["by"], kept["plan"]["priority"]) == (1, "tests", 5)


@pytest.mark.asyncio
async def test_a_run_keeps_of_the_start_and_end_what_is_still_to_come(house: House) -> None:
    now = await house.now()
    past, ahead = now.replace(year=now.year - 1), now.replace(year=now.year + 1)
    for starts, ends, kept in ((past, ahead, (None, ahead)), (past, past, (None, None))):
        parent = await house.campaign(start=False)
        await house.run(
            "UPDATE campaigns SET starts_at = :s, ends_at = :e WHERE id = :id",
            s=starts,
            e=ends,
            id=parent["id"],
        )
        run = await _redial(house, parent["id"])
        made = await house.row(
            "SELECT starts_at, ends_at FROM campaigns WHERE id = :id", id=run["campaign_id"]
        )
        assert (made["starts_at"], made["ends_at"]) == kept


def test_a_long_name_is_cut_so_that_what_it_is_still_shows() -> None:
    name = runs.titled("x" * 200, "redial 2026-03-03")
    assert len(name) == 200
    assert name.endswith("x (redial 2026-03-03)")
    assert runs.titled("Spring", "2026-03-03 09:00") == "Spring (2026-03-03 09:00)"


@pytest.mark.asyncio
async def test_it_starts_by_itself_only_when_asked_to_and_only_once_it_is_filled(
    house: House,
) -> None:
    parent = await house.campaign()
    await _called(house, parent["id"], 3)
    for start, state in ((False, "draft"), (True, "running")):
        run = await _redial(house, parent["id"], start=start)
        assert await filling.fill(house.context, run["id"], batch=2)
        assert (await _campaign(house, run))["state"] == "draft"
        await filling.fill_all(house.context, batch=2)
        assert (await _campaign(house, run))["state"] == state
    names = await house.names()
    assert names.count("run.filled") == 2
    assert names.count("campaign.running") == 2


async def _campaign(house: House, run: Mapping[Any, Any]) -> RowMapping:
    return await house.row("SELECT * FROM campaigns WHERE id = :id", id=run["campaign_id"])


@pytest.mark.asyncio
async def test_nobody_is_redialed_whom_the_list_keeps_from_the_campaign_or_any_run_of_it(
    house: House,
) -> None:
    parent = await house.campaign()
    leads = await _called(house, parent["id"], 3)
    first = await _redial(house, parent["id"])
    await filling.fill_all(house.context)
    for lead_id, campaign_id in ((leads[0], None), (leads[1], first["campaign_id"])):
        await suppress.suppress(
            house.context,
            organization_id=house.organization_id,
            raw_phone=(await house.lead_row(lead_id))["phone"],
            reason="asked",
            campaign_id=campaign_id,
        )
    second = await _redial(house, parent["id"])
    await filling.fill_all(house.context)
    taken = [row["origin_id"] for row in await _leads(house, second["campaign_id"])]
    assert taken == [leads[2]]


@pytest.mark.asyncio
async def test_a_number_comes_once_where_it_may_and_as_often_as_it_did_where_not(
    house: House,
) -> None:
    for same_number, count in (("once", 1), ("each", 3)):
        parent = await house.campaign(same_number="each")
        await house.run(
            "UPDATE campaigns SET same_number = :s WHERE id = :id", s=same_number, id=parent["id"]
        )
        phone = house.phone()
        leads = [
            await _finish(house, await house.lead(parent["id"], phone=phone)) for _ in range(1)
        ]
        for _ in range(2):
            (receipt,) = await house.post(parent["id"], [{"phone": phone}])
            leads.append(await _finish(house, UUID(receipt.lead_id)))
        run = await _redial(house, parent["id"])
        await filling.fill_all(house.context, batch=2)
        copies = await _leads(house, run["campaign_id"])
        assert {copy["origin_id"] for copy in copies} == set(leads[:count])
        await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_number_that_was_finished_meanwhile_does_not_come_again(house: House) -> None:
    parent = await house.campaign(same_number="each")
    phone = house.phone()
    for _ in range(2):
        await _finish(house, await house.lead(parent["id"], phone=phone))
    await house.run("UPDATE campaigns SET same_number = 'once'")
    run = await _redial(house, parent["id"])
    await filling.fill(house.context, run["id"], batch=1)
    (first,) = await _leads(house, run["campaign_id"])
    await _finish(house, first["id"])
    await filling.fill_all(house.context)
    assert len(await _leads(house, run["campaign_id"])) == 1


@pytest.mark.asyncio
async def test_copies_are_accepted_leads_on_both_books(house: House) -> None:
    parent = await house.campaign()
    (origin,) = await _called(house, parent["id"])
    run = await _redial(house, parent["id"])
    await filling.fill_all(house.context)
    (copy,) = await _leads(house, run["campaign_id"])
    event = await house.row(
        "SELECT * FROM events WHERE lead_id = :id AND name = 'lead.accepted'", id=copy["id"]
    )
    assert event["campaign_id"] == run["campaign_id"]
    assert event["body"]["origin_id"] == str(origin)
    assert event["body"]["run_id"] == str(run["id"])
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_several_fillers_at_once_copy_each_lead_once(house: House) -> None:
    parent = await house.campaign()
    leads = await _called(house, parent["id"], 40)
    run = await _redial(house, parent["id"], start=True)
    while (await _run(house, run["id"]))["state"] == "filling":
        await asyncio.gather(*(filling.fill(house.context, run["id"], batch=3) for _ in range(4)))
    copies = await _leads(house, run["campaign_id"])
    assert {copy["origin_id"] for copy in copies} == set(leads)
    assert len(copies) == 40
    assert (await _run(house, run["id"]))["taken"] == 40
    assert (await house.names()).count("run.filled") == 1
    assert (await house.names()).count("campaign.running") == 2
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_batch_that_breaks_off_leaves_nothing_and_is_done_again(house: House) -> None:
    parent = await house.campaign()
    leads = await _called(house, parent["id"], 6)
    run = await _redial(house, parent["id"])
    assert await filling.fill(house.context, run["id"], batch=2)
    before = await _run(house, run["id"])
    await house.run(
        "ALTER TABLE events ADD CONSTRAINT shut CHECK (name <> 'lead.accepted') NOT VALID"
    )
    try:
        await filling.fill_all(house.context, batch=2)
    finally:
        await house.run("ALTER TABLE events DROP CONSTRAINT shut")
    assert await _run(house, run["id"]) == before
    assert len(await _leads(house, run["campaign_id"])) == 2
    await filling.fill_all(house.context, batch=2)
    copies = await _leads(house, run["campaign_id"])
    assert {copy["origin_id"] for copy in copies} == set(leads)
    assert len(copies) == (await _run(house, run["id"]))["taken"] == 6
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_cursor_that_went_back_makes_no_lead_twice(house: House) -> None:
    parent = await house.campaign()
    await _called(house, parent["id"], 5)
    run = await _redial(house, parent["id"])
    await filling.fill(house.context, run["id"], batch=3)
    await house.run("UPDATE runs SET cursor = NULL")
    await filling.fill_all(house.context)
    assert len(await _leads(house, run["campaign_id"])) == 5
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_campaign_that_ends_meanwhile_takes_no_more_leads(house: House) -> None:
    parent = await house.campaign()
    await _called(house, parent["id"], 4)
    run = await _redial(house, parent["id"], start=True)
    await filling.fill(house.context, run["id"], batch=2)
    await house.move(run["campaign_id"], CampaignState.CANCELLED)
    await filling.fill_all(house.context)
    done = await _run(house, run["id"])
    assert (done["state"], done["taken"], done["problem"]) == ("filled", 2, "campaign_cancelled")
    assert (await _campaign(house, run))["state"] == "cancelled"


@pytest.mark.asyncio
async def test_a_campaign_that_a_person_started_and_paused_stays_paused(house: House) -> None:
    parent = await house.campaign()
    await _called(house, parent["id"], 4)
    run = await _redial(house, parent["id"], start=True)
    await filling.fill(house.context, run["id"], batch=2)
    await house.move(run["campaign_id"], CampaignState.RUNNING)
    await house.move(run["campaign_id"], CampaignState.PAUSED)
    await filling.fill_all(house.context)
    assert (await _campaign(house, run))["state"] == "paused"
    assert (await _run(house, run["id"]))["taken"] == 4


@pytest.mark.asyncio
async def test_who_comes_after_the_run_was_made_is_not_in_it(house: House) -> None:
    parent = await house.campaign()
    await _called(house, parent["id"])
    run = await _redial(house, parent["id"])
    await _called(house, parent["id"])
    await filling.fill_all(house.context)
    assert len(await _leads(house, run["campaign_id"])) == 1


@pytest.mark.asyncio
async def test_a_filter_that_can_not_be_read_takes_nobody_and_says_so(house: House) -> None:
    parent = await house.campaign()
    await _called(house, parent["id"])
    bad, good = await _redial(house, parent["id"], start=True), await _redial(house, parent["id"])
    await house.run(
        """UPDATE runs SET filter = '{"colour": "red"}' WHERE id = :id""", id=bad["id"]
    )
    await filling.fill_all(house.context)
    done = await _run(house, bad["id"])
    assert (done["state"], done["taken"], done["problem"]) == ("filled", 0, "filter_unreadable")
    assert (await _campaign(house, bad))["state"] == "draft"
    assert (await _run(house, good["id"]))["taken"] == 1


@pytest.mark.asyncio
async def test_a_filter_narrows_a_redial(house: House) -> None:
    parent = await house.campaign()
    wanted = await _finish(house, await house.lead(parent["id"], attributes={"plan": "gold"}))
    await _called(house, parent["id"])
    run = await _redial(house, parent["id"], narrowed={"attributes": {"plan": "gold"}})
    await filling.fill_all(house.context)
    assert [row["origin_id"] for row in await _leads(house, run["campaign_id"])] == [wanted]


@pytest.mark.asyncio
async def test_the_same_key_makes_one_run_and_another_body_is_refused(house: House) -> None:
    parent = await house.campaign()
    once = Once(scope="redial", key="k1", body=b"{}")
    first = await _redial(house, parent["id"], once=once)
    again = await _redial(house, parent["id"], once=once)
    assert again["id"] == first["id"]
    assert len(await house.rows("SELECT id FROM runs")) == 1
    with pytest.raises(IdempotencyMismatchError):
        await _redial(house, parent["id"], once=Once(scope="redial", key="k1", body=b"[]"))


@pytest.mark.asyncio
async def test_a_refused_redial_leaves_nothing(house: House) -> None:
    parent = await house.campaign()
    with pytest.raises(InvalidInputError):
        await _redial(house, parent["id"], outcomes=["no_answr"])
    stranger = await house.neighbour()
    with pytest.raises(NotFoundError):
        await _redial(stranger, parent["id"])
    assert len(await house.rows("SELECT id FROM campaigns")) == 1
    assert not await house.rows("SELECT id FROM runs")


@pytest.mark.asyncio
async def test_copies_of_another_organizations_leads_are_never_made(house: House) -> None:
    stranger = await house.neighbour()
    theirs = await stranger.campaign()
    (lead_id,) = await _called(stranger, theirs["id"])
    mine = await house.campaign()
    async with house.context.engine.begin() as conn:
        made = await store.copy(
            conn,
            organization_id=house.organization_id,
            campaign_id=mine["id"],
            once=True,
            origins=[lead_id],
        )
    assert not made
