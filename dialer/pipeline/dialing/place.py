"""Place: connect, arm, send once, record. Nobody ever sends a call that is `dialing`."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer import clock
from dialer.context import Context
from dialer.pipeline.dialing import answers, precall
from dialer.pipeline.reconciling import refusals
from dialer.pipeline.settling import settle, timeline
from dialer.pipeline.upstream.answer import Answer
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.arm import Clocks, too_late
from dialer.rules.call import CallState
from dialer.rules.errors import UnavailableError
from dialer.rules.intake.briefing import brief
from dialer.rules.pacing import LATEST
from dialer.rules.precall import PATIENCE_SECONDS, unreadable
from dialer.rules.proof.answers import UNREADABLE, Meaning, meaning_of
from dialer.store import engine, events
from dialer.store.columns import NOW, after
from dialer.store.compliance import suppressions
from dialer.store.dialing import calls, gates
from partner import CallPlaced, CallRequest, NotSent, PartnerClient, Refused, Unknown

CONNECT_AHEAD_SECONDS = 1.0
"""How long before its slot a call's connection is made, so that a slow one isn't late."""

_RECORD_TRIES = 60

log = structlog.get_logger(__name__)


class GateClosedError(Exception):
    """A gate closed between the claim and the first byte; nothing was sent."""

    def __init__(
        self, why: str, *, rest: timedelta | None = None, said: str | None = None
    ) -> None:
        super().__init__(why)
        self.why = why
        self.rest = rest
        self.said = said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One try to ring a call, which may be one of several for the same row.

    Attributes:
        call: The row, with all that the request is made of.
        nonce: The fence that the row carries from this run's arm on: no other run can touch it.
        slot: When the call's slot begins, on this process's monotonic clock.
    """

    call: RowMapping
    nonce: int
    slot: float


async def place(context: Context, partners: Partners, call_id: UUID) -> None:
    """Ring one claimed call, at its slot, at most once, and record what came of it.

    Safe to run any number of times for a call, at once too: only the run whose arm moves the
    row from `claimed` to `dialing` sends, and only that run records or takes back.
    """
    async with context.engine.connect() as conn:
        call = await calls.to_place(conn, call_id)
    if call is None or call["state"] != CallState.CLAIMED:
        return
    wait = max(float(call["wait_seconds"]), 0.0)
    slot = clock.monotonic() + wait
    ahead = CONNECT_AHEAD_SECONDS + (PATIENCE_SECONDS if call["precall_url"] else 0.0)
    await asyncio.sleep(max(wait - ahead, 0.0))
    answer = await _ask(context, partners, call, slot=slot)
    recorded = await _record(context, call, answer)
    if recorded is not None:
        await answers.follow_up(context, partners, call, recorded)


async def _ask(
    context: Context, partners: Partners, call: RowMapping, *, slot: float | None = None
) -> Answer:
    began = clock.monotonic()
    run = _Run(call=call, nonce=secrets.randbits(62), slot=began if slot is None else slot)
    try:
        client = await partners.of(call["organization_id"])
        await _ask_leave(context, run)
        placed = await _send(context, client, run)
    except GateClosedError as closed:
        answer = Answer(kind="gate_closed", why=closed.why, rest=closed.rest, said=closed.said)
    except UnavailableError as error:
        answer = Answer(kind="not_sent", why=error.code)
    except (NotSent, Refused, Unknown) as error:
        answer = _failed(error)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        # A gate that can't be read is closed. Whatever the arm committed, nothing left.
        answer = Answer(kind="gate_closed", why=f"{UNREADABLE}:{type(error).__name__}")
    else:
        answer = Answer(
            kind="placed",
            why="placed",
            partner_call_id=placed.call_id,
            evidence=placed.evidence.as_dict(),
        )
    return replace(answer, fence=run.nonce, began=began)


async def _ask_leave(context: Context, run: _Run) -> None:
    closed = await precall.ask(context, run.call)
    if closed is None and run.call["precall_url"] and run.call["paced"]:
        # Claimed anew at once, it would be asked about again and again, and be late each time.
        slow = clock.monotonic() > run.slot + LATEST.total_seconds()
        closed = unreadable("its answer came too late for the call's slot") if slow else None
    if closed is not None:
        raise GateClosedError(closed.why, rest=closed.rest, said=closed.said)


def _failed(error: NotSent | Refused | Unknown) -> Answer:
    evidence = None if error.evidence is None else error.evidence.as_dict()
    match error:
        case NotSent(code=code):
            return Answer(kind="not_sent", why=code, evidence=evidence)
        case Refused(code=code):
            return Answer(
                kind="refused",
                why=code,
                status=error.status,
                retry_after=error.retry_after,
                evidence=evidence,
            )
        case Unknown(code=code):
            return Answer(
                kind="unknown", why=code, partner_call_id=error.call_id, evidence=evidence
            )


async def _send(context: Context, client: PartnerClient, run: _Run) -> CallPlaced:
    return await client.call(
        run.call["partner_business_id"],
        run.call["partner_agent_id"],
        _request(run.call),
        request_id=str(run.call["id"]),
        before_send=_arming(context, run),
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


def _arming(context: Context, run: _Run) -> Callable[[], Awaitable[None]]:
    async def arm() -> None:
        # The connection stands; what is left of the wait for the slot is waited here.
        await asyncio.sleep(max(run.slot - clock.monotonic(), 0.0))
        began = _clocks()
        async with context.engine.begin() as conn:
            closed = await _arm(conn, run, beat=context.pulse.beat)
        if closed is not None:
            raise GateClosedError(closed)
        late = too_late(began, _clocks(), slot=run.slot, paced=run.call["paced"])
        if late is not None:
            raise GateClosedError(late)

    return arm


def _clocks() -> Clocks:
    return Clocks(monotonic=clock.monotonic(), wall=clock.wall())


async def _arm(conn: AsyncConnection, run: _Run, *, beat: int) -> str | None:
    call = run.call
    await suppressions.guard(
        conn, organization_id=call["organization_id"], phone=call["phone"], exclusive=False
    )
    closed = await gates.closed(
        conn,
        call["id"],
        fence=call["fence"],
        latest=LATEST.total_seconds(),
        beat=beat,
    )
    if closed is not None:
        return closed
    armed = await calls.move(
        conn,
        call["id"],
        CallState.DIALING,
        fence=call["fence"],
        new_fence=run.nonce,
        armed_at=NOW,
        slot_until=after(settle.SLOT),
    )
    if armed is None:
        return "not_ours"
    await timeline.tell(conn, armed, "call.dialing", attempt=armed["attempt"])
    return None


async def _record(context: Context, call: RowMapping, answer: Answer) -> Answer | None:
    """Write the answer down, however long the database needs: it can't be had again.

    Returns:
        The answer as it was taken; None when somebody else was quicker.
    """
    for attempt in range(_RECORD_TRIES):
        try:
            async with context.engine.begin() as conn:
                taken = await refusals.weigh(conn, call, answer)
                return taken if await _write(conn, call, taken) else None
        except IntegrityError:
            # Another call of ours has that id already. What this one did is not known.
            log.warning("call_id_taken", call_id=str(call["id"]), answer=answer.kind)
            why = "conflict" if answer.why == "conflict" else "call_id_taken"
            answer = replace(answer, kind="unknown", why=why, partner_call_id=None)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            if not engine.is_transient(error):
                log.exception("record_failed", call_id=str(call["id"]), answer=answer.kind)
                return None
            log.warning("record_retried", call_id=str(call["id"]), error=type(error).__name__)
            await asyncio.sleep(min(0.1 * 2**attempt, 10.0))
    log.error("record_given_up", call_id=str(call["id"]), answer=answer.kind)
    return None


async def _write(conn: AsyncConnection, call: RowMapping, answer: Answer) -> bool:
    if answer.evidence is not None:
        await events.keep_evidence(
            conn,
            organization_id=call["organization_id"],
            call_id=call["id"],
            kind=answer.kind,
            body={"code": answer.why, **answer.evidence},
        )
    moved = await _move(conn, call, answer)
    if moved is None:
        await calls.note_closed(
            conn,
            call["id"],
            fence=_fence(call, answer),
            conflict=answer.why == "conflict",
            partner_call_id=answer.partner_call_id,
        )
    return moved is not None


def _fence(call: RowMapping, answer: Answer) -> int:
    fence: int = call["fence"] if answer.fence is None else answer.fence
    return fence


async def _move(conn: AsyncConnection, call: RowMapping, answer: Answer) -> RowMapping | None:
    fence = _fence(call, answer)
    meaning = meaning_of(answer.kind, answer.why)
    match meaning.state:
        case CallState.PLACED:
            return await settle.place(
                conn, call["id"], fence=fence, partner_call_id=str(answer.partner_call_id)
            )
        case CallState.UNKNOWN:
            return await settle.doubt(
                conn,
                call["id"],
                fence=fence,
                why=answer.why,
                by="sender",
                partner_call_id=answer.partner_call_id,
            )
        case CallState.REFUSED:
            return await _give_back(conn, call, answer, fence=fence, meaning=meaning)


async def _give_back(
    conn: AsyncConnection, call: RowMapping, answer: Answer, *, fence: int, meaning: Meaning
) -> RowMapping | None:
    # Refused, or nothing left this machine. The row is `claimed` under the claim's fence, or
    # `dialing` under this run's own: another run's arm is never taken back.
    released = await settle.release(
        conn,
        call["id"],
        fence=call["fence"],
        why=answer.why,
        retry_seconds=meaning.rest,
        rest=answer.rest,
        said=answer.said,
    )
    if released is not None:
        return released
    return await settle.refuse(
        conn, call["id"], fence=fence, answer=meaning.recorded, retry_seconds=meaning.rest
    )
