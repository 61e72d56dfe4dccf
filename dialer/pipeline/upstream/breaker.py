"""Breaker: after a request that went wrong, park its lane or its organization; widen after others.

Who is parked spends nothing: leads wait, a rest follows, and one call tries again.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.rules.breaker import (
    WINDOW_SECONDS,
    Window,
    opens,
    opens_for_all,
    rest_seconds,
    widened,
)
from dialer.store import events
from dialer.store.dialing import probation

log = structlog.get_logger(__name__)


async def went_wrong(context: Context, call: RowMapping) -> None:
    """A request couldn't be sent, was answered 5xx, or left its call unknown; it is on record."""
    await _judge_lane(context, call)
    await _judge_organization(context, call)


async def went_well(context: Context, call: RowMapping) -> None:
    """The upstream accepted a call: twice as many may be unanswered at once."""
    # Two transactions: an arm locks both rows, in its own order.
    async with context.engine.begin() as conn:
        ramp = await probation.ramp_of_lane(conn, call["id"])
        if ramp is not None:
            await probation.widen_lane(conn, call["agent_id"], ramp=widened(ramp))
    async with context.engine.begin() as conn:
        ramp = await probation.ramp_of_organization(conn, call["id"])
        if ramp is not None:
            await probation.widen_organization(
                conn, organization_id=call["organization_id"], ramp=widened(ramp)
            )


async def _judge_lane(context: Context, call: RowMapping) -> None:
    async with context.engine.begin() as conn:
        lane = await probation.lane_of(conn, call["id"], seconds=WINDOW_SECONDS)
        if lane is None:
            return
        window = Window(lane["answered"], lane["bad"])
        rest = _rest(context, lane["trips"])
        if opens(window, ramp=lane["ramp"]) and await probation.open_lane(
            conn, lane["id"], trips=lane["trips"], seconds=rest
        ):
            body = _why([window], rest)
            await _tell(conn, call, "agent.parked", {"agent_id": lane["id"], **body})
            log.warning("agent_parked", agent_id=str(lane["id"]), **body)


async def _judge_organization(context: Context, call: RowMapping) -> None:
    async with context.engine.begin() as conn:
        whole = await probation.organization_of(conn, call["id"])
        if whole is None:
            return
        org = whole["id"]
        lanes = await probation.lanes(conn, organization_id=org, seconds=WINDOW_SECONDS)
        windows = [Window(lane["answered"], lane["bad"]) for lane in lanes]
        rest = _rest(context, whole["trips"])
        if opens_for_all(windows, ramp=whole["ramp"]) and await probation.open_organization(
            conn, organization_id=org, trips=whole["trips"], seconds=rest
        ):
            body = _why(windows, rest)
            await _tell(conn, call, "organization.parked", body)
            log.error("organization_parked", organization_id=str(org), **body)


def _rest(context: Context, trips: int) -> float:
    return rest_seconds(trips, probe_seconds=context.settings.probe_seconds)


def _why(windows: Sequence[Window], rest: float) -> dict[str, object]:
    return {
        "why": "breaker_open",
        "answered": sum(window.answered for window in windows),
        "bad": sum(window.bad for window in windows),
        "rest_seconds": rest,
    }


async def _tell(
    conn: AsyncConnection, call: RowMapping, name: str, body: dict[str, object]
) -> None:
    told = events.event(name, organization_id=call["organization_id"], body=body)
    await events.append(conn, [told])
