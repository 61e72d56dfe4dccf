"""Rows of the kinds that few campaigns have: lists, segments, schedules, runs, a restore."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.rules.segment import Segment
from dialer.store.compliance import dnc
from dialer.store.planning import runs, schedules, segments
from tests.support.house import NOON, House

LISTED = "+12125550188"
WEEK = timedelta(days=7)
LAST = UUID(int=2**128 - 1)
"""After every lead."""

WRITES = frozenset(
    (
        *("dnc.add", "dnc.declare", "dnc.clear"),
        *("runs.create", "runs.copy", "runs.copy_variants"),
        *("schedules.create", "schedules.change", "schedules.lock", "schedules.delete"),
        *("segments.create", "segments.delete"),
    )
)
"""What changes rows, or locks them and says no more than whether they are there."""


async def furnish(house: House, campaign: RowMapping) -> dict[str, Any]:
    """Put a row of each kind into an organization; their ids by name."""
    org: dict[str, Any] = {"organization_id": house.organization_id}
    again = [await house.campaign(name="Again"), await house.campaign(name="And again")]
    await house.lead(again[0]["id"])
    async with house.context.engine.begin() as conn:
        await dnc.add(conn, phones=[LISTED], **org)
        await dnc.declare(conn, at=NOON, **org)
        segment_id = await segments.create(conn, name="all", given={}, **org)
        plan = {"name": "daily", "campaign_id": campaign["id"], "segment_id": segment_id}
        schedule_id = await schedules.create(conn, values={**plan, "rule": {}}, **org)
        common = {"parent_id": campaign["id"], "schedule_id": schedule_id, "kind": "schedule"}
        filling, _ = [
            await runs.create(
                conn,
                values={
                    **common,
                    "campaign_id": one["id"],
                    "state": state,
                    "filter": {},
                    "occurrence": NOON if state == "filling" else None,
                },
                **org,
            )
            for one, state in zip(again, ("filling", "filled"), strict=True)
        ]
    return {"segment_id": segment_id, "schedule_id": schedule_id, "run_id": filling}


async def claim_anew(house: House, campaign: RowMapping) -> str:
    """Let a restore doubt a call that was claimed after it; whose number it is."""
    call = await house.dialing(campaign)
    await house.run("UPDATE calls SET state = 'unknown' WHERE id = :id", id=call["id"])
    await house.run(
        "UPDATE organizations SET restored_from = outdial_now() - interval '1 h' WHERE id = :id",
        id=house.organization_id,
    )
    return str(call["phone"])


def reads(of: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every read of them by name, with arguments that find something."""
    anybody = Segment(states=("waiting", "calling", "done"))
    page = {"after": None, "limit": 10}
    doubted = {"phone": of["anew"], "partner_agent_id": "agent_demo", "at": NOON - WEEK}
    return {
        "dnc.among": {"phones": [LISTED]},
        "dnc.any_listed": {},
        "dnc.count": {},
        "dnc.hold": {},
        "dnc.scrubbed_at": {},
        "runs.batch_end": {"after": None, "before": LAST, "size": 1},
        "runs.candidates": {"family": [], "segment": anybody, "after": None, "until": LAST},
        "runs.family": {"campaign_id": of["campaign_id"]},
        "runs.get": {"run_id": of["run_id"]},
        "runs.listing": {"parent_id": None, "schedule_id": None, **page},
        "runs.of_occurrence": {"schedule_id": of["schedule_id"], "occurrence": NOON},
        "runs.spent": {"schedule_id": of["schedule_id"]},
        "runs.unfinished": {"schedule_id": of["schedule_id"]},
        "schedules.get": {"schedule_id": of["schedule_id"]},
        "schedules.listing": page,
        "schedules.named": {"name": "daily"},
        "segments.count": {"segment": anybody, "most": 10},
        "segments.get": {"segment_id": of["segment_id"]},
        "witness.claimed_anew": doubted,
        "segments.hold": {"segment_id": of["segment_id"]},
        "segments.listing": page,
        "segments.users": {"segment_id": of["segment_id"]},
    }
