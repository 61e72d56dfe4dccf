"""Settle: each change of a call with what it means for its lead, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.settling import following
from dialer.pipeline.settling.timeline import tell
from dialer.rules.call import CallState
from dialer.rules.lead import LeadState
from dialer.rules.outcomes.outcome import OPTED_OUT
from dialer.rules.proof.answers import recorded_doubt
from dialer.store.columns import NOW, after
from dialer.store.dialing import calls
from dialer.store.intake import leads

SLOT = timedelta(minutes=30)
"""A call that is placed and never ends gives its concurrency slot back after this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the upstream's history says of a call."""

    partner_call_id: str
    status: str
    ended_reason: str | None = None
    summary: str | None = None
    transcript: str | None = None
    recording_url: str | None = None
    duration_ms: int | None = None
    structured_data: Mapping[str, object] | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def as_columns(self) -> dict[str, Any]:
        """What a call's row keeps of it."""
        return {
            "partner_call_id": self.partner_call_id,
            "partner_status": self.status,
            "ended_reason": self.ended_reason,
            "summary": self.summary,
            "transcript": self.transcript,
            "recording_url": self.recording_url,
            "duration_ms": self.duration_ms,
            "structured_data": dict(self.structured_data or {}),
            "started_at": self.started_at,
            "ended_at": self.ended_at,
        }


class _MovedOnError(Exception):
    """What was to be changed together can't be any more."""


async def release(
    conn: AsyncConnection,
    call_id: UUID,
    *,
    fence: int,
    why: str,
    retry_seconds: float = 0.0,
    rest: timedelta | None = None,
    said: str | None = None,
) -> RowMapping | None:
    """Give a claim back: nothing was sent, the lead waits, no attempt is spent.

    Args:
        conn: In a transaction.
        call_id: The call.
        fence: The claim's.
        why: Which gate closed, or what couldn't be sent.
        retry_seconds: Real seconds that the lead waits after a failure to send.
        rest: Campaign time that a closed gate lets it wait instead.
        said: What a person reads of it beside `why`.
    """
    call = await calls.move(
        conn,
        call_id,
        CallState.RELEASED,
        fence=fence,
        finished_at=NOW,
        # Only a failure to send counts for the breaker; a closed gate is no failure.
        answer="not_sent" if retry_seconds else None,
        closed_at=NOW,
    )
    if call is None:
        return None
    await tell(conn, call, "call.released", why=why, **({"said": said} if said else {}))
    await _wait_again(conn, call, why=why, seconds=retry_seconds, rest=rest)
    return call


async def place(
    conn: AsyncConnection, call_id: UUID, *, fence: int, partner_call_id: str
) -> RowMapping | None:
    """The upstream accepted the call (or a late look at an unknown one found its id)."""
    call = await calls.move(
        conn,
        call_id,
        CallState.PLACED,
        fence=fence,
        partner_call_id=partner_call_id,
        answer="placed",
        answered_at=NOW,
        closed_at=NOW,
        closed_by="sender",
    )
    if call is not None:
        await tell(conn, call, "call.placed", partner_call_id=partner_call_id)
    return call


async def refuse(
    conn: AsyncConnection, call_id: UUID, *, fence: int, answer: str, retry_seconds: float
) -> RowMapping | None:
    """Proof that no phone rang: the lead waits, no attempt is spent."""
    call = await calls.move(
        conn,
        call_id,
        CallState.REFUSED,
        fence=fence,
        answer=answer,
        closed_at=NOW,
        closed_by="sender",
        finished_at=NOW,
    )
    if call is None:
        return None
    await tell(conn, call, "call.refused", why=answer)
    await _wait_again(conn, call, why=answer, seconds=retry_seconds)
    return call


async def doubt(
    conn: AsyncConnection,
    call_id: UUID,
    *,
    fence: int | None,
    why: str,
    by: str | None,
    partner_call_id: str | None = None,
) -> RowMapping | None:
    """The phone may have rung: look for the call, never send it again.

    Args:
        conn: In a transaction.
        call_id: The call.
        fence: The sender's fence; None for the sweep.
        why: What was seen, or `no_answer_recorded`.
        by: `sender` when the sender itself says so: it sends nothing more. None otherwise.
        partner_call_id: An id that could be read from a broken answer.
    """
    call = await calls.move(
        conn,
        call_id,
        CallState.UNKNOWN,
        source=CallState.DIALING,
        fence=fence,
        answer=recorded_doubt(why),
        closed_at=NOW if by else text("closed_at"),
        closed_by=by or text("closed_by"),
        partner_call_id=partner_call_id,
    )
    if call is not None:
        await tell(conn, call, "call.unknown", why=why)
    return call


async def see_live(conn: AsyncConnection, call: RowMapping, seen: Seen) -> bool:
    """The history shows the call in progress."""
    moved = await calls.move(
        conn,
        call["id"],
        CallState.LIVE,
        partner_call_id=seen.partner_call_id,
        partner_status=seen.status,
        started_at=seen.started_at,
    )
    if moved is not None:
        await tell(conn, moved, "call.live", partner_call_id=seen.partner_call_id)
    return moved is not None


async def end(conn: AsyncConnection, call: RowMapping, seen: Seen) -> RowMapping | None:
    """The history shows the call's end: keep its outcome and plan what follows.

    Returns:
        The ended call; None when somebody else ended it first.
    """
    ending = await following.read(conn, call, seen.as_columns())
    outcome = ending.reading.outcome
    ended = await calls.move(
        conn,
        call["id"],
        CallState.ENDED,
        outcome=outcome.name,
        counted=outcome.counts,
        finished_at=NOW,
        **seen.as_columns(),
    )
    if ended is None:
        return None
    await tell(
        conn,
        ended,
        "call.ended",
        outcome=outcome.name,
        ended_reason=seen.ended_reason,
        decided_by=ending.reading.by,
    )
    if call["state"] != CallState.REFUSED:
        await following.follow(conn, ended, ending)
    elif outcome.name == OPTED_OUT:
        # Its lead has moved on since, but nobody is called again who asked not to be.
        await following.suppress(conn, ended)
    return ended


async def reopen(conn: AsyncConnection, call: RowMapping, *, partner_call_id: str) -> bool:
    """A refused call had rung: its lead, if it still waits, is in that call again.

    Returns:
        False when the lead has moved on, or another call to the number is open.
    """
    try:
        async with conn.begin_nested():
            moved = await _reopen(conn, call, partner_call_id)
    except (IntegrityError, _MovedOnError):
        return False
    await tell(conn, moved, "call.unknown", why="refusal_rang")
    return True


async def _reopen(conn: AsyncConnection, call: RowMapping, partner_call_id: str) -> RowMapping:
    moved = await calls.move(
        conn,
        call["id"],
        CallState.UNKNOWN,
        source=CallState.REFUSED,
        partner_call_id=partner_call_id,
        answer="unknown",
        finished_at=None,
        slot_until=after(SLOT),
    )
    lead = await leads.move(conn, call["lead_id"], LeadState.CALLING, reason=None)
    if moved is None or lead is None:
        raise _MovedOnError
    return moved


async def absent(conn: AsyncConnection, call: RowMapping, *, why: str) -> bool:
    """Proven not placed: the lead waits again, no attempt is spent."""
    moved = await calls.move(conn, call["id"], CallState.ABSENT, finished_at=NOW)
    if moved is None:
        return False
    await tell(conn, moved, "call.absent", why=why)
    await _wait_again(conn, moved, why="absent", seconds=0.0)
    return True


async def hold(conn: AsyncConnection, call: RowMapping, *, why: str) -> bool:
    """Can't be proven: a person decides."""
    moved = await calls.move(conn, call["id"], CallState.HELD)
    if moved is None:
        return False
    await tell(conn, moved, "call.held", why=why)
    await _hold_lead(conn, moved, why=why)
    return True


async def give_up(conn: AsyncConnection, call: RowMapping) -> bool:
    """Placed, but never seen to end."""
    moved = await calls.move(conn, call["id"], CallState.STALE)
    if moved is None:
        return False
    await tell(conn, moved, "call.stale")
    await _hold_lead(conn, moved, why="stale")
    return True


async def _hold_lead(conn: AsyncConnection, call: RowMapping, *, why: str) -> None:
    if await leads.move(conn, call["lead_id"], LeadState.HELD, reason=why) is not None:
        await tell(conn, call, "lead.held", why=why)


async def _wait_again(
    conn: AsyncConnection,
    call: RowMapping,
    *,
    why: str,
    seconds: float,
    rest: timedelta | None = None,
) -> None:
    over = await following.campaign_is_over(conn, call)
    word = await following.stop_word(conn, call)
    if word is not None:
        await following.finish(conn, call, word.bucket, reason=word.reason)
        return
    if over is not None:
        await following.finish(conn, call, over, reason=over.value)
        return
    due = text("outdial_now() + outdial_real(:wait_seconds)").bindparams(wait_seconds=seconds)
    if rest is not None:
        due = after(rest)
    moved = await leads.move(conn, call["lead_id"], LeadState.WAITING, due_at=due, reason=why)
    if moved is not None:
        await tell(conn, call, "lead.waiting", why=why, due_at=moved["due_at"])
