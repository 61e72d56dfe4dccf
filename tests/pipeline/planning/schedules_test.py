"""Schedules: each due run is made once; what was missed or is in the way is said."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from dialer.clock import new_id
from dialer.pipeline.planning import filling, schedules, segments
from dialer.pipeline.planning.schedules import Timetable
from dialer.rules.campaign import CampaignState
from dialer.rules.errors import ConflictError, InvalidInputError, NotFoundError
from tests.support.house import NOON, House

DAILY = {"every": "day", "at": "13:00", "timezone": "America/New_York"}
ONE = NOON.replace(hour=18, minute=0)
"""The first occurrence of `DAILY` after `NOON`."""

DAY = timedelta(days=1)


async def _segment(house: House, **given: object) -> UUID:
    row = await segments.create(
        house.context, organization_id=house.organization_id, name=str(new_id()), given=given
    )
    found: UUID = row["id"]
    return found


async def _schedule(house: House, **given: Any) -> RowMapping:  # noqa: ANN401 -- any part of a timetable
    parts: dict[str, Any] = {"name": "Daily", "rule": DAILY, **given}
    if "campaign_id" not in parts:
        parts["campaign_id"] = (await house.campaign(start=False, name="Spring"))["id"]
    if "segment_id" not in parts:
        parts["segment_id"] = await _segment(house)
    return await schedules.create(
        house.context,
        organization_id=house.organization_id,
        given=Timetable(**parts),
        by="tests",
    )


async def _change(house: House, schedule_id: UUID, **given: Any) -> RowMapping:  # noqa: ANN401 -- as above
    return await schedules.change(
        house.context,
        organization_id=house.organization_id,
        schedule_id=schedule_id,
        given=Timetable(**given),
        by="tests",
    )


async def _lead(house: House, campaign_id: UUID) -> UUID:
    lead_id = await house.lead(campaign_id)
    await house.run(
        "UPDATE leads SET state = 'done', last_outcome = 'busy' WHERE id = :id", id=lead_id
    )
    return lead_id


async def _pass(house: House) -> Sequence[RowMapping]:
    """Let workers look; all runs so far."""
    await schedules.run_due(house.context)
    await filling.fill_all(house.context)
    return await house.rows("SELECT * FROM runs ORDER BY id")


async def _row(house: House, schedule_id: UUID) -> RowMapping:
    return await house.row("SELECT * FROM schedules WHERE id = :id", id=schedule_id)


async def _skipped(house: House) -> list[Mapping[str, Any]]:
    found = await house.rows("SELECT body FROM events WHERE name = 'schedule.skipped' ORDER BY id")
    return [row["body"] for row in found]


async def _finish_all(house: House) -> None:
    await house.run("UPDATE leads SET state = 'done' WHERE state = 'waiting'")


@pytest.mark.asyncio
async def test_at_its_time_a_campaign_like_the_template_is_filled_and_started(
    house: House,
) -> None:
    other = await house.campaign()
    lead_id = await _lead(house, other["id"])
    schedule = await _schedule(house)
    assert schedule["next_run_at"] == ONE
    assert schedules.upcoming(schedule) == [ONE, ONE + DAY, ONE + 2 * DAY]
    assert await _pass(house) == []
    await house.set_time(ONE)
    (run,) = await _pass(house)
    assert (run["kind"], run["schedule_id"], run["occurrence"]) == (
        "schedule",
        schedule["id"],
        ONE,
    )
    assert (run["state"], run["taken"]) == ("filled", 1)
    campaign = await house.row("SELECT * FROM campaigns WHERE id = :id", id=run["campaign_id"])
    assert (campaign["name"], campaign["state"]) == ("Spring (2026-03-03 13:00)", "running")
    assert campaign["parent_id"] == schedule["campaign_id"]
    copy = await house.row("SELECT * FROM leads WHERE campaign_id = :c", c=campaign["id"])
    assert (copy["origin_id"], copy["state"]) == (lead_id, "waiting")
    row = await _row(house, schedule["id"])
    assert (row["next_run_at"], row["last_run_at"]) == (ONE + DAY, ONE)
    kept = await house.row(
        "SELECT by FROM campaign_versions WHERE campaign_id = :c", c=campaign["id"]
    )
    assert kept["by"] == "schedule Daily"
    await house.assert_balanced()


@pytest.mark.asyncio
async def test_many_workers_at_once_make_one_run_of_an_occurrence(house: House) -> None:
    made = [await _schedule(house, name=f"Daily {n}") for n in range(3)]
    await house.set_time(ONE)
    await asyncio.gather(*(schedules.run_due(house.context) for _ in range(6)))
    await schedules.run_due(house.context)
    runs = await house.rows("SELECT schedule_id FROM runs")
    assert sorted(run["schedule_id"] for run in runs) == sorted(row["id"] for row in made)
    assert (await house.names()).count("campaign.created") == 6


@pytest.mark.asyncio
async def test_an_occurrence_that_has_a_run_gets_no_other(house: House) -> None:
    schedule = await _schedule(house)
    await house.set_time(ONE)
    await _pass(house)
    await house.run("UPDATE schedules SET next_run_at = :at", at=ONE)
    assert len(await _pass(house)) == 1
    assert (await _row(house, schedule["id"]))["next_run_at"] == ONE + DAY


@pytest.mark.asyncio
async def test_a_day_is_filled_with_whoever_is_in_the_segment_by_then(house: House) -> None:
    other = await house.campaign()
    await _schedule(house, segment_id=await _segment(house, campaign_ids=[str(other["id"])]))
    taken = []
    for n in range(3):
        await _lead(house, other["id"])
        await house.set_time(ONE + n * DAY)
        taken.append((await _pass(house))[-1]["taken"])
        await _finish_all(house)
    assert taken == [1, 2, 3]


@pytest.mark.asyncio
async def test_of_what_was_missed_only_the_latest_runs_and_only_within_six_hours(
    house: House,
) -> None:
    schedule = await _schedule(house)
    await house.set_time(ONE + 3 * DAY + timedelta(hours=5, minutes=59))
    (run,) = await _pass(house)
    assert run["occurrence"] == ONE + 3 * DAY
    (skipped,) = await _skipped(house)
    assert (skipped["why"], skipped["count"]) == ("missed", 3)
    assert datetime.fromisoformat(skipped["occurrence"]) == ONE + 2 * DAY
    await _finish_all(house)
    await house.set_time(ONE + 5 * DAY + timedelta(hours=6, minutes=1))
    assert len(await _pass(house)) == 1
    assert (await _skipped(house))[-1]["count"] == 2
    row = await _row(house, schedule["id"])
    in_summer_time = ONE + 6 * DAY - timedelta(hours=1)
    assert (row["next_run_at"], row["last_run_at"]) == (in_summer_time, ONE + 3 * DAY)


@pytest.mark.asyncio
async def test_a_run_that_is_still_being_called_is_not_run_beside(house: House) -> None:
    other = await house.campaign()
    await _lead(house, other["id"])
    schedule = await _schedule(house)
    await house.set_time(ONE)
    (first,) = await _pass(house)
    await house.set_time(ONE + DAY)
    assert len(await _pass(house)) == 1
    (skipped,) = await _skipped(house)
    assert (skipped["why"], skipped["schedule_id"]) == ("still_running", str(schedule["id"]))
    assert (await _row(house, schedule["id"]))["problem"] is None
    await _finish_all(house)
    await house.set_time(ONE + 2 * DAY)
    assert len(await _pass(house)) == 2
    done = await house.row("SELECT state FROM campaigns WHERE id = :id", id=first["campaign_id"])
    assert done["state"] == "completed"
    assert (await house.names()).count("campaign.completed") == 1


@pytest.mark.asyncio
async def test_a_run_that_is_still_being_filled_is_not_run_beside(house: House) -> None:
    await _schedule(house)
    await house.set_time(ONE)
    await schedules.run_due(house.context)
    await house.set_time(ONE + DAY)
    await schedules.run_due(house.context)
    assert [body["why"] for body in await _skipped(house)] == ["still_running"]


@pytest.mark.asyncio
async def test_a_lead_that_waits_for_a_person_holds_nothing_up(house: House) -> None:
    other = await house.campaign()
    await _lead(house, other["id"])
    await _schedule(house)
    await house.set_time(ONE)
    (first,) = await _pass(house)
    await house.run(
        "UPDATE leads SET state = 'held' WHERE campaign_id = :c", c=first["campaign_id"]
    )
    await house.set_time(ONE + DAY)
    assert len(await _pass(house)) == 2
    kept = await house.row("SELECT state FROM campaigns WHERE id = :id", id=first["campaign_id"])
    assert kept["state"] == "running"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("happens", "why"),
    [
        ("UPDATE campaigns SET state = 'cancelled'", "template_cancelled"),
        ("UPDATE campaigns SET ends_at = outdial_now()", "template_ended"),
        ("""UPDATE segments SET filter = '{"colour": 1}'""", "segment_unreadable"),
    ],
)
async def test_what_keeps_a_run_from_being_made_is_said_and_mended(
    house: House, happens: str, why: str
) -> None:
    schedule = await _schedule(house)
    await house.set_time(ONE)
    await house.run(happens)
    assert await _pass(house) == []
    row = await _row(house, schedule["id"])
    assert (row["problem"], row["next_run_at"]) == (why, ONE + DAY)
    assert [body["why"] for body in await _skipped(house)] == [why]
    await house.run("UPDATE campaigns SET state = 'draft', ends_at = NULL")
    await house.run("UPDATE segments SET filter = '{}'")
    await house.set_time(ONE + DAY)
    assert len(await _pass(house)) == 1
    assert (await _row(house, schedule["id"]))["problem"] is None


@pytest.mark.asyncio
async def test_a_rule_that_can_not_be_read_runs_nothing_and_says_so(house: House) -> None:
    bad, good = await _schedule(house), await _schedule(house, name="Good")
    await house.run(
        """UPDATE schedules SET rule = '{"every": "blue"}' WHERE id = :id""", id=bad["id"]
    )
    await house.set_time(ONE)
    (run,) = await _pass(house)
    assert run["schedule_id"] == good["id"]
    row = await _row(house, bad["id"])
    assert (row["problem"], row["next_run_at"]) == ("rule_unreadable", None)
    assert schedules.upcoming({**row, "next_run_at": ONE}) == []


@pytest.mark.asyncio
async def test_one_schedule_that_fails_stops_no_other(house: House) -> None:
    bad, good = await _schedule(house, name="Bad"), await _schedule(house, name="Good")
    await house.run(
        "UPDATE schedules SET next_run_at = next_run_at - interval '1 s' WHERE id = :id",
        id=bad["id"],
    )
    await house.run("UPDATE campaigns SET name = 'Shut' WHERE id = :id", id=bad["campaign_id"])
    await house.run(
        "ALTER TABLE campaigns ADD CONSTRAINT shut CHECK (name NOT LIKE 'Shut (%') NOT VALID"
    )
    await house.set_time(ONE)
    try:
        (run,) = await _pass(house)
    finally:
        await house.run("ALTER TABLE campaigns DROP CONSTRAINT shut")
    assert run["schedule_id"] == good["id"]
    assert (await _row(house, bad["id"]))["next_run_at"] < ONE
    assert len(await _pass(house)) == 2


@pytest.mark.asyncio
async def test_nothing_runs_on_a_blackout_date_and_nothing_is_made_up_for(house: House) -> None:
    schedule = await _schedule(house, blackout_dates=[date(2026, 3, 4), date(2026, 3, 3)])
    assert schedule["blackout_dates"] == ["2026-03-03", "2026-03-04"]
    assert schedule["next_run_at"] == ONE + 2 * DAY
    changed = await _change(house, schedule["id"], blackout_dates=[])
    assert changed["next_run_at"] == ONE


@pytest.mark.asyncio
async def test_a_paused_schedule_runs_nothing_and_goes_on_with_the_next(house: House) -> None:
    schedule = await _schedule(house)
    paused = await _change(house, schedule["id"], state="paused")
    assert schedules.upcoming(paused) == []
    await house.set_time(ONE + DAY + timedelta(minutes=1))
    assert await _pass(house) == []
    resumed = await _change(house, schedule["id"], state="active")
    assert resumed["next_run_at"] == ONE + 2 * DAY
    assert await _pass(house) == []


@pytest.mark.asyncio
async def test_it_is_changed_part_by_part(house: House) -> None:
    schedule = await _schedule(house)
    segment = await _segment(house, us_states=["TX"])
    weekly = {"every": "week", "days": ["friday"], "at": "09:00", "timezone": "America/Chicago"}
    changed = await _change(house, schedule["id"], name="Weekly", rule=weekly, segment_id=segment)
    assert (changed["name"], changed["segment_id"]) == ("Weekly", segment)
    assert changed["campaign_id"] == schedule["campaign_id"]
    assert changed["next_run_at"] == datetime(2026, 3, 6, 15, tzinfo=UTC)
    assert (await _change(house, schedule["id"], name="Weekly"))["rule"] == weekly
    assert (await house.names()).count("schedule.changed") == 2


@pytest.mark.asyncio
async def test_a_schedule_that_never_comes_is_refused(house: House) -> None:
    for rule, blackout in (
        ({**DAILY, "ends_on": "2026-03-02"}, []),
        ({**DAILY, "ends_on": "2026-03-04"}, [date(2026, 3, 3), date(2026, 3, 4)]),
    ):
        with pytest.raises(InvalidInputError) as refused:
            await _schedule(house, rule=rule, blackout_dates=blackout)
        assert [fault.pointer for fault in refused.value.faults] == ["/rule"]
    assert not await house.rows("SELECT id FROM schedules")


@pytest.mark.asyncio
async def test_after_its_last_day_it_is_over(house: House) -> None:
    schedule = await _schedule(house, rule={**DAILY, "ends_on": "2026-03-03"})
    await house.set_time(ONE)
    assert len(await _pass(house)) == 1
    assert (await _row(house, schedule["id"]))["next_run_at"] is None
    await house.set_time(ONE + DAY)
    assert len(await _pass(house)) == 1


@pytest.mark.asyncio
async def test_names_are_unique_and_parts_are_ones_own(house: House) -> None:
    schedule = await _schedule(house)
    other = await _schedule(house, name="Other")
    with pytest.raises(ConflictError, match="'Daily' already"):
        await _schedule(house)
    with pytest.raises(ConflictError, match="'Daily' already"):
        await _change(house, other["id"], name="Daily")
    stranger = await house.neighbour()
    for parts in (
        {"campaign_id": schedule["campaign_id"]},
        {"segment_id": schedule["segment_id"]},
    ):
        with pytest.raises(NotFoundError):
            await _schedule(stranger, **parts)
    with pytest.raises(NotFoundError):
        await _change(stranger, schedule["id"], state="paused")
    with pytest.raises(NotFoundError):
        await schedules.delete(
            house.context,
            organization_id=stranger.organization_id,
            schedule_id=schedule["id"],
            by=None,
        )
    assert (await _row(house, schedule["id"]))["state"] == "active"


@pytest.mark.asyncio
async def test_a_deleted_schedule_leaves_its_runs_and_frees_its_segment(house: House) -> None:
    schedule = await _schedule(house)
    org = {"organization_id": house.organization_id}
    await house.set_time(ONE)
    (run,) = await _pass(house)
    with pytest.raises(ConflictError, match="Daily"):
        await segments.delete(house.context, segment_id=schedule["segment_id"], **org)
    await schedules.delete(house.context, schedule_id=schedule["id"], by="tests", **org)
    await segments.delete(house.context, segment_id=schedule["segment_id"], **org)
    (kept,) = await house.rows("SELECT * FROM runs")
    assert (kept["id"], kept["schedule_id"]) == (run["id"], None)
    assert (await house.move(run["campaign_id"], CampaignState.PAUSED)).in_flight == 0
