"""Decide: what a person says of a call that can't be proven, or never ended."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.settling import timeline
from dialer.rules.call import CallState
from dialer.rules.errors import (
    AlreadyDecidedError,
    ConflictError,
    FoundMeanwhileError,
    NotFoundError,
    OutdialError,
)
from dialer.rules.lead import LeadState
from dialer.rules.proof.decision import DECIDABLE, Decision, Verdict, verdict_of
from dialer.store.columns import NOW
from dialer.store.dialing import calls
from dialer.store.intake import leads
from dialer.store.reports import held


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who decides, as it will stand in the timeline.

    Attributes:
        name: The name of the API key that was shown, or the printed link.
        through: Where it was decided.
        note: The person's own words, if any.
    """

    name: str
    through: Literal["api", "page"]
    note: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Members of an event's body; an absent note is left out."""
        told: dict[str, object] = {"by": self.name, "through": self.through}
        return told | ({"note": self.note} if self.note else {})


async def decide(
    context: Context,
    *,
    organization_id: UUID,
    call_id: UUID,
    decision: Decision,
    by: Decider,
) -> RowMapping:
    """Close a held or stale call, and its lead, as a person says.

    The call's row changes only while it still waits: of two decisions at once, and of a decision
    and a reading of the history that finds the call, one wins and the other changes nothing.

    Raises:
        NotFoundError: there is no such call.
        AlreadyDecidedError: somebody decided it before.
        FoundMeanwhileError: the history showed the call after all.
        ConflictError: the call is neither held nor stale, so nobody needs to decide.
    """
    async with context.engine.begin() as conn:
        was = await calls.get(conn, organization_id=organization_id, call_id=call_id)
        if was is None:
            raise NotFoundError("there is no such call")
        state = CallState(was["state"])
        verdict = verdict_of(decision, state)
        call = await _close(conn, was, verdict) if state in DECIDABLE else None
        if call is None:
            raise await refusal(conn, organization_id=organization_id, call_id=call_id)
        await timeline.tell(
            conn, call, "call.decided", decision=decision, was=state.value, **by.as_dict()
        )
        await _follow(conn, call, verdict, decision)
    if verdict.lead == LeadState.WAITING:
        await context.wakeups.lanes([call["agent_id"]])
    return call


async def refusal(conn: AsyncConnection, *, organization_id: UUID, call_id: UUID) -> OutdialError:
    """Why a call can't be decided: it is not there, was decided, was found, or never waited."""
    now = await calls.get(conn, organization_id=organization_id, call_id=call_id)
    if now is None:
        return NotFoundError("there is no such call")
    told = {
        event["name"]: event
        for event in await held.timeline(
            conn, organization_id=organization_id, lead_id=now["lead_id"], call_id=call_id
        )
    }
    if decided := told.get("call.decided"):
        body = decided["body"]
        return AlreadyDecidedError(
            f"this call was decided already: {body['decision']}, by {body['by']}; nothing was "
            "changed"
        )
    if told.keys() & {"call.held", "call.stale"}:
        found = f"{now['state']} as {now['outcome']}" if now["outcome"] else now["state"]
        return FoundMeanwhileError(
            f"the call was found in the history meanwhile: it is {found}; nothing is left to "
            "decide, and nothing was changed"
        )
    return ConflictError(f"the call is {now['state']}; only a held or stale one is decided")


async def _close(conn: AsyncConnection, was: RowMapping, verdict: Verdict) -> RowMapping | None:
    return await calls.move(
        conn, was["id"], verdict.call, outcome=verdict.outcome, finished_at=NOW, decided_at=NOW
    )


async def _follow(
    conn: AsyncConnection, call: RowMapping, verdict: Verdict, decision: Decision
) -> None:
    await timeline.tell(conn, call, f"call.{verdict.call.value}", why="decided", decision=decision)
    values: dict[str, object] = {}
    if verdict.lead == LeadState.WAITING:
        values["due_at"] = NOW
    if verdict.spends:
        values |= {"last_outcome": verdict.outcome, "attempts": text("leads.attempts + 1")}
    moved = await leads.move(
        conn, call["lead_id"], verdict.lead, reason=f"decided_{decision}", **values
    )
    if moved is not None:
        await timeline.tell(
            conn, call, f"lead.{verdict.lead.value}", why="decided", decision=decision
        )
