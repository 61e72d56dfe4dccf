"""A gate whose store can't be read is shut and says so: at the claim, and at the arm."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from dialer.pipeline.dialing import place
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.arm import ARM_SECONDS
from dialer.store import engine
from tests.pipeline.dialing import gate_reasons
from tests.pipeline.dialing.arming import about_to_arm, rings, said
from tests.pipeline.dialing.gates_at_claim_test import LISTED, SCRUBBED, SHUT
from tests.support.house import House
from tests.support.sandbox import SandboxProcess

READ_AT_CLAIM: Mapping[str, set[str]] = {
    "suppressions": {"suppressed"},
    "dnc_numbers": {"dnc_listed"},
    "organizations": {"dnc_stale"},
    "calls": {"number_in_call", "number_gap", "number_cap_24h", "number_cap_7d"},
    "rulebooks": {"state_paused", "outside_calling_hours", "no_common_window"},
    "leads": {"crm_won", "crm_lost", "crm_do_not_call", "expired", "not_before", "no_consent"},
    "campaigns": {"holiday", "closed_date", "campaign_not_started", "campaign_ended"},
}
"""What the claim reads, and the reasons that it finds there."""

READ_AT_ARM: Mapping[str, set[str]] = {
    "suppressions": {"suppressed"},
    "dnc_numbers": {"dnc_listed"},
    "organizations": {"restored", "rules_changed", "dnc_stale", "organization_parked", "paused"},
    "businesses": {"paused"},
    "agents": {"agent_parked", "paused"},
    "campaigns": {"plan_changed", "campaign_parked", "no_consent"},
    "leads": {"lead_stopped", "no_consent"},
    "calls": {
        *("not_ours", "claim_expired", "window_closed", "late"),
        *("number_gap", "number_cap_24h", "number_cap_7d"),
    },
    "witness": {"restored"},
}
"""What the arm reads; the states of leads and campaigns beside."""

CORRUPT: Mapping[str, str] = {
    "the week": 'UPDATE campaigns SET hours = \'{"monday": [["9"]]}\'',
    "the week's kind": "UPDATE campaigns SET hours = '[]'",
    "the closed dates": "UPDATE campaigns SET closed_dates = '[\"soon\"]'",
    "the closed dates' kind": "UPDATE campaigns SET closed_dates = '7'",
    "the zone": "UPDATE leads SET timezone = 'Mars/Olympus'",
    "the state": "UPDATE leads SET us_state = 'ZZ'",
    "the consent": "UPDATE leads SET consent = '[1]'",
    "the word": "UPDATE leads SET stop_word = 'perhaps'",
    "the law": """
        WITH made AS (
            INSERT INTO rulebooks (organization_id, version, calling_hours)
            SELECT id, 1, 'no table' FROM organizations
        ) UPDATE organizations SET rulebook = 1
        """,
    "the limits": """
        WITH made AS (
            INSERT INTO rulebooks (organization_id, version, limits)
            SELECT id, 1, '{"gap_minutes": "few"}' FROM organizations
        ) UPDATE organizations SET rulebook = 1
        """,
}


def test_the_tables_have_every_reason_of_the_source() -> None:
    assert set().union(*READ_AT_CLAIM.values()) | {"gate_unreadable"} == gate_reasons.at_claim()
    states = {why for why in gate_reasons.at_arm() if why.startswith(("lead_", "campaign_"))}
    assert set().union(*READ_AT_ARM.values()) | states == gate_reasons.at_arm()
    assert set().union(*READ_AT_CLAIM.values()) <= SHUT.keys()


@asynccontextmanager
async def _away(house: House, table: str) -> AsyncIterator[None]:
    """Let a table not be there, as after a migration that went wrong."""
    await house.run(f"ALTER TABLE {table} RENAME TO {table}_away")
    try:
        yield
    finally:
        await house.run(f"ALTER TABLE {table}_away RENAME TO {table}")


@pytest.mark.asyncio
@pytest.mark.parametrize("table", READ_AT_CLAIM)
async def test_nothing_is_claimed_while_a_store_of_a_gate_is_gone(
    house: House, table: str
) -> None:
    campaign = await house.campaign(dnc="required")
    lead_id = await house.lead(campaign["id"])
    await house.run(SCRUBBED.format(1))
    async with _away(house, table):
        with pytest.raises(DBAPIError, match=table):
            await house.claim(campaign["agent_id"])
    assert await house.rows("SELECT id FROM calls") == []
    assert (await house.lead_row(lead_id))["state"] == "waiting"
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("what", CORRUPT)
async def test_what_is_stored_but_makes_no_sense_shuts_the_gate(house: House, what: str) -> None:
    campaign = await house.campaign()
    lead_id = await house.lead(campaign["id"])
    await house.run(CORRUPT[what])
    assert (await house.claim(campaign["agent_id"])).call_ids == ()
    lead = await house.lead_row(lead_id)
    assert (lead["state"], lead["reason"]) == ("waiting", "gate_unreadable")
    assert lead["due_at"] > await house.now()


@pytest.mark.asyncio
async def test_one_lead_that_makes_no_sense_keeps_no_other_from_its_call(house: House) -> None:
    campaign = await house.campaign()
    odd, good = await house.lead(campaign["id"]), await house.lead(campaign["id"])
    await house.run("UPDATE leads SET consent = '[1]' WHERE id = :id", id=odd)
    assert len((await house.claim(campaign["agent_id"])).call_ids) == 1
    assert (await house.lead_row(good))["state"] == "calling"
    assert (await house.lead_row(odd))["reason"] == "gate_unreadable"


@pytest.mark.asyncio
@pytest.mark.parametrize("table", READ_AT_ARM)
async def test_nothing_rings_while_a_store_of_a_gate_is_gone_at_the_arm(
    house: House, upstream: Partners, sandbox: SandboxProcess, table: str
) -> None:
    campaign = await house.campaign(dnc="required")
    await house.run(SCRUBBED.format(1))
    call = await house.claimed(campaign)
    with capture_logs() as told:
        async with about_to_arm(house, upstream, call):
            await house.run(f"ALTER TABLE {table} RENAME TO {table}_away")
    await house.run(f"ALTER TABLE {table}_away RENAME TO {table}")
    assert rings(sandbox, call) == 0
    row = await house.call(call["id"])
    assert row["armed_at"] is None
    if row["state"] == "released":
        assert await said(house, call) == ["database:ProgrammingError"]
        assert (await house.lead_row(call["lead_id"]))["state"] == "waiting"
        return
    # Not even the release could be written down: the claim runs out by itself.
    assert row["state"] == "claimed"
    assert "record_failed" in {line["event"] for line in told}
    await place.place(house.context, upstream, call["id"])
    assert rings(sandbox, call) == 1


@pytest.mark.asyncio
async def test_consent_that_makes_no_sense_shuts_the_arm(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    call = await house.claimed(await house.campaign())
    async with about_to_arm(house, upstream, call):
        await house.run('UPDATE leads SET consent = \'{"given": "perhaps"}\'')
    assert rings(sandbox, call) == 0
    assert [why.partition(":")[0] for why in await said(house, call)] == ["database"]


@pytest.mark.asyncio
async def test_a_store_that_is_locked_for_longer_than_an_arm_may_take_rings_nothing(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign(dnc="required")
    await house.run(SCRUBBED.format(1))
    call = await house.claimed(campaign)
    async with house.context.engine.begin() as conn:
        await engine.run(conn, "LOCK TABLE dnc_numbers IN ACCESS EXCLUSIVE MODE")
        placing = asyncio.create_task(place.place(house.context, upstream, call["id"]))
        while await house.rows("SELECT 1 FROM pg_locks WHERE NOT granted") == []:  # noqa: ASYNC110 -- the lock is another task's
            await asyncio.sleep(0.01)
        await asyncio.sleep(ARM_SECONDS + 0.2)
    await placing
    assert rings(sandbox, call) == 0
    assert (await house.call(call["id"]))["answer"] == "not_sent"
    assert (await house.lead_row(call["lead_id"]))["state"] == "waiting"


@pytest.mark.asyncio
async def test_a_number_that_is_listed_while_the_claim_looks_is_seen_at_the_arm(
    house: House, upstream: Partners, sandbox: SandboxProcess
) -> None:
    campaign = await house.campaign(dnc="required")
    await house.run(SCRUBBED.format(1))
    call = await house.claimed(campaign)
    async with about_to_arm(house, upstream, call):
        await house.run(LISTED)
    assert (rings(sandbox, call), await said(house, call)) == (0, ["dnc_listed"])
