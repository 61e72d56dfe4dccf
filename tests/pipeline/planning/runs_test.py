"""Redial: a campaign like another one, filled with its leads, each once, whatever happens."""

from uuid import UUID

import pytest

from dialer.pipeline.compliance import suppress
from dialer.pipeline.intake.intake import Once
from dialer.pipeline.planning import filling, plans, runs
from dialer.rules.errors import IdempotencyMismatchError, InvalidInputError, NotFoundError
from dialer.rules.intake.lead_input import LeadInput
from dialer.store import schema
from dialer.store.planning import runs as store
from tests.pipeline.planning.redialing import called, finish, leads_of, redial, run_row
from tests.support.house import House


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
    await finish(house, lead_id)
    await called(house, parent["id"], outcome="completed")
    await house.lead(parent["id"])
    run = await redial(house, parent["id"])
    await filling.fill_all(house.context)
    (copy,) = await leads_of(house, run["campaign_id"])
    was = await house.lead_row(lead_id)
    for name in store.INPUT:
        assert copy[name] == was[name], name
    assert (copy["origin_id"], copy["number_key"]) == (lead_id, was["phone"])
    assert (copy["state"], copy["attempts"], copy["reason"]) == ("waiting", 0, None)
    assert (copy["last_outcome"], copy["variant_id"], copy["urgency"]) == (None, None, 0)
    done = await run_row(house, run["id"])
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
    run = await redial(house, parent["id"])
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
        run = await redial(house, parent["id"])
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
async def test_nobody_is_redialed_whom_the_list_keeps_from_the_campaign_or_any_run_of_it(
    house: House,
) -> None:
    parent = await house.campaign()
    leads = await called(house, parent["id"], 3)
    first = await redial(house, parent["id"])
    await filling.fill_all(house.context)
    for lead_id, campaign_id in ((leads[0], None), (leads[1], first["campaign_id"])):
        await suppress.suppress(
            house.context,
            organization_id=house.organization_id,
            raw_phone=(await house.lead_row(lead_id))["phone"],
            reason="asked",
            campaign_id=campaign_id,
        )
    second = await redial(house, parent["id"])
    await filling.fill_all(house.context)
    taken = [row["origin_id"] for row in await leads_of(house, second["campaign_id"])]
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
            await finish(house, await house.lead(parent["id"], phone=phone)) for _ in range(1)
        ]
        for _ in range(2):
            (receipt,) = await house.post(parent["id"], [{"phone": phone}])
            leads.append(await finish(house, UUID(receipt.lead_id)))
        run = await redial(house, parent["id"])
        await filling.fill_all(house.context, batch=2)
        copies = await leads_of(house, run["campaign_id"])
        assert {copy["origin_id"] for copy in copies} == set(leads[:count])
        await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_number_that_was_finished_meanwhile_does_not_come_again(house: House) -> None:
    parent = await house.campaign(same_number="each")
    phone = house.phone()
    for _ in range(2):
        await finish(house, await house.lead(parent["id"], phone=phone))
    await house.run("UPDATE campaigns SET same_number = 'once'")
    run = await redial(house, parent["id"])
    await filling.fill(house.context, run["id"], batch=1)
    (first,) = await leads_of(house, run["campaign_id"])
    await finish(house, first["id"])
    await filling.fill_all(house.context)
    assert len(await leads_of(house, run["campaign_id"])) == 1


@pytest.mark.asyncio
async def test_copies_are_accepted_leads_on_both_books(house: House) -> None:
    parent = await house.campaign()
    (origin,) = await called(house, parent["id"])
    run = await redial(house, parent["id"])
    await filling.fill_all(house.context)
    (copy,) = await leads_of(house, run["campaign_id"])
    event = await house.row(
        "SELECT * FROM events WHERE lead_id = :id AND name = 'lead.accepted'", id=copy["id"]
    )
    assert event["campaign_id"] == run["campaign_id"]
    assert event["body"]["origin_id"] == str(origin)
    assert event["body"]["run_id"] == str(run["id"])
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_filter_narrows_a_redial(house: House) -> None:
    parent = await house.campaign()
    wanted = await finish(house, await house.lead(parent["id"], attributes={"plan": "gold"}))
    await called(house, parent["id"])
    run = await redial(house, parent["id"], narrowed={"attributes": {"plan": "gold"}})
    await filling.fill_all(house.context)
    assert [row["origin_id"] for row in await leads_of(house, run["campaign_id"])] == [wanted]


@pytest.mark.asyncio
async def test_the_same_key_makes_one_run_and_another_body_is_refused(house: House) -> None:
    parent = await house.campaign()
    once = Once(scope="redial", key="k1", body=b"{}")
    first = await redial(house, parent["id"], once=once)
    again = await redial(house, parent["id"], once=once)
    assert again["id"] == first["id"]
    assert len(await house.rows("SELECT id FROM runs")) == 1
    with pytest.raises(IdempotencyMismatchError):
        await redial(house, parent["id"], once=Once(scope="redial", key="k1", body=b"[]"))


@pytest.mark.asyncio
async def test_a_refused_redial_leaves_nothing(house: House) -> None:
    parent = await house.campaign()
    with pytest.raises(InvalidInputError):
        await redial(house, parent["id"], outcomes=["no_answr"])
    stranger = await house.neighbour()
    with pytest.raises(NotFoundError):
        await redial(stranger, parent["id"])
    assert len(await house.rows("SELECT id FROM campaigns")) == 1
    assert not await house.rows("SELECT id FROM runs")


@pytest.mark.asyncio
async def test_copies_of_another_organizations_leads_are_never_made(house: House) -> None:
    stranger = await house.neighbour()
    theirs = await stranger.campaign()
    (lead_id,) = await called(stranger, theirs["id"])
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
