"""A campaign's plan is a version: calls name theirs, and none rings by a plan that is past."""

import asyncio

import pytest

from dialer.pipeline.dialing import place
from dialer.pipeline.planning import campaigns
from dialer.pipeline.planning.plans import VERSIONED, Plan
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.errors import InvalidInputError
from dialer.store.planning import campaigns as store
from tests.support.house import House
from tests.support.sandbox import SandboxProcess

pytestmark = pytest.mark.asyncio


async def _change(
    house: House, campaign_id: object, by: str | None = "key", **plan: object
) -> int:
    row = await campaigns.change(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign_id,  # type: ignore[arg-type]  # a row's own id
        plan=Plan(**plan),  # type: ignore[arg-type]  # parts of a plan
        by=by,
    )
    found: int = row["version"]
    return found


async def test_every_edit_is_kept_as_a_version_with_who_made_it(house: House) -> None:
    campaign = await house.campaign(start=False, calls_per_minute=30)
    assert campaign["version"] == 1
    assert await _change(house, campaign["id"], calls_per_minute=60) == 2
    assert await _change(house, campaign["id"], by=None, name="Later") == 3
    async with house.context.engine.connect() as conn:
        kept = await store.versions(
            conn, organization_id=house.organization_id, campaign_id=campaign["id"]
        )
    assert [(row["version"], row["by"]) for row in kept] == [(3, None), (2, "key"), (1, None)]
    assert [row["plan"]["calls_per_minute"] for row in kept] == [60, 60, 30]
    assert [row["plan"]["name"] for row in kept] == ["Later", "Test", "Test"]
    assert all(set(row["plan"]) == set(VERSIONED) for row in kept)
    told = await house.rows("SELECT body FROM events WHERE name = 'campaign.changed' ORDER BY id")
    assert [row["body"]["version"] for row in told] == [2, 3]


async def test_a_refused_edit_is_no_version(house: House) -> None:
    campaign = await house.campaign(start=False)
    with pytest.raises(InvalidInputError):
        await _change(house, campaign["id"], context_template="{{ nmae }}")
    (kept,) = await house.rows("SELECT version FROM campaign_versions")
    assert kept["version"] == 1


async def test_edits_at_once_are_versions_in_a_row(house: House) -> None:
    campaign = await house.campaign(start=False)
    made = await asyncio.gather(
        *(_change(house, campaign["id"], priority=number) for number in range(8))
    )
    assert sorted(made) == [2, 3, 4, 5, 6, 7, 8, 9]
    last = await house.row("SELECT plan FROM campaign_versions WHERE version = 9")
    row = await house.row("SELECT priority FROM campaigns")
    assert last["plan"]["priority"] == row["priority"]


async def test_a_call_names_the_version_it_was_made_under(house: House) -> None:
    campaign = await house.campaign()
    first = await house.claimed(campaign)
    await _change(house, campaign["id"], priority=1)
    second = await house.claimed(campaign)
    assert (first["campaign_version"], second["campaign_version"]) == (1, 2)


async def test_an_edit_between_claim_and_arm_lets_nothing_ring_by_the_old_plan(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign(context_template="Say the old words.")
    claimed = await house.claimed(campaign)
    await _change(house, campaign["id"], context_template="Say the new words.")
    await place.place(house.context, upstream, claimed["id"])
    call = await house.call(claimed["id"])
    assert (call["state"], call["armed_at"]) == ("released", None)
    lead = await house.lead_row(claimed["lead_id"])
    assert (lead["state"], lead["reason"], lead["attempts"]) == ("waiting", "plan_changed", 0)
    await house.run("UPDATE leads SET due_at = outdial_now()")
    (call_id,) = (await house.claim(campaign["agent_id"])).call_ids
    await place.place(house.context, upstream, call_id)
    assert (await house.call(call_id))["state"] == "placed"
    rings = {ring["request_id"] for ring in sandbox.rings()}
    assert str(claimed["id"]) not in rings
    assert str(call_id) in rings


async def test_an_edit_that_lifts_a_gate_lets_its_leads_be_looked_at_at_once(house: House) -> None:
    campaign = await house.campaign(consent="required")
    other = await house.campaign(consent="required", agent="agent_other")
    lead_id, elsewhere = [await house.lead(one["id"]) for one in (campaign, other)]
    for one in (campaign, other):
        await house.claim(one["agent_id"])
    assert (await house.lead_row(lead_id))["reason"] == "no_consent"
    await _change(house, campaign["id"], consent="not_needed")
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1
    assert (await house.lead_row(elsewhere))["due_at"] > await house.now()


async def test_an_attested_campaign_needs_its_evidence_and_keeps_it(house: House) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await house.campaign(start=False, consent="attested")
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/consent_attestation", "attestation_missing")
    said = "All signed the form of 2026-01-05, kept in the CRM."
    campaign = await house.campaign(consent="attested", consent_attestation=said)
    await house.claimed(campaign)
    kept = await house.row("SELECT plan FROM campaign_versions")
    assert kept["plan"]["consent_attestation"] == said
