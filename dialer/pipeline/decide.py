"""Decide: what a person says of a call that can't be proven, or never ended."""

from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline import settle
from dialer.rules.call import CallState
from dialer.rules.errors import ConflictError, NotFoundError
from dialer.rules.lead import LeadState
from dialer.store import calls, leads
from dialer.store.columns import NOW

Decision = Literal["reached", "drop", "call_again"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)


async def decide(
    context: Context, *, organization_id: UUID, call_id: UUID, decision: Decision
) -> RowMapping:
    """Close a held or stale call, and its lead, as a person says.

    `reached`: the person was talked to; the lead is done. `drop`: the lead is cancelled.
    `call_again`: the lead waits and is due now; its attempt is not spent.

    Raises:
        NotFoundError: there is no such call.
        ConflictError: the call is neither held nor stale, so nobody needs to decide.
    """
    async with context.engine.begin() as conn:
        was = await calls.get(conn, organization_id=organization_id, call_id=call_id)
        if was is None:
            raise NotFoundError("there is no such call")
        call = await _close(conn, was, decision)
        if call is None:
            now = await calls.get(conn, organization_id=organization_id, call_id=call_id) or was
            raise ConflictError(f"the call is {now['state']}; only a held or stale one is decided")
        await _lead(conn, call, decision)
    if decision == "call_again":
        await context.wakeups.lanes([call["agent_id"]])
    return call


async def _close(conn: AsyncConnection, was: RowMapping, decision: Decision) -> RowMapping | None:
    if was["state"] not in (CallState.HELD, CallState.STALE):
        return None
    if decision == "call_again" and was["state"] == CallState.HELD:
        call = await calls.move(conn, was["id"], CallState.ABSENT, finished_at=NOW)
        name = "call.absent"
    else:
        outcome = "completed" if decision == "reached" else "unknown"
        call = await calls.move(conn, was["id"], CallState.ENDED, outcome=outcome, finished_at=NOW)
        name = "call.ended"
    if call is not None:
        await settle.tell(conn, call, name, why="decided", decision=decision)
    return call


async def _lead(conn: AsyncConnection, call: RowMapping, decision: Decision) -> None:
    to = {
        "reached": LeadState.DONE,
        "drop": LeadState.CANCELLED,
        "call_again": LeadState.WAITING,
    }[decision]
    values: dict[str, object] = {"due_at": NOW} if decision == "call_again" else {}
    if decision == "reached":
        values = {"last_outcome": call["outcome"], "attempts": text("leads.attempts + 1")}
    moved = await leads.move(conn, call["lead_id"], to, reason=f"decided_{decision}", **values)
    if moved is not None:
        await settle.tell(conn, call, f"lead.{to.value}", why="decided", decision=decision)
