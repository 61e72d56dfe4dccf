"""Each gate at the claim: the lead is put off or finished with that reason, and nothing rings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.pipeline.dialing import gate_reasons
from tests.support.house import NOON, House

NEW_YEAR = datetime(2026, 1, 1, 17, 30, tzinfo=UTC)

SUPPRESSED = """
INSERT INTO suppressions (id, organization_id, phone, reason)
SELECT gen_random_uuid(), organization_id, phone, 'asked' FROM leads
"""
LISTED = (
    "INSERT INTO dnc_numbers (organization_id, phone) SELECT organization_id, phone FROM leads"
)
SCRUBBED = "UPDATE organizations SET dnc_scrubbed_at = outdial_now() - interval '{} hours'"
RANG = """
INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
    state, place_at, claim_expires_at, window_until, armed_at, finished_at)
SELECT gen_random_uuid(), l.organization_id, c.business_id, c.agent_id, c.id, l.id, l.phone,
    '{state}', outdial_now(), outdial_now(), outdial_now(), outdial_now() - interval '{ago}',
    CASE WHEN '{state}' = 'ended' THEN outdial_now() END
FROM leads l JOIN campaigns c ON c.id = l.campaign_id, generate_series(1, {times})
"""
LIMITS = """
INSERT INTO rulebooks (organization_id, version, limits)
SELECT id, 1, '{limits}' FROM organizations
"""
IN_FORCE = "UPDATE organizations SET rulebook = 1"
HOURS = "UPDATE campaigns SET hours = '{}'"


@dataclass(frozen=True)
class Shut:
    """How a gate is shut, what the lead ends as, and what it is a lead of."""

    sql: tuple[str, ...]
    state: str = "waiting"
    at: datetime = NOON
    lead: Mapping[str, Any] = field(default_factory=dict)


SHUT: Mapping[str, Shut] = {
    "crm_won": Shut(("UPDATE leads SET stop_word = 'won'",), "done"),
    "crm_lost": Shut(("UPDATE leads SET stop_word = 'lost'",), "done"),
    "crm_do_not_call": Shut(("UPDATE leads SET stop_word = 'do_not_call'",), "suppressed"),
    "suppressed": Shut((SUPPRESSED,), "suppressed"),
    "dnc_listed": Shut(
        ("UPDATE campaigns SET dnc = 'required'", SCRUBBED.format(1), LISTED), "suppressed"
    ),
    "dnc_stale": Shut(("UPDATE campaigns SET dnc = 'required'", SCRUBBED.format(31 * 24))),
    "expired": Shut(("UPDATE leads SET expires_at = outdial_now()",), "expired"),
    "not_before": Shut(("UPDATE leads SET not_before = outdial_now() + interval '1 h'",)),
    "no_consent": Shut(("UPDATE campaigns SET consent = 'required'",)),
    "number_in_call": Shut((RANG.format(state="placed", ago="8 days", times=1),)),
    "number_gap": Shut((RANG.format(state="ended", ago="4 minutes 50 seconds", times=1),)),
    "number_cap_24h": Shut((RANG.format(state="ended", ago="23 hours", times=3),)),
    "number_cap_7d": Shut((RANG.format(state="ended", ago="6 days 23 hours", times=10),)),
    "outside_calling_hours": Shut((HOURS.format('{"sunday": [["09:00", "10:00"]]}'),)),
    "holiday": Shut(("UPDATE campaigns SET holidays = true",), at=NEW_YEAR),
    "closed_date": Shut(("UPDATE campaigns SET closed_dates = '[\"2026-03-03\"]'",)),
    "state_paused": Shut((LIMITS.format(limits='{"paused_states": ["NY"]}'), IN_FORCE)),
    "no_common_window": Shut(
        (HOURS.format('{"tuesday": [["09:00", "10:00"]]}'),),
        lead={"timezone": "America/Los_Angeles"},
    ),
    "campaign_not_started": Shut(
        ("UPDATE campaigns SET starts_at = outdial_now() + interval '1 h'",)
    ),
    "campaign_ended": Shut(
        (
            HOURS.format('{"sunday": [["09:00", "10:00"]]}'),
            "UPDATE campaigns SET ends_at = outdial_now() + interval '1 h'",
        )
    ),
    "gate_unreadable": Shut((HOURS.format('{"monday": 5}'),)),
}
ENDED_CAMPAIGN = Shut(("UPDATE campaigns SET ends_at = outdial_now()",), "expired")


def test_the_table_has_every_reason_of_the_source() -> None:
    assert SHUT.keys() == gate_reasons.at_claim()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("why", "shut"), [*SHUT.items(), ("expired", ENDED_CAMPAIGN)], ids=lambda one: str(one)[:30]
)
async def test_a_shut_gate_says_why_and_nothing_is_claimed(
    house: House, why: str, shut: Shut
) -> None:
    await house.set_time(shut.at)
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"], **shut.lead)
    for sql in shut.sql:
        await house.run(sql)
    before = await house.rows("SELECT id FROM calls")
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    lead = await house.lead_row(lead_id)
    assert (lead["state"], lead["reason"]) == (shut.state, why)
    assert await house.rows("SELECT id FROM calls") == before
    assert (await house.names())[-1] == (
        "lead.deferred" if shut.state == "waiting" else f"lead.{shut.state}"
    )
    assert shut.state != "waiting" or lead["due_at"] > await house.now()
    await house.assert_balanced()


@pytest.mark.asyncio
@pytest.mark.parametrize(("why", "shut"), SHUT.items(), ids=[*SHUT])
async def test_the_same_lead_is_claimed_while_the_gate_is_open(
    house: House, why: str, shut: Shut
) -> None:
    # What the table does, and nothing else about the scene, is what shuts the gate.
    await house.set_time(shut.at)
    campaign = await house.campaign()
    await house.lead(campaign["id"], **shut.lead)
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1, why


@pytest.mark.asyncio
async def test_a_copy_of_the_registry_holds_until_its_last_second(house: House) -> None:
    campaign = await house.campaign()
    await house.lead(campaign["id"])
    await house.run("UPDATE campaigns SET dnc = 'required'")
    await house.run(SCRUBBED.format(31 * 24 - 1))
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


@pytest.mark.asyncio
async def test_the_registry_is_asked_only_where_a_campaign_asks_for_it(house: House) -> None:
    strict, lax = await house.campaign(dnc="required"), await house.campaign()
    phone = house.phone()
    barred, called = (
        await house.lead(strict["id"], phone=phone),
        await house.lead(lax["id"], phone=phone),
    )
    await house.run(SCRUBBED.format(1))
    await house.run(LISTED + " LIMIT 1")
    await house.claim(lax["agent_id"])
    assert (await house.lead_row(barred))["reason"] == "dnc_listed"
    assert (await house.lead_row(called))["state"] == "calling"


@pytest.mark.asyncio
async def test_another_organizations_copy_bars_nobody(house: House) -> None:
    campaign = await house.campaign(dnc="required")
    await house.lead(campaign["id"])
    await house.run(SCRUBBED.format(1))
    other = await house.neighbour()
    await house.run(
        "INSERT INTO dnc_numbers (organization_id, phone) SELECT :org, phone FROM leads",
        org=other.organization_id,
    )
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1
