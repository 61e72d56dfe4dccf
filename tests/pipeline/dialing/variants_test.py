"""The draw at claim: sticky, by weight, into the lane of the variant's agent."""

from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.dialing import variants
from dialer.pipeline.planning import variant_edits
from dialer.pipeline.planning.variant_edits import Variant
from dialer.pipeline.reports import explain, preflight
from dialer.rules.intake.briefing import brief
from dialer.rules.variants import Weighted, draw
from dialer.store import witness
from dialer.store.dialing import agents, calls
from dialer.store.intake import leads
from tests.support.house import House

pytestmark = pytest.mark.asyncio

OTHER = "agent_other"


async def add(house: House, campaign: RowMapping, name: str, **more: object) -> RowMapping:
    """Add a variant; one with an agent of its own can dial at once."""
    row = await variant_edits.add(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign["id"],
        new=Variant(name=name, **more),  # type: ignore[arg-type]  # a test names its parts
        by="test",
    )
    await house.on_duty(row["lane_agent_id"])
    return row


async def retire(house: House, campaign: RowMapping, variant: RowMapping) -> int:
    """Retire a variant; how many leads it gave back."""
    found = await variant_edits.retire(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign["id"],
        variant_id=variant["id"],
        by="test",
    )
    return found.freed


async def _drawn(house: House, lead_id: UUID) -> tuple[UUID | None, UUID | None, UUID]:
    row = await house.lead_row(lead_id)
    return row["variant_id"], row["lane_variant_id"], row["queue_id"]


async def test_a_lead_is_drawn_when_it_is_claimed_and_its_call_names_the_variant(
    house: House,
) -> None:
    campaign = await house.campaign()
    made = [await add(house, campaign, name, weight=w) for name, w in (("A", 1), ("B", 3))]
    among = [Weighted(row["id"], row["weight"]) for row in made]
    lead_ids = [await house.lead(campaign["id"]) for _ in range(30)]
    await house.claim(campaign["agent_id"], wanted=50)
    for lead_id in lead_ids:
        lead = await house.lead_row(lead_id)
        expected = draw(campaign["id"], lead["phone"], among)
        call = await house.row("SELECT * FROM calls WHERE lead_id = :id", id=lead_id)
        assert call["variant_id"] == lead["variant_id"] == expected
        assert (lead["lane_variant_id"], lead["queue_id"]) == (None, campaign["id"])
    await house.assert_balanced()


async def test_without_variants_nothing_is_drawn(house: House) -> None:
    campaign = await house.campaign()
    call = await house.claimed(campaign)
    assert call["variant_id"] is None
    assert await _drawn(house, call["lead_id"]) == (None, None, campaign["id"])


async def test_a_variants_own_agent_calls_its_leads_in_its_own_lane(house: House) -> None:
    campaign = await house.campaign()
    here = await add(house, campaign, "A")
    there = await add(house, campaign, "B", partner_agent_id=OTHER)
    lead_ids = [await house.lead(campaign["id"]) for _ in range(40)]
    first = await house.claim(campaign["agent_id"], wanted=50)
    assert first.elsewhere == {there["lane_agent_id"]}
    moved = [i for i in lead_ids if (await house.lead_row(i))["state"] == "waiting"]
    assert {await _drawn(house, i) for i in moved} == {(there["id"], there["id"], there["id"])}
    second = await house.claim(there["lane_agent_id"], wanted=50)
    assert len(first.call_ids) + len(second.call_ids) == len(lead_ids)
    assert (second.elsewhere, len(second.call_ids)) == (frozenset(), len(moved))
    by = Counter(
        (row["variant_id"], row["agent_id"])
        for row in await house.rows("SELECT variant_id, agent_id FROM calls")
    )
    assert by == {
        (here["id"], campaign["agent_id"]): len(first.call_ids),
        (there["id"], there["lane_agent_id"]): len(second.call_ids),
    }
    await house.assert_balanced()


async def test_a_draw_takes_two_statements_and_a_settled_lane_none(house: House) -> None:
    campaign = await house.campaign()
    await add(house, campaign, "A", partner_agent_id=OTHER)
    lead_id = await house.lead(campaign["id"])
    async with house.context.engine.begin() as conn:
        due = await house.rows("SELECT * FROM leads")
        done = await variants.settle(conn, campaign["agent_id"], due, {campaign["id"]: campaign})
    assert (done.here, len(done.woken)) == ([], 1)
    called = {**await house.lead_row(lead_id), "attempts": 1}
    async with house.context.engine.connect() as conn:
        again = await variants.settle(conn, campaign["agent_id"], [called], {})  # type: ignore[list-item]  # a row in all but name
    assert (again.here, again.woken) == ([called], set())


async def test_a_lead_keeps_its_variant_whatever_the_weights_become(house: House) -> None:
    campaign = await house.campaign()
    first = await add(house, campaign, "A")
    lead_ids = [await house.lead(campaign["id"]) for _ in range(10)]
    await house.claim(campaign["agent_id"], wanted=50)
    await house.run("UPDATE calls SET state = 'released', finished_at = outdial_now()")
    await house.run("UPDATE leads SET state = 'waiting', due_at = outdial_now()")
    await add(house, campaign, "B", weight=1_000)
    await house.claim(campaign["agent_id"], wanted=50)
    assert {(await _drawn(house, i))[0] for i in lead_ids} == {first["id"]}
    fresh = [await house.lead(campaign["id"]) for _ in range(10)]
    await house.claim(campaign["agent_id"], wanted=50)
    assert {(await _drawn(house, i))[0] for i in fresh} != {first["id"]}


async def test_a_lead_that_was_called_before_there_were_variants_stays_outside(
    house: House,
) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run("UPDATE leads SET last_outcome = 'failed' WHERE id = :id", id=lead_id)
    await add(house, campaign, "A", partner_agent_id=OTHER)
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1
    assert await _drawn(house, lead_id) == (None, None, campaign["id"])


async def test_retiring_frees_those_who_were_not_called_and_keeps_the_others(
    house: House,
) -> None:
    campaign = await house.campaign()
    gone = await add(house, campaign, "A", partner_agent_id=OTHER)
    called, failed, waiting = [await house.lead(campaign["id"]) for _ in range(3)]
    await house.claim(campaign["agent_id"])
    await house.run("UPDATE leads SET attempts = 1, last_outcome = 'busy' WHERE id = :i", i=called)
    await house.run("UPDATE leads SET last_outcome = 'failed' WHERE id = :i", i=failed)
    left = await add(house, campaign, "B")
    assert await retire(house, campaign, gone) == 1
    assert await _drawn(house, waiting) == (None, None, campaign["id"])
    await house.claim(campaign["agent_id"])
    assert (await _drawn(house, waiting))[0] == left["id"]
    found = await house.claim(gone["lane_agent_id"])
    mine = {(await house.call(call_id))["lead_id"] for call_id in found.call_ids}
    assert mine == {called, failed}
    for kept in (called, failed):
        assert await _drawn(house, kept) == (gone["id"], gone["id"], gone["id"])


async def test_a_lead_that_comes_back_to_a_retired_variant_uncalled_is_drawn_again(
    house: House,
) -> None:
    campaign = await house.campaign()
    gone = await add(house, campaign, "A", partner_agent_id=OTHER)
    lead_id = await house.lead(campaign["id"])
    await house.claim(campaign["agent_id"])
    # Its call was just being refused while the variant was retired.
    await house.run("UPDATE leads SET state = 'calling' WHERE id = :id", id=lead_id)
    assert await retire(house, campaign, gone) == 0
    await house.run("UPDATE leads SET state = 'waiting' WHERE id = :id", id=lead_id)
    found = await house.claim(gone["lane_agent_id"])
    assert found.call_ids == ()
    assert found.elsewhere == {campaign["agent_id"]}
    assert await _drawn(house, lead_id) == (None, None, campaign["id"])
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


async def test_two_variants_of_one_agent_share_its_lane(house: House) -> None:
    campaign = await house.campaign()
    made = [await add(house, campaign, n, partner_agent_id=OTHER) for n in ("A", "B")]
    lead_ids = [await house.lead(campaign["id"]) for _ in range(20)]
    assert (await house.claim(campaign["agent_id"], wanted=50)).call_ids == ()
    found = await house.claim(made[0]["lane_agent_id"], wanted=50)
    assert len(found.call_ids) == len(lead_ids)
    counts = Counter([(await _drawn(house, i))[0] for i in lead_ids])
    assert counts.keys() == {row["id"] for row in made}


async def test_a_copy_of_a_lead_draws_the_same(house: House) -> None:
    campaign = await house.campaign(same_number="each")
    for name in "ABCDE":
        await add(house, campaign, name)
    twins = [await house.lead(campaign["id"], phone="+12125550142") for _ in range(2)]
    for _ in twins:
        await house.claim(campaign["agent_id"])
    drawn = {(await _drawn(house, twin))[0] for twin in twins}
    assert len(drawn) == 1
    assert None not in drawn


async def test_every_way_to_a_leads_lane_follows_its_variant(house: House) -> None:
    campaign = await house.campaign()
    variant = await add(house, campaign, "A", partner_agent_id=OTHER)
    lead_id = await house.lead(campaign["id"])
    own, other = campaign["agent_id"], variant["lane_agent_id"]
    async with house.context.engine.begin() as conn:
        assert await leads.lane_of(conn, lead_id) == own
        # A restored database may have lost the draw, but not the agent's call.
        lost = await witness.lead_of(
            conn,
            organization_id=house.organization_id,
            phone=(await house.lead_row(lead_id))["phone"],
            partner_agent_id=OTHER,
        )
        assert lost is not None
        assert (lost["id"], lost["agent_id"]) == (lead_id, other)
        assert await agents.with_work(conn) == [own]
    await house.claim(own)
    async with house.context.engine.begin() as conn:
        assert await leads.lane_of(conn, lead_id) == other
        assert await agents.with_work(conn) == [other]
    await house.run("UPDATE leads SET due_at = outdial_now() + interval '1 h', reason = 'window'")
    async with house.context.engine.begin() as conn:
        woken = await leads.reconsider(
            conn,
            organization_id=house.organization_id,
            campaign_id=None,
            reasons=["window"],
            before=await house.now(),
        )
    assert woken == {other}


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({}, ("Campaign: roof", "Campaign info")),
        ({"context_template": "Variant: {{ context }}"}, ("Variant: roof", "Campaign info")),
        ({"additional_info_template": "Variant info"}, ("Campaign: roof", "Variant info")),
        ({"context_template": ""}, ("roof", "Campaign info")),
    ],
)
async def test_a_variants_words_win_over_its_campaigns(
    house: House, own: dict[str, str], told: tuple[str, str]
) -> None:
    campaign = await house.campaign(
        context_template="Campaign: {{ context }}", additional_info_template="Campaign info"
    )
    await add(house, campaign, "A", **own)
    call = await house.claimed(campaign, context="roof")
    async with house.context.engine.connect() as conn:
        row = await calls.to_place(conn, call["id"])
    assert row is not None
    found = brief(
        row,  # type: ignore[arg-type]  # a row is a mapping by name
        context_template=row["context_template"],
        info_template=row["additional_info_template"],
    )
    assert (found.context, found.additional_info) == told


async def test_why_speaks_of_the_agent_that_calls_the_lead(house: House) -> None:
    campaign = await house.campaign()
    variant = await add(house, campaign, "A", partner_agent_id=OTHER)
    lead_id = await house.lead(campaign["id"])
    org = {"organization_id": house.organization_id}
    await house.run(
        "UPDATE agents SET parked_reason = 'agent_gone' WHERE id = :id",
        id=variant["lane_agent_id"],
    )
    assert (await explain.why(house.context, lead_id=lead_id, **org)).blocks is None
    await house.claim(campaign["agent_id"])
    blocks = (await explain.why(house.context, lead_id=lead_id, **org)).blocks
    assert blocks is not None
    assert (blocks.gate, blocks.why) == ("agent", "agent_gone")


async def test_preflight_looks_at_the_variants_agents_too(house: House) -> None:
    campaign = await house.campaign(start=False)
    variant = await add(house, campaign, "Another voice", partner_agent_id=OTHER)
    await house.run(
        "UPDATE agents SET on_duty = false WHERE id = :id", id=variant["lane_agent_id"]
    )

    async def told() -> list[str]:
        found = await preflight.look(
            house.context, organization_id=house.organization_id, campaign_id=campaign["id"]
        )
        return [one.says for one in found.warnings if one.code == "agent_off_duty"]

    (says,) = await told()
    assert "'Another voice'" in says
    await retire(house, campaign, variant)
    assert await told() == []
