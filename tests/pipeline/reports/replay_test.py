"""A table of outcomes is tried on past calls: what would change is told, and nothing does."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from dialer.pipeline.reports import replay
from dialer.pipeline.reports.replay import AT_ONCE, MOST_EXAMPLES, Replayed
from dialer.rules.errors import InvalidInputError, UnavailableError
from dialer.rules.outcomes.meaning import Ended, OutcomeMap
from dialer.rules.outcomes.turns import READ
from dialer.store.reports import replay as past
from tests.support.house import House
from tests.support.past import rang

pytestmark = pytest.mark.asyncio

SHIPPED = OutcomeMap.shipped().as_csv()
NO_ANSWER = SHIPPED.replace("customer-busy,busy", "customer-busy,no_answer")


async def _replay(house: House, outcomes: str) -> Replayed:
    return await replay.replay(
        house.context,
        asyncio.Semaphore(AT_ONCE),
        organization_id=house.organization_id,
        outcomes=outcomes,
    )


async def _ended(
    house: House,
    reason: str | None,
    outcome: str,
    **more: Any,  # noqa: ANN401 -- columns of a call
) -> object:
    campaign = await house.campaign(start=False)
    lead_id = await house.lead(campaign["id"])
    return await rang(
        house, lead_id, ended_reason=reason, outcome=outcome, structured_data={}, **more
    )


async def test_the_table_that_calls_were_read_by_changes_none_of_them(house: House) -> None:
    for reason in ("customer-busy", "voicemail", "nobody-knows-this", None):
        read = OutcomeMap.shipped().resolve(_as_ended(reason)).outcome.name
        await _ended(house, reason, read)
    for table in ("", SHIPPED):
        found = await _replay(house, table)
        assert (found.calls, found.changes.total(), found.examples) == (4, 0, [])


def _as_ended(reason: str | None) -> Ended:
    return Ended(status="COMPLETED", ended_reason=reason)


async def test_what_would_change_is_counted_with_examples_and_nothing_is_written(
    house: House,
) -> None:
    busy = [await _ended(house, "customer-busy", "busy") for _ in range(3)]
    other = await _ended(house, "customer-did-not-answer", "completed")
    await _ended(house, "voicemail", "voicemail")
    before = await house.rows("SELECT * FROM calls ORDER BY id"), await house.names()
    found = await _replay(house, NO_ANSWER)
    assert found.calls == 5
    assert dict(found.changes) == {("busy", "no_answer"): 3, ("completed", "no_answer"): 1}
    assert [one.call_id for one in found.examples] == [other, *reversed(busy)]
    assert {(one.ended_reason, one.before, one.after, one.by) for one in found.examples} == {
        ("customer-busy", "busy", "no_answer", "ended_reason"),
        ("customer-did-not-answer", "completed", "no_answer", "ended_reason"),
    }
    after = await house.rows("SELECT * FROM calls ORDER BY id"), await house.names()
    assert after == before


async def test_what_was_said_counts_as_it_did_when_the_call_ended(house: House) -> None:
    said = "Agent: Hello, this is Ada.\nCustomer: Please do not call me again."
    await _ended(house, "customer-busy", "opted_out", transcript=said)
    # The words decide before the table does, so another row for its reason changes nothing.
    assert (await _replay(house, NO_ANSWER)).changes.total() == 0


async def test_of_a_long_transcript_its_start_and_its_end_count_as_ever(house: House) -> None:
    said = "Agent: Hello.\nCustomer: Yes?\n" + "Agent: la la la\n" * 20_000
    asked = f"{said}Customer: Do not call me again."
    await _ended(house, "customer-busy", "opted_out", transcript=asked)
    buried = f"{said}Customer: Do not call me again.\n{said}"
    await _ended(house, "customer-busy", "busy", transcript=buried)
    assert (await _replay(house, "")).changes.total() == 0
    async with house.context.engine.connect() as conn:
        rows = await past.ended(conn, organization_id=house.organization_id, before=None, limit=9)
    assert {len(row["transcript"]) for row in rows} == {2 * READ + 1}


async def test_a_callbacks_time_is_read_in_the_leads_own_zone(house: House) -> None:
    campaign = await house.campaign(start=False)
    lead_id = await house.lead(campaign["id"])
    at = await house.now()
    local = (at + timedelta(hours=20)).replace(tzinfo=None).isoformat(timespec="minutes")
    await rang(
        house,
        lead_id,
        ended_reason="customer-ended-call",
        outcome="callback_requested",
        structured_data={"callback_at": local},
        ended_at=at,
        duration_ms=60_000,
    )
    assert (await _replay(house, "")).changes.total() == 0


async def test_examples_are_a_few_of_each_kind(house: House) -> None:
    campaign = await house.campaign(start=False)
    lead_id = await house.lead(campaign["id"])
    for outcome in ("busy", "voicemail", "failed", "silent", "ivr", "unknown", "declined"):
        for _ in range(6):
            await rang(house, lead_id, ended_reason="customer-busy", outcome=outcome)
    found = await _replay(house, NO_ANSWER)
    assert found.changes.total() == 42
    assert len(found.examples) == MOST_EXAMPLES
    assert len({one.before for one in found.examples}) == 5


async def test_only_calls_that_a_table_has_read_are_looked_at(house: House) -> None:
    await _ended(house, "customer-busy", "busy", partner_status=None)
    await _ended(house, "customer-busy", "busy", decided_at=await house.now())
    await _ended(house, "customer-busy", "busy", state="placed")
    assert (await _replay(house, NO_ANSWER)).calls == 0


async def test_the_newest_calls_are_read_batch_by_batch_and_no_more_than_asked(
    house: House,
) -> None:
    campaign = await house.campaign(start=False)
    lead_id = await house.lead(campaign["id"])
    await rang(house, lead_id, ended_reason="customer-busy", outcome="busy")
    await house.run(
        """
        INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
            state, outcome, partner_status, ended_reason, place_at, claim_expires_at,
            window_until, armed_at, finished_at, structured_data)
        SELECT gen_random_uuid(), organization_id, business_id, agent_id, campaign_id, lead_id,
            phone, state, outcome, partner_status, ended_reason, place_at, claim_expires_at,
            window_until, armed_at, finished_at, '{}' FROM calls, generate_series(1, 2100)
        """
    )
    found = await _replay(house, NO_ANSWER)
    assert found.calls == replay.MOST_CALLS
    assert dict(found.changes) == {("busy", "no_answer"): replay.MOST_CALLS}


async def test_another_organizations_calls_are_not_looked_at(house: House) -> None:
    await _ended(house, "customer-busy", "busy")
    assert (await _replay(await house.neighbour(), NO_ANSWER)).calls == 0


async def test_a_table_that_cannot_be_is_refused_as_when_it_is_saved(house: House) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await _replay(house, NO_ANSWER.replace(",voicemail,", ",voicemial,", 1))
    (fault,) = refused.value.faults
    assert fault.pointer.startswith("/outcomes/")
    assert "did you mean voicemail?" in fault.message


async def test_a_third_table_at_once_is_told_to_come_again(house: House) -> None:
    turns = asyncio.Semaphore(AT_ONCE)
    for _ in range(AT_ONCE):
        await turns.acquire()
    with pytest.raises(UnavailableError, match="try again"):
        await replay.replay(
            house.context, turns, organization_id=house.organization_id, outcomes=""
        )
    turns.release()
    found = await replay.replay(
        house.context, turns, organization_id=house.organization_id, outcomes=""
    )
    assert found.calls == 0
