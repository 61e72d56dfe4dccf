"""The timeline: known names only, in order, and evidence that is only added to."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from dialer.clock import new_id
from dialer.store import events
from tests.support.house import House


def test_an_unknown_event_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError, match="lead\\.lost"):
        events.event("lead.lost", organization_id=new_id())


@pytest.mark.asyncio
async def test_a_timeline_shows_its_lead_alone_and_in_order(house: House) -> None:
    campaign = await house.campaign()
    call = await house.claimed(campaign)
    await house.lead(campaign["id"])
    async with house.context.engine.connect() as conn:
        found = await events.timeline(
            conn, organization_id=house.organization_id, lead_id=call["lead_id"]
        )
    assert [row["name"] for row in found] == ["lead.accepted", "call.claimed"]
    assert found[1]["call_id"] == call["id"]


@pytest.mark.asyncio
async def test_readers_follow_from_where_they_were(house: House) -> None:
    await house.campaign()
    org: dict[str, Any] = {"organization_id": house.organization_id}
    async with house.context.engine.begin() as conn:
        seen = await events.since(conn, after=0, **org)
        assert [row["name"] for row in seen] == ["campaign.created", "campaign.running"]
        assert await events.since(conn, after=seen[-1]["id"], **org) == []
        await events.append(conn, [events.event("campaign.paused", body={"odd": new_id()}, **org)])
        (new,) = await events.since(conn, after=seen[-1]["id"], **org)
        assert (await events.latest(conn, limit=1, **org))[0]["id"] == new["id"]


@pytest.mark.asyncio
async def test_nothing_to_tell_is_no_statement(house: House) -> None:
    async with house.context.engine.begin() as conn:
        await events.append(conn, [])
    assert await house.names() == []


@pytest.mark.asyncio
async def test_evidence_is_added_to_and_never_replaced(house: House) -> None:
    call = await house.claimed(await house.campaign())
    org: dict[str, Any] = {"organization_id": house.organization_id}
    async with house.context.engine.begin() as conn:
        for kind in ("unknown", "placed"):
            await events.keep_evidence(
                conn, call_id=call["id"], kind=kind, body={"status": 200}, **org
            )
        found = await events.evidence_of(conn, call_id=call["id"], **org)
    assert [row["kind"] for row in found] == ["unknown", "placed"]
    assert found[0]["body"] == {"status": 200}


@pytest.mark.asyncio
@pytest.mark.parametrize("table", ["events", "evidence"])
@pytest.mark.parametrize(
    "change",
    ["UPDATE {} SET body = '{{}}'", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"],
)
async def test_the_database_itself_keeps_evidence_and_the_timeline_append_only(
    house: House, table: str, change: str
) -> None:
    call = await house.claimed(await house.campaign())
    async with house.context.engine.begin() as conn:
        await events.keep_evidence(
            conn,
            organization_id=house.organization_id,
            call_id=call["id"],
            kind="placed",
            body={"status": 200},
        )
    before = await house.rows(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 -- named above
    with pytest.raises(IntegrityError, match=f"{table} is only ever added to"):
        await house.run(change.format(table))
    assert await house.rows(f"SELECT * FROM {table} ORDER BY id") == before  # noqa: S608 -- named above
