"""Unknown calls: found by number, agent and time, or proven absent, or held; never guessed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.pipeline.reconciling import absences
from dialer.store.dialing import calls
from partner import CallQuery, CallRecord, Page
from partner.evidence import Evidence
from tests.support.house import House

NO_SKEW = timedelta()
SEEN = Evidence(status=200, headers={}, body="", elapsed_ms=1, server_date=None)


class _Listed:
    """A history that shows these calls, and remembers what it was asked."""

    def __init__(self, *records: CallRecord, malformed: int = 0) -> None:
        self.records = records
        self.malformed = malformed
        self.queries: list[CallQuery] = []

    async def fetch(self, query: CallQuery) -> Page[CallRecord]:
        """One page."""
        self.queries.append(query)
        shown = tuple(r for r in self.records if self._fits(r, query))
        return Page(
            items=shown,
            total=len(shown) + self.malformed,
            page=1,
            page_size=100,
            malformed=self.malformed,
            evidence=SEEN,
        )

    def _fits(self, record: CallRecord, query: CallQuery) -> bool:
        if query.status is not None:
            return record.status == query.status
        if record.started_at is None or query.start is None or query.end is None:
            return False
        return query.start < record.started_at < query.end


def _record(call: RowMapping, **changes: Any) -> CallRecord:  # noqa: ANN401 -- any part of a record
    given = {
        "id": "call_9",
        "agentId": "agent_demo",
        "customerNumber": call["phone"],
        "type": "OUTBOUND",
        "status": "COMPLETED",
        "startedAt": call["armed_at"] + timedelta(seconds=1),
    }
    return CallRecord.model_validate(given | changes)


async def _unknown(house: House, *, proof: str = "strict", closed: bool = True) -> RowMapping:
    call = await house.dialing(await house.campaign(absence_proof=proof))
    await house.run(
        """
        UPDATE calls SET state = 'unknown', answer = 'unknown',
            closed_at = CASE WHEN :closed THEN outdial_now() END WHERE id = :id
        """,
        closed=closed,
        id=call["id"],
    )
    return (await _doubts(house))[-1]


async def _doubts(house: House) -> Sequence[RowMapping]:
    async with house.context.engine.connect() as conn:
        found = await calls.unfinished(conn, organization_id=house.organization_id)
    return [row for row in found if row["state"] in ("unknown", "held")]


async def _find(
    house: House, call: RowMapping, items: Iterable[CallRecord], skew: timedelta = NO_SKEW
) -> dict[UUID, CallRecord]:
    return await absences.find(house.context, house.organization_id, [call], items, skew=skew)


async def _decide(house: House, listed: _Listed) -> dict[UUID, CallRecord]:
    return await absences.decide(
        house.context, listed.fetch, house.organization_id, await _doubts(house), skew=NO_SKEW
    )


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"agentId": None}, True),
        ({"type": None}, True),
        ({"status": "IN_PROGRESS"}, True),
        ({"startedAt": None, "status": "SCHEDULED"}, True),
        ({"startedAt": None, "status": "IN_PROGRESS"}, True),
        ({"startedAt": None}, False),
        ({"agentId": "agent_other"}, False),
        ({"customerNumber": "+12125550198"}, False),
        ({"customerNumber": None}, False),
        ({"type": "INBOUND"}, False),
    ],
)
async def test_a_match_has_the_number_the_agent_and_the_direction(
    house: House, changes: dict[str, object], fits: object
) -> None:
    call = await _unknown(house)
    assert bool(await _find(house, call, [_record(call, **changes)])) is fits


@pytest.mark.asyncio
async def test_a_match_started_between_a_minute_before_the_arm_and_the_settling(
    house: House,
) -> None:
    call = await _unknown(house)
    second = timedelta(seconds=1)
    earliest = call["armed_at"] - timedelta(seconds=60)
    latest = call["closed_at"] + timedelta(hours=3)

    async def fits(started_at: datetime, skew: timedelta = NO_SKEW) -> bool:
        return bool(await _find(house, call, [_record(call, startedAt=started_at)], skew))

    assert await fits(earliest)
    assert await fits(latest)
    assert not await fits(earliest - second)
    assert not await fits(latest + second)
    assert await fits(earliest - second, skew=2 * second)
    assert await fits(latest + second, skew=2 * second)


@pytest.mark.asyncio
async def test_a_call_that_another_row_of_ours_has_is_no_match(house: House) -> None:
    call = await _unknown(house)
    other = await house.dialing(await house.campaign())
    await house.run(
        "UPDATE calls SET partner_call_id = 'call_9', state = 'placed' WHERE id = :id",
        id=other["id"],
    )
    assert await _find(house, call, [_record(call)]) == {}


@pytest.mark.asyncio
async def test_one_listed_call_matches_one_doubt(house: House) -> None:
    call = await _unknown(house)
    await house.run("UPDATE calls SET state = 'absent' WHERE id = :id", id=call["id"])
    twin = await house.dialing(await house.campaign(), phone=call["phone"])
    await house.run("UPDATE calls SET state = 'unknown' WHERE id = :id", id=twin["id"])
    (second,) = await _doubts(house)
    found = await absences.find(
        house.context, house.organization_id, [call, second], [_record(call)], skew=NO_SKEW
    )
    assert len(found) == 1


@pytest.mark.asyncio
async def test_a_young_doubt_is_left_alone(house: House) -> None:
    call = await _unknown(house, proof="balanced")
    listed = _Listed()
    await house.pass_time(minutes=59)
    assert await _decide(house, listed) == {}
    assert listed.queries == []
    assert (await house.call(call["id"]))["state"] == "unknown"


@pytest.mark.asyncio
async def test_a_settled_doubt_is_absent_after_three_complete_sweeps_and_not_before(
    house: House,
) -> None:
    call = await _unknown(house, proof="balanced")
    await house.pass_time(minutes=61)
    for sweeps in (1, 2, 3):
        await _decide(house, _Listed())
        row = await house.call(call["id"])
        assert (row["state"], row["sweeps"]) == ("unknown", sweeps)
        # A sweep right after the last one adds nothing to the proof.
        await _decide(house, _Listed())
        assert (await house.call(call["id"]))["state"] == ("absent" if sweeps > 2 else "unknown")
        await house.pass_time(minutes=1)
    lead = await house.lead_row(call["lead_id"])
    assert (lead["state"], lead["attempts"]) == ("waiting", 0)
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_sweep_that_may_have_missed_something_proves_nothing(house: House) -> None:
    call = await _unknown(house, proof="balanced")
    await house.pass_time(minutes=61)
    await _decide(house, _Listed(malformed=1))
    row = await house.call(call["id"])
    assert row["sweeps"] == 0
    # It takes its turn all the same, so that the sweeps of others get theirs.
    assert row["swept_at"] is not None


@pytest.mark.asyncio
async def test_a_sweep_that_finds_the_call_hands_it_back(house: House) -> None:
    call = await _unknown(house, proof="balanced")
    await house.pass_time(minutes=61)
    found = await _decide(house, _Listed(_record(call)))
    assert found[call["id"]].id == "call_9"
    assert (await house.call(call["id"]))["sweeps"] == 0


@pytest.mark.asyncio
async def test_an_unclosed_doubt_takes_three_hours_more(house: House) -> None:
    await _unknown(house, proof="balanced", closed=False)
    await house.pass_time(hours=3, minutes=59)
    listed = _Listed()
    await _decide(house, listed)
    (row,) = await _doubts(house)
    assert row["sweeps"] == 0
    await house.pass_time(minutes=2)
    await _decide(house, _Listed())
    (row,) = await _doubts(house)
    assert row["sweeps"] == 1


@pytest.mark.asyncio
async def test_without_watermarks_a_strict_doubt_waits_and_is_held_after_a_day(
    house: House,
) -> None:
    call = await _unknown(house)
    await house.pass_time(hours=12)
    await _decide(house, _Listed())
    row = await house.call(call["id"])
    assert (row["state"], row["sweeps"]) == ("unknown", 0)
    assert row["swept_at"] is not None
    await house.pass_time(hours=12)
    await _decide(house, _Listed())
    assert (await house.call(call["id"]))["state"] == "held"
    assert (await house.lead_row(call["lead_id"]))["state"] == "held"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_a_conflict_is_never_absent(house: House) -> None:
    call = await _unknown(house, proof="balanced")
    await house.run("UPDATE calls SET answer = 'conflict', sweeps = 9")
    await house.pass_time(hours=23)
    await _decide(house, _Listed())
    assert (await house.call(call["id"]))["state"] == "unknown"
    await house.pass_time(hours=1)
    await _decide(house, _Listed())
    assert (await house.call(call["id"]))["state"] == "held"
    assert (await house.row("SELECT body FROM events WHERE name = 'call.held'"))["body"] == {
        "why": "conflict"
    }


async def _mark(house: House, campaign: RowMapping, *, at: datetime, ahead: timedelta) -> None:
    """A call of ours that was armed then and listed a minute later."""
    mark = await house.dialing(campaign)
    await house.run(
        """
        UPDATE calls SET state = 'ended', answer = 'placed', finished_at = outdial_now(),
            armed_at = :at, answered_at = :at, started_at = :started, seen_at = :seen
        WHERE id = :id
        """,
        at=at,
        started=at + ahead,
        seen=at + timedelta(minutes=1),
        id=mark["id"],
    )


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("minutes", "ahead", "becomes"),
    [
        ((11, 23), 0, "absent"),
        ((11, 23), 5, "absent"),
        ((6, 13), 5, "unknown"),
        ((11, 18), 5, "unknown"),
        ((0, 1), 60, "unknown"),
    ],
)
async def test_two_watermarks_count_by_our_clock_however_far_ahead_the_upstreams_is(
    house: House, minutes: tuple[int, int], ahead: int, becomes: str
) -> None:
    call = await _unknown(house)
    campaign = await house.campaign()
    for minute in minutes:
        at = call["closed_at"] + timedelta(minutes=minute)
        await _mark(house, campaign, at=at, ahead=timedelta(minutes=ahead))
    await house.pass_time(hours=2)
    for _ in range(4):
        await _decide(house, _Listed())
        await house.pass_time(minutes=1)
    assert (await house.call(call["id"]))["state"] == becomes
