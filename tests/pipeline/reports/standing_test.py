"""Standing: what keeps phones from ringing is told in words, with what it waits for."""

from datetime import timedelta

import pytest
from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.access import setup
from dialer.pipeline.reconciling import restored
from dialer.pipeline.reports import standing
from dialer.pipeline.reports.standing import Standing
from dialer.pipeline.settling import settle
from dialer.rules.proof.absence import LAG_UNTIL_MEASURED
from dialer.store import organizations
from dialer.store.reconciling import refusals
from dialer.store.reports import standing as store
from tests.support.house import House

pytestmark = pytest.mark.asyncio


async def _read(house: House) -> Standing:
    async with house.context.engine.connect() as conn:
        return await standing.read(conn, organization_id=house.organization_id)


async def _gauges(house: House) -> RowMapping:
    async with house.context.engine.connect() as conn:
        row = await store.gauges(conn)
    assert row is not None
    return row


async def _quarantine(house: House) -> None:
    house.context.pulse.beat = 0
    await restored.beat(house.context, [])
    house.context.pulse.beat += 5
    assert await restored.beat(house.context, [])
    house.context.pulse.beat = 0


async def test_where_all_is_well_nothing_stands_in_the_way(house: House) -> None:
    found = await _read(house)
    assert found.dials
    assert (found.quarantine, found.parked_reason, found.disbelieved) == (None, None, [])
    assert (found.unknown_calls, found.held_calls, found.mistaken_leads) == (0, 0, 0)
    assert set((await _gauges(house)).values()) == {0}


async def test_a_quarantine_says_since_when_it_is_and_what_it_waits_for(house: House) -> None:
    await _quarantine(house)
    found = await _read(house)
    assert not found.dials
    assert found.quarantine is not None
    assert found.quarantine.waits_for == "credentials"
    assert found.quarantine.looked_from <= found.quarantine.since
    assert found.quarantine.ends_at == found.quarantine.since + LAG_UNTIL_MEASURED
    await setup.connect_partner(
        house.context,
        organization_id=house.organization_id,
        base_url="http://127.0.0.1:1",
        api_key="x",
    )
    found = await _read(house)
    assert found.quarantine is not None
    assert found.quarantine.waits_for == "first_look"
    await house.run("UPDATE organizations SET recovered_at = outdial_now()")
    assert (await _waits(house)) == "lag"
    await house.pass_time(minutes=11)
    assert (await _waits(house)) == "complete_look"
    assert (await _gauges(house))["quarantined"] == 1


async def _waits(house: House) -> str:
    found = (await _read(house)).quarantine
    assert found is not None
    assert found.says.endswith(".")
    return found.waits_for


async def test_a_parking_counts_until_its_time_is_over(house: House) -> None:
    async with house.context.engine.begin() as conn:
        await organizations.park(
            conn, organization_id=house.organization_id, reason="breaker_open", seconds=60
        )
    found = await _read(house)
    assert (found.dials, found.parked_reason) == (False, "breaker_open")
    assert found.parked_until is not None
    assert (await _gauges(house))["parked_organizations"] == 1
    await house.pass_time(seconds=61)
    assert (await _read(house)).dials


async def test_doubts_and_what_waits_for_a_person_are_counted(house: House) -> None:
    campaign = await house.campaign()
    unknown, held = await house.dialing(campaign), await house.dialing(campaign)
    refused = await house.dialing(campaign)
    async with house.context.engine.begin() as conn:
        for call in (unknown, held):
            assert await settle.doubt(conn, call["id"], fence=1, why="conflict", by="sender")
        assert await settle.hold(conn, held, why="conflict")
        await refusals.disbelieve(
            conn,
            organization_id=house.organization_id,
            answer="bad_request",
            call_id=refused["id"],
        )
    await house.run(
        "UPDATE leads SET state = 'held', reason = 'partner_lead_unknown' WHERE id = :id",
        id=refused["lead_id"],
    )
    await house.run("UPDATE agents SET parked_reason = 'off_duty'")
    await house.run("UPDATE campaigns SET parked_reason = 'unexplained_refusals'")
    found = await _read(house)
    assert (found.unknown_calls, found.held_calls, found.mistaken_leads) == (1, 1, 1)
    assert found.unknown_since == unknown["armed_at"]
    (one,) = found.disbelieved
    assert (one["answer"], one["call_id"]) == ("bad_request", refused["id"])
    assert one["lead_id"] == refused["lead_id"]
    assert (found.parked_agents, found.parked_campaigns) == (1, 1)
    assert dict(await _gauges(house)) == {
        **dict.fromkeys(("quarantined", "parked_organizations"), 0),
        **dict.fromkeys(("parked_agents", "parked_campaigns", "disbelieved"), 1),
        **dict.fromkeys(("unknown_calls", "held_calls"), 1),
    }


async def test_another_organizations_trouble_is_not_shown(house: House) -> None:
    other = await house.neighbour()
    await house.run(
        "UPDATE organizations SET restored_at = outdial_now(), restored_from = outdial_now() "
        "WHERE id = :id",
        id=other.organization_id,
    )
    assert (await _read(house)).quarantine is None
    shown = (await _read(other)).quarantine
    assert shown is not None
    assert shown.ends_at - shown.since >= timedelta(minutes=10)


async def test_an_organization_that_there_is_not_is_a_mistake(house: House) -> None:
    async with house.context.engine.connect() as conn:
        with pytest.raises(LookupError):
            await standing.read(conn, organization_id=new_id())
