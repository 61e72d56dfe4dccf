"""Refusals: look for refused calls once, and disbelieve an answer that had rung after all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.reconciling import history
from dialer.pipeline.settling import settle, timeline
from dialer.pipeline.settling.decide import Decider
from dialer.pipeline.upstream.answer import Answer
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.errors import NotFoundError, UnavailableError
from dialer.rules.proof.refusal import BEFORE, LOOK_AFTER, REACH, Refusal, rang
from dialer.store import events
from dialer.store.dialing import calls
from dialer.store.reconciling import history as history_store
from dialer.store.reconciling import refusals
from partner import CallRecord, PartnerError

_SECONDS = LOOK_AFTER.total_seconds()
_BELIEVED = "there is no such answer that is disbelieved"

log = structlog.get_logger(__name__)


async def weigh(conn: AsyncConnection, call: RowMapping, answer: Answer) -> Answer:
    """Take a refusal for an unknown call, where such an answer was once found to have rung."""
    if answer.kind != "refused":
        return answer
    disbelieved = await refusals.is_disbelieved(
        conn, organization_id=call["organization_id"], answer=answer.why
    )
    return replace(answer, kind="unknown") if disbelieved else answer


async def believe(context: Context, *, organization_id: UUID, answer: str, by: Decider) -> None:
    """Take an answer for a refusal again, as a person says who has found out what was wrong.

    Calls that were left unknown by such an answer stay so: they are looked for as any other.

    Raises:
        NotFoundError: the answer is believed.
    """
    if not answer.isprintable():
        raise NotFoundError(_BELIEVED)
    async with context.engine.begin() as conn:
        call = await refusals.believe(conn, organization_id=organization_id, answer=answer)
        if call is None:
            raise NotFoundError(_BELIEVED)
        await timeline.tell(conn, call, "answer.believed", answer=answer, **by.as_dict())


async def due(context: Context) -> Sequence[UUID]:
    """Organizations whose refused calls are to be looked for."""
    async with context.engine.connect() as conn:
        return [row["id"] for row in await refusals.due(conn, seconds=_SECONDS)]


async def look(context: Context, partners: Partners, organization_id: UUID) -> int:
    """Sweep once for the refused calls of the last minutes; how many had rung.

    One sweep serves all of them, there is at most one a minute, and none without a refused call.
    An incomplete one is made again a minute later.
    """
    async with context.engine.begin() as conn:
        if not await refusals.take_turn(conn, organization_id=organization_id, seconds=_SECONDS):
            return 0
        unseen = await refusals.unseen(conn, organization_id=organization_id, seconds=_SECONDS)
        skew = await history_store.skew(conn, organization_id=organization_id)
    if not unseen:
        return 0
    try:
        client = await partners.of(organization_id)
        fetch = history.fetcher(client, sorted({c["partner_business_id"] for c in unseen}))
        reading = await history.sweep(fetch, start=_start(unseen, skew), end=_end(unseen, skew))
    except (PartnerError, UnavailableError) as error:
        log.warning("refusals_not_looked_for", why=error.code)
        return 0
    found = await _match(context, organization_id, unseen, reading, skew)
    for call, record in found:
        await _disbelieve(context, call, record)
    if reading.complete:
        async with context.engine.begin() as conn:
            await refusals.looked_for(conn, [call["id"] for call in unseen])
    return len(found)


def _start(unseen: Sequence[RowMapping], skew: timedelta) -> datetime:
    start: datetime = min(call["armed_at"] for call in unseen) - BEFORE - skew
    return start


def _end(unseen: Sequence[RowMapping], skew: timedelta) -> datetime:
    end: datetime = max(call["closed_at"] for call in unseen) + REACH + skew
    return end


async def _match(
    context: Context,
    organization_id: UUID,
    unseen: Sequence[RowMapping],
    reading: history.Reading,
    skew: timedelta,
) -> list[tuple[RowMapping, CallRecord]]:
    async with context.engine.connect() as conn:
        taken = await calls.linked(
            conn, organization_id=organization_id, partner_call_ids=list(reading.items)
        )
    free = {item.id: item for item in reading.items.values() if item.id not in taken}
    found: list[tuple[RowMapping, CallRecord]] = []
    for call in unseen:
        refusal = Refusal(
            phone=call["phone"],
            agent_id=call["partner_agent_id"],
            armed_at=call["armed_at"],
            closed_at=call["closed_at"],
            next_at=call["next_at"],
        )
        match = next((item for item in free.values() if rang(refusal, item, skew=skew)), None)
        if match is not None:
            found.append((call, free.pop(match.id)))
    return found


async def _disbelieve(context: Context, call: RowMapping, record: CallRecord) -> None:
    try:
        async with context.engine.begin() as conn:
            await _take_back(conn, call, record)
    except IntegrityError:
        # Another call of ours took that id meanwhile: it is not this one that rang.
        log.info("refusal_explained", call_id=str(call["id"]))


async def _take_back(conn: AsyncConnection, call: RowMapping, record: CallRecord) -> None:
    if not await settle.reopen(conn, call, partner_call_id=record.id):
        linked = await refusals.link(conn, call["id"], partner_call_id=record.id)
        if linked is None:
            return
    await events.keep_evidence(
        conn,
        organization_id=call["organization_id"],
        call_id=call["id"],
        kind="rang",
        body={"code": call["answer"], "call_id": record.id, "started_at": record.started_at},
    )
    await history_store.rest(conn, organization_id=call["organization_id"], span=timedelta())
    if await refusals.disbelieve(
        conn,
        organization_id=call["organization_id"],
        answer=call["answer"],
        call_id=call["id"],
    ):
        await timeline.tell(conn, call, "answer.disbelieved", answer=call["answer"])
        log.error("answer_disbelieved", answer=call["answer"], call_id=str(call["id"]))
