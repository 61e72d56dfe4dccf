"""Nobody answers; a redial and a schedule call them again as campaigns of their own."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dialer.pipeline.planning import runs, schedules, segments
from dialer.pipeline.planning.runs import Redial
from dialer.pipeline.planning.schedules import Timetable
from dialer.store import clock
from tests.support.people import leads
from tests.support.system import System, balanced, running_system

PEOPLE = 5
ZONE = "America/New_York"


async def _segment(system: System) -> UUID:
    row = await segments.create(
        system.context,
        organization_id=system.organization_id,
        name="Talked to",
        given={"last_outcomes": ["completed", "callback_requested", "transferred"]},
    )
    found: UUID = row["id"]
    return found


async def _in_two_minutes(system: System) -> dict[str, str]:
    async with system.context.engine.connect() as conn:
        now = await clock.now(conn)
    local = (now + timedelta(minutes=2)).astimezone(ZoneInfo(ZONE))
    return {"every": "day", "at": local.strftime("%H:%M"), "timezone": ZONE}


@pytest.mark.asyncio
async def test_whoever_did_not_answer_is_called_again_by_redial_and_by_schedule(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with running_system(
        database_url=database_url, redis_url=redis_url, home=tmp_path, speed=60
    ) as system:
        system.sandbox.set_outcomes({"no_answer": 1.0})
        system.start_worker()
        system.start_worker()
        campaign = await system.campaign(cadence={"max_attempts": 1})
        await system.post(campaign, leads(PEOPLE))

        async def rings(count: int) -> bool:
            done = await system.rows("SELECT count(*) AS n FROM leads WHERE state = 'done'")
            return bool(len(system.sandbox.rings()) == count == done[0]["n"])

        await system.eventually("everybody was called once", lambda: rings(PEOPLE))
        system.sandbox.set_outcomes({"answered_interested": 1.0})
        await runs.redial(
            system.context,
            organization_id=system.organization_id,
            campaign_id=campaign,
            ask=Redial(outcomes=["no_answer"], start=True),
        )
        await system.eventually("everybody was called twice", lambda: rings(2 * PEOPLE))
        await schedules.create(
            system.context,
            organization_id=system.organization_id,
            given=Timetable(
                name="Again",
                campaign_id=campaign,
                segment_id=await _segment(system),
                rule=await _in_two_minutes(system),
            ),
            by=None,
        )
        await system.eventually("everybody was called thrice", lambda: rings(3 * PEOPLE))
        assert all(balanced(row) for row in await system.ledger())
        made = await system.rows("SELECT kind, state, taken FROM runs ORDER BY id")
        assert [(row["kind"], row["state"], row["taken"]) for row in made] == [
            ("redial", "filled", PEOPLE),
            ("schedule", "filled", PEOPLE),
        ]
