"""Explain: what is shown of a gate is what the claim then does, for leads and for campaigns."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

import pytest

from dialer.clock import new_id
from dialer.pipeline.planning import variant_edits
from dialer.pipeline.planning.variant_edits import Variant
from dialer.pipeline.reports import explain
from dialer.rules.calling.explain import SAYS, Gate
from dialer.rules.calling.window import WHY_CLOSED
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import NotFoundError
from tests.support.house import NOON, House
from tests.support.past import rang

pytestmark = pytest.mark.asyncio


async def why(house: House, lead_id: UUID) -> explain.Why:
    """What is said of a lead."""
    return await explain.why(house.context, organization_id=house.organization_id, lead_id=lead_id)


async def idle(house: House, campaign_id: UUID) -> explain.Idle:
    """What is said of a campaign."""
    return await explain.idle(
        house.context, organization_id=house.organization_id, campaign_id=campaign_id
    )


async def test_a_lead_that_nothing_keeps_back_has_every_gate_open(house: House) -> None:
    campaign = await house.campaign()
    found = await why(house, await house.lead(campaign["id"]))
    assert found.state == "waiting"
    assert found.blocks is None
    assert [one.gate for one in found.verdicts if one.gate != "pace"] == [
        gate for gate in get_args(Gate) if gate not in {"lead", "rules", "spending", "pace"}
    ]
    assert all(one.says.endswith((".", ")")) for one in found.verdicts)
    assert found.next_at == found.at
    assert found.estimate_at == found.at


SHUT: Mapping[str, tuple[str, str, str]] = {
    "organization paused": (
        "UPDATE organizations SET paused_at = outdial_now()",
        "organization",
        "paused",
    ),
    "quarantine": (
        "UPDATE organizations SET restored_at = outdial_now()",
        "organization",
        "restored",
    ),
    "business paused": (
        "UPDATE businesses SET paused_at = outdial_now()",
        "business",
        "paused",
    ),
    "agent paused": ("UPDATE agents SET paused_at = outdial_now()", "agent", "paused"),
    "off duty": ("UPDATE agents SET on_duty = false", "agent", "off_duty"),
    "duty never read": ("UPDATE agents SET on_duty = NULL", "agent", "off_duty"),
    "campaign paused": (
        "UPDATE campaigns SET state = 'paused'",
        "campaign",
        "campaign_paused",
    ),
    "campaign parked": (
        "UPDATE campaigns SET parked_reason = 'config_error'",
        "campaign",
        "campaign_parked",
    ),
}
"""Levels at which only a person can open what is shut."""


@pytest.mark.parametrize("what", SHUT)
async def test_a_level_that_a_person_shut_blocks_and_gives_no_estimate(
    house: House, what: str
) -> None:
    sql, gate, reason = SHUT[what]
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run(sql)
    found = await why(house, lead_id)
    assert found.blocks is not None
    assert (found.blocks.gate, found.blocks.why) == (gate, reason)
    assert found.estimate_at is None
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    told = await idle(house, campaign["id"])
    assert told.says == found.blocks.says


async def test_a_parking_that_ends_by_itself_says_when(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run(
        "UPDATE organizations SET parked_until = outdial_now() + '1 m', parked_reason = 'x'"
    )
    blocks = (await why(house, lead_id)).blocks
    assert blocks is not None
    assert (blocks.gate, blocks.until) == ("organization", await _parked_until(house))


async def _parked_until(house: House) -> object:
    return (await house.row("SELECT parked_until FROM organizations"))["parked_until"]


SUPPRESSED = """
    INSERT INTO suppressions (id, organization_id, phone, reason)
    SELECT gen_random_uuid(), organization_id, phone, 'asked' FROM leads
"""
OF_LEADS: Mapping[str, tuple[str, str, str, bool]] = {
    "suppressed": (SUPPRESSED, "suppression", "suppressed", False),
    "expired": ("UPDATE leads SET expires_at = outdial_now()", "expiry", "expired", False),
    "not before": (
        "UPDATE leads SET not_before = outdial_now() + interval '1 h'",
        "not_before",
        "not_before",
        True,
    ),
    "no consent": ("UPDATE campaigns SET consent = 'required'", "consent", "no_consent", False),
    "outside hours": (
        "UPDATE leads SET timezone = 'Asia/Tokyo'",
        "calling_hours",
        "outside_calling_hours",
        True,
    ),
    "closed date": (
        """UPDATE campaigns SET closed_dates = '["2026-03-03"]'""",
        "calling_hours",
        "closed_date",
        True,
    ),
    "not started": (
        "UPDATE campaigns SET starts_at = outdial_now() + interval '1 h'",
        "calling_hours",
        "campaign_not_started",
        True,
    ),
    "no common window": (
        """
        WITH moved AS (UPDATE leads SET us_state = 'AL' RETURNING id)
        UPDATE campaigns SET hours = '{"sunday": [["09:00", "17:00"]]}'
        """,
        "calling_hours",
        "no_common_window",
        False,
    ),
}


@pytest.mark.parametrize("what", OF_LEADS)
async def test_the_gate_that_is_shown_as_shut_is_the_one_that_the_claim_finds_shut(
    house: House, what: str
) -> None:
    sql, gate, reason, opens = OF_LEADS[what]
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run(sql)
    found = await why(house, lead_id)
    assert found.blocks is not None
    assert (found.blocks.gate, found.blocks.why) == (gate, reason)
    assert (found.blocks.until is not None) is opens
    assert (found.next_at is not None) is opens
    assert (found.estimate_at is not None) is opens
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    assert (await house.lead_row(lead_id))["reason"] == reason


async def test_the_next_instant_is_the_one_at_which_the_lead_is_claimed(house: House) -> None:
    campaign = await house.campaign(hours={"wednesday": [["10:00", "12:00"]]})
    lead_id = await house.lead(campaign["id"])
    await house.claim(campaign["agent_id"])
    found = await why(house, lead_id)
    assert found.next_at == NOON.replace(day=4, hour=15, minute=0)
    await house.set_time(found.next_at - timedelta(seconds=5))
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    await house.set_time(found.next_at)
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


async def test_a_number_in_another_call_and_one_that_rang_are_told_apart(house: House) -> None:
    campaign, other = await house.campaign(), await house.campaign()
    phone = house.phone()
    first = await house.lead(campaign["id"], phone=phone)
    second = await house.lead(other["id"], phone=phone)
    await house.run("UPDATE leads SET due_at = outdial_now() + '1 h' WHERE id = :id", id=second)
    (call_id,) = (await house.claim(campaign["agent_id"])).call_ids
    await house.run("UPDATE leads SET due_at = outdial_now() WHERE id = :id", id=second)
    busy = (await why(house, second)).blocks
    assert busy is not None
    assert (busy.gate, busy.why) == ("number", "number_in_call")
    assert (await why(house, first)).state == "calling"
    await house.run(
        """
        UPDATE calls SET state = 'ended', armed_at = outdial_now(), finished_at = outdial_now()
        WHERE id = :id
        """,
        id=call_id,
    )
    soon = (await why(house, second)).blocks
    assert soon is not None
    assert (soon.gate, soon.why) == ("number", "number_gap")
    assert soon.until is not None


async def test_a_lead_that_waits_for_its_next_attempt_says_after_what(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run(
        "UPDATE leads SET due_at = outdial_now() + interval '2 h', reason = 'no_answer'"
    )
    found = await why(house, lead_id)
    assert found.blocks is not None
    assert (found.blocks.gate, found.blocks.why) == ("due", "no_answer")
    assert found.next_at == found.blocks.until == found.estimate_at


@pytest.mark.parametrize("state", ["done", "suppressed", "cancelled", "held", "calling"])
async def test_a_lead_that_does_not_wait_says_so(house: House, state: str) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run("UPDATE leads SET state = :state", state=state)
    found = await why(house, lead_id)
    assert found.blocks is not None
    assert found.blocks.gate == "lead"
    assert state in found.blocks.says
    assert (found.next_at, found.estimate_at) == (None, None)


async def test_rules_that_cannot_be_read_are_a_shut_gate(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await damage_rules(house)
    found = await why(house, lead_id)
    assert found.blocks is not None
    assert (found.blocks.gate, found.blocks.why) == ("rules", "gate_unreadable")
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    assert (await house.lead_row(lead_id))["reason"] == "gate_unreadable"


async def damage_rules(house: House) -> None:
    """Let the rules in force be what nobody can read."""
    await house.run(
        """
        INSERT INTO rulebooks (organization_id, version, calling_hours, limits)
        VALUES (:org, 1, 'damaged', '{}')
        """,
        org=house.organization_id,
    )
    await house.run("UPDATE organizations SET rulebook = 1")


async def test_the_place_in_the_queue_and_the_pace_make_the_estimate(house: House) -> None:
    campaign = await house.campaign(calls_per_minute=2)
    leads = [await house.lead(campaign["id"]) for _ in range(3)]
    await house.run(
        "UPDATE leads SET due_at = outdial_now() - '1 m'::interval WHERE id = :id", id=leads[2]
    )
    # What came first by due time waits longest behind one of a higher priority.
    first = await house.lead(campaign["id"], priority=5)
    places = {lead_id: (await why(house, lead_id)) for lead_id in (first, leads[2])}
    assert [found.ahead for found in places.values()] == [0, 1]
    behind = places[leads[2]]
    assert behind.estimate_at == behind.at + timedelta(seconds=30)
    assert "2 calls a minute" in behind.verdicts[-1].says


async def test_what_is_explained_is_one_organizations_own(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    stranger = await house.neighbour()
    with pytest.raises(NotFoundError):
        await why(stranger, lead_id)
    with pytest.raises(NotFoundError):
        await idle(stranger, campaign["id"])
    with pytest.raises(NotFoundError):
        await idle(house, new_id())


async def test_explaining_changes_nothing(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"], timezone="Asia/Tokyo")
    before = await house.lead_row(lead_id), await house.names()
    await why(house, lead_id)
    await idle(house, campaign["id"])
    assert (await house.lead_row(lead_id), await house.names()) == before


async def test_a_campaign_without_leads_and_one_with_due_leads(house: House) -> None:
    campaign = await house.campaign(calls_per_minute=60)
    assert (await idle(house, campaign["id"])).says == "No lead waits."
    await house.lead(campaign["id"])
    found = await idle(house, campaign["id"])
    assert found.says.startswith("It is not idle")
    assert (found.pace, found.in_flight) == (60, 0)
    assert [(row["reason"], row["leads"], row["due"]) for row in found.waiting] == [("new", 1, 1)]


async def test_an_idle_campaign_says_what_its_leads_wait_for_and_when_the_first_is_due(
    house: House,
) -> None:
    campaign = await house.campaign()
    for zone in ("Asia/Tokyo", "Asia/Tokyo", "America/New_York"):
        await house.lead(campaign["id"], timezone=zone)
    await house.run(
        "UPDATE leads SET not_before = :at WHERE timezone = 'America/New_York'",
        at=NOON + timedelta(hours=2),
    )
    await house.claim(campaign["agent_id"])
    found = await idle(house, campaign["id"])
    assert [(row["reason"], row["leads"], row["due"]) for row in found.waiting] == [
        ("outside_calling_hours", 2, 0),
        ("not_before", 1, 0),
    ]
    assert found.says.endswith("the first is due at 2026-03-03 19:30 UTC.")


@pytest.mark.parametrize("level", ["agent", "campaign"])
async def test_a_level_with_as_many_calls_as_it_may_have_is_why(house: House, level: str) -> None:
    campaign = await house.campaign(concurrency=1)
    if level == "agent":
        await house.run(
            "UPDATE pacers SET concurrency = CASE WHEN level = 'agent' THEN 1 END",
        )
    await house.dialing(campaign)
    await house.lead(campaign["id"])
    found = await idle(house, campaign["id"])
    assert found.in_flight == 1
    assert found.says == f"The {level} has as many calls at once as it may: 1."


async def test_a_pace_that_was_halved_counts_as_it_is_now(house: House) -> None:
    campaign = await house.campaign(calls_per_minute=60)
    await house.run(
        "UPDATE pacers SET factor = 0.5, factor_at = outdial_now() WHERE level = 'campaign'"
    )
    found = await idle(house, campaign["id"])
    assert found.pace is not None
    assert 30 <= found.pace < 31


async def test_every_reason_that_a_window_is_closed_for_has_a_sentence() -> None:
    assert set(WHY_CLOSED) <= SAYS.keys()


async def test_a_number_at_its_cap_says_until_when(house: House) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    for hours in (20, 10, 2):
        await rang(house, lead_id, ago=timedelta(hours=hours))
    found = await why(house, lead_id)
    assert found.blocks is not None
    assert (found.blocks.gate, found.blocks.why) == ("number", "number_cap_24h")
    assert found.blocks.until is not None
    wait: Any = found.blocks.until - found.at
    assert timedelta(hours=3, minutes=59) < wait < timedelta(hours=4)


async def test_a_paused_campaign_is_told_before_whatever_its_leads_wait_for(house: House) -> None:
    campaign = await house.campaign()
    await house.lead(campaign["id"], timezone="Asia/Tokyo")
    await house.claim(campaign["agent_id"])
    await house.move(campaign["id"], CampaignState.PAUSED)
    assert (await idle(house, campaign["id"])).says == "The campaign is paused."


async def test_an_agent_that_only_a_variant_has_is_told_by_the_variants_name(house: House) -> None:
    campaign = await house.campaign()
    await house.lead(campaign["id"])
    await variant_edits.add(
        house.context,
        organization_id=house.organization_id,
        campaign_id=campaign["id"],
        new=Variant(name="Warm", partner_agent_id="agent_other"),
        by="test",
    )
    found = await idle(house, campaign["id"])
    assert found.says.startswith("Of the variant 'Warm': The agent is not known")
    await house.run("UPDATE agents SET deployed = true, on_duty = true")
    assert (await idle(house, campaign["id"])).says.startswith("It is not idle")
