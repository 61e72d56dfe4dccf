"""Place: connect, arm, send once, record. Nobody ever sends a call that is `dialing`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import structlog
from sqlalchemy import RowMapping, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer import clock
from dialer.context import Context
from dialer.pipeline import answers, settle
from dialer.pipeline.answers import Answer
from dialer.pipeline.partners import Partners
from dialer.rules.briefing import brief
from dialer.rules.call import CallState
from dialer.rules.errors import UnavailableError
from dialer.rules.pacing import LATEST
from dialer.store import calls, engine, events, suppressions
from dialer.store.columns import NOW
from partner import CallPlaced, CallRequest, NotSent, PartnerClient, Refused, Unknown

ARM_SECONDS = 3.0
"""An arm that took longer, by either clock, sends nothing: this process may have slept."""

BACK_OFF_SECONDS = 5.0
_RECORD_TRIES = 60

log = structlog.get_logger(__name__)


class GateClosedError(Exception):
    """A gate closed between the claim and the first byte; nothing was sent."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def place(context: Context, partners: Partners, call_id: UUID) -> None:
    """Ring one claimed call, at its slot, at most once, and record what came of it.

    Safe to run any number of times for a call: only the run whose arm moves the row from
    `claimed` to `dialing` sends.
    """
    async with context.engine.connect() as conn:
        call = await calls.to_place(conn, call_id)
    if call is None or call["state"] != CallState.CLAIMED:
        return
    if call["wait_seconds"] > 0:
        await asyncio.sleep(float(call["wait_seconds"]))
    answer = await _ask(context, partners, call)
    recorded = await _record(context, call, answer)
    if recorded:
        await answers.follow_up(context, partners, call, answer)


async def _ask(context: Context, partners: Partners, call: RowMapping) -> Answer:
    try:
        client = await partners.of(call["organization_id"])
        placed = await _send(context, client, call)
    except GateClosedError as closed:
        return Answer(kind="gate_closed", why=closed.why)
    except UnavailableError as error:
        return Answer(kind="not_sent", why=error.code)
    except NotSent as error:
        return Answer(kind="not_sent", why=error.code, evidence=_evidence(error.evidence))
    except Refused as error:
        return Answer(
            kind="refused",
            why=error.code,
            status=error.status,
            retry_after=error.retry_after,
            evidence=_evidence(error.evidence),
        )
    except Unknown as error:
        return Answer(
            kind="unknown",
            why=error.code,
            partner_call_id=error.call_id,
            evidence=_evidence(error.evidence),
        )
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        # The database failed before or during the arm; whatever it committed, nothing left.
        return Answer(kind="not_sent", why=f"database:{type(error).__name__}")
    return Answer(
        kind="placed",
        why="placed",
        partner_call_id=placed.call_id,
        evidence=_evidence(placed.evidence),
    )


async def _send(context: Context, client: PartnerClient, call: RowMapping) -> CallPlaced:
    return await client.call(
        call["partner_business_id"],
        call["partner_agent_id"],
        _request(call),
        request_id=str(call["id"]),
        before_send=_arming(context, call),
    )


def _request(call: RowMapping) -> CallRequest:
    told = brief(
        {**call, "state": call["us_state"]},
        context_template=call["context_template"],
        info_template=call["additional_info_template"],
    )
    return CallRequest(
        phone_number=call["phone"],
        name=told.name,
        lead_id=told.lead_id,
        context=told.context,
        additional_info=told.additional_info,
        image_urls=told.image_urls or None,
    )


def _arming(context: Context, call: RowMapping) -> Callable[[], Awaitable[None]]:
    async def arm() -> None:
        monotonic, wall = clock.monotonic(), clock.wall()
        async with context.engine.begin() as conn:
            closed = await _arm(conn, call)
        if closed is not None:
            raise GateClosedError(closed)
        slept = max(clock.monotonic() - monotonic, abs(clock.wall() - wall))
        if slept > ARM_SECONDS:
            raise GateClosedError("frozen")

    return arm


async def _arm(conn: AsyncConnection, call: RowMapping) -> str | None:
    await suppressions.guard(
        conn, organization_id=call["organization_id"], phone=call["phone"], exclusive=False
    )
    closed = await calls.closed_gate(
        conn, call["id"], fence=call["fence"], latest=LATEST.total_seconds()
    )
    if closed is not None:
        return closed
    armed = await calls.move(
        conn,
        call["id"],
        CallState.DIALING,
        fence=call["fence"],
        armed_at=NOW,
        slot_until=text("outdial_now() + :slot").bindparams(slot=settle.SLOT),
    )
    if armed is None:
        return "not_ours"
    await settle.tell(conn, armed, "call.dialing", attempt=armed["attempt"])
    return None


async def _record(context: Context, call: RowMapping, answer: Answer) -> bool:
    """Write the answer down, however long the database needs: it can't be had again."""
    for attempt in range(_RECORD_TRIES):
        try:
            async with context.engine.begin() as conn:
                return await _write(conn, call, answer)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if not engine.is_transient(error):
                log.exception("record_failed", call_id=str(call["id"]), answer=answer.kind)
                return False
            log.warning("record_retried", call_id=str(call["id"]), error=type(error).__name__)
            await asyncio.sleep(min(0.1 * 2**attempt, 10.0))
    log.error("record_given_up", call_id=str(call["id"]), answer=answer.kind)
    return False


async def _write(conn: AsyncConnection, call: RowMapping, answer: Answer) -> bool:
    call_id, fence = call["id"], call["fence"]
    if answer.evidence is not None:
        await events.keep_evidence(
            conn,
            organization_id=call["organization_id"],
            call_id=call_id,
            kind=answer.kind,
            body={"code": answer.why, **answer.evidence},
        )
    match answer.kind:
        case "placed":
            moved = await settle.place(
                conn, call_id, fence=fence, partner_call_id=str(answer.partner_call_id)
            )
        case "refused":
            moved = await settle.refuse(
                conn, call_id, fence=fence, answer=answer.why, retry_seconds=BACK_OFF_SECONDS
            )
        case "unknown":
            moved = await settle.doubt(
                conn,
                call_id,
                fence=fence,
                why=answer.why,
                by="sender",
                partner_call_id=answer.partner_call_id,
            )
        case _:
            moved = await _take_back(conn, call, answer)
    if moved is None:
        await calls.note_closed(conn, call_id)
    return moved is not None


async def _take_back(conn: AsyncConnection, call: RowMapping, answer: Answer) -> RowMapping | None:
    # Nothing left this machine. The row is claimed, or dialing if the arm's commit went through.
    pause = 0.0 if answer.kind == "gate_closed" else BACK_OFF_SECONDS
    released = await settle.release(
        conn, call["id"], fence=call["fence"], why=answer.why, retry_seconds=pause
    )
    if released is not None:
        return released
    return await settle.refuse(
        conn, call["id"], fence=call["fence"], answer="not_sent", retry_seconds=pause
    )


def _evidence(given: object) -> Mapping[str, object] | None:
    shown = getattr(given, "as_dict", None)
    return shown() if shown is not None else None
