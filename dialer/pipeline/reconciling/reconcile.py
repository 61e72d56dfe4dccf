"""Reconcile: read the history, settle calls, and wake the lanes whose slots came free."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.reconciling import absences, lookout
from dialer.pipeline.reconciling.history import Reading
from dialer.pipeline.reconciling.lookout import IN_DOUBT
from dialer.pipeline.settling import settle
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.call import CallState
from dialer.rules.errors import UnavailableError
from dialer.rules.proof.reading import may_be_asked_for
from dialer.store import clock
from dialer.store.dialing import calls
from dialer.store.engine import is_transient
from dialer.store.reconciling import history as history_store
from partner import CallRecord, PartnerClient, PartnerError

STALE_AFTER = timedelta(hours=6)
LOOK_UPS = 20
BATCH = 100

Listed = Literal["whole", "some"] | None
"""Whether matches come from a list that shows all there is, some of it, or from no list."""

log = structlog.get_logger(__name__)


async def reconcile(context: Context, partners: Partners, organization_id: UUID) -> int:
    """Read an organization's history once, if it is due; how many calls were settled.

    Any number of workers may run this at once: every change is conditional.
    """
    seconds = context.settings.history_seconds
    async with context.engine.begin() as conn:
        if not await history_store.take_turn(
            conn, organization_id=organization_id, seconds=seconds
        ):
            return 0
        open_calls = await calls.unfinished(conn, organization_id=organization_id)
    if not open_calls:
        return 0
    try:
        client = await partners.of(organization_id)
        return await _read(context, client, organization_id, open_calls)
    except (PartnerError, UnavailableError) as error:
        await _note(context, organization_id, None, error.code)
        log.warning("history_not_read", organization_id=str(organization_id), why=error.code)
        return 0


async def _read(
    context: Context,
    client: PartnerClient,
    organization_id: UUID,
    open_calls: Sequence[RowMapping],
) -> int:
    look = await lookout.look(context, client, organization_id, open_calls)
    reading = look.reading
    looked_up = await _look_up(context, client, open_calls, reading)
    await _note(context, organization_id, reading.server_date, None)
    matches = await _match(context, organization_id, open_calls, reading, look.skew)
    whole = look.since is not None
    settled = await _apply(context, open_calls, matches, listed="whole" if whole else "some")
    # A call found by its id alone is not listed: it says nothing of the list's health.
    settled += await _apply(context, open_calls, looked_up)
    doubts = [call for call in open_calls if call["state"] in IN_DOUBT]
    if doubts:
        found = await absences.decide(context, look.fetch, organization_id, doubts, skew=look.skew)
        late = [call for call in doubts if call["id"] in found]
        settled += await _apply(context, late, found, listed="some")
    await _rest(context, organization_id, look, doubted=bool(doubts))
    return settled


async def _rest(
    context: Context, organization_id: UUID, look: lookout.Look, *, doubted: bool
) -> None:
    least = timedelta(minutes=context.settings.settle_minutes)
    async with context.engine.begin() as conn:
        if look.since is not None:
            await history_store.missed(
                conn,
                organization_id=organization_id,
                since=look.since,
                until=await clock.now(conn),
            )
        span = look.rest
        if doubted:
            soon = await history_store.next_sweep(
                conn, organization_id=organization_id, least=least
            )
            span = span if soon is None else max(look.usual, min(span, soon))
        await history_store.rest(conn, organization_id=organization_id, span=span)


async def _look_up(
    context: Context,
    client: PartnerClient,
    open_calls: Sequence[RowMapping],
    reading: Reading,
) -> dict[UUID, CallRecord]:
    """Ask for calls that should be listed by now, one by one, a few at a time."""
    late = [
        call
        for call in open_calls
        if call["partner_call_id"]
        and call["partner_call_id"] not in reading.items
        and may_be_asked_for(now=call["now"], armed_at=call["armed_at"], asked_at=call["asked_at"])
    ]
    found: dict[UUID, CallRecord] = {}
    not_there: list[UUID] = []
    # Any of them, so that calls which are never found can't keep the others from their turn.
    asked = random.sample(late, min(len(late), LOOK_UPS))
    for call in asked:
        try:
            found[call["id"]] = await client.get_business_call(
                call["partner_business_id"], call["partner_call_id"]
            )
        except PartnerError as error:
            log.info("call_not_looked_up", call_id=str(call["id"]), why=error.code)
            if error.code == "not_found":
                not_there.append(call["id"])
    if asked:
        async with context.engine.begin() as conn:
            await history_store.asked(conn, [c["id"] for c in asked], not_there=not_there)
    return found


async def _apply(
    context: Context,
    open_calls: Sequence[RowMapping],
    matches: Mapping[UUID, CallRecord],
    *,
    listed: Listed = None,
) -> int:
    settled = 0
    for first in range(0, len(open_calls), BATCH):
        batch = open_calls[first : first + BATCH]
        freed = await _settle(context, batch, matches, listed=listed)
        settled += len(freed)
        await context.wakeups.lanes(sorted(set(freed)))
    return settled


async def _match(
    context: Context,
    organization_id: UUID,
    open_calls: Sequence[RowMapping],
    reading: Reading,
    skew: timedelta,
) -> Mapping[UUID, CallRecord]:
    """Pair our calls with the upstream's: by its id, else by number, agent and time."""
    matches = {
        call["id"]: reading.items[call["partner_call_id"]]
        for call in open_calls
        if call["partner_call_id"] in reading.items
    }
    doubts = [c for c in open_calls if c["state"] in IN_DOUBT and c["id"] not in matches]
    if not doubts:
        return matches
    return matches | await absences.find(
        context, organization_id, doubts, reading.items.values(), skew=skew
    )


async def _settle(
    context: Context,
    batch: Sequence[RowMapping],
    matches: Mapping[UUID, CallRecord],
    *,
    listed: Listed,
) -> list[UUID]:
    try:
        return await _settle_batch(context, batch, matches, listed=listed)
    except Exception as error:  # noqa: BLE001 -- it is told, and the others go on
        if len(batch) == 1:
            tell = log.warning if is_transient(error) else log.exception
            tell("call_not_settled", call_id=str(batch[0]["id"]), error=type(error).__name__)
            return []
    # One record that can't be kept must not hold up the others.
    singly = [await _settle(context, [call], matches, listed=listed) for call in batch]
    return [agent_id for freed in singly for agent_id in freed]


async def _settle_batch(
    context: Context,
    batch: Sequence[RowMapping],
    matches: Mapping[UUID, CallRecord],
    *,
    listed: Listed,
) -> list[UUID]:
    freed: list[UUID] = []
    async with context.engine.begin() as conn:
        if listed is not None:
            seen = [c["id"] for c in batch if c["id"] in matches]
            await history_store.saw(conn, seen, whole=listed == "whole")
        for call in batch:
            record = matches.get(call["id"])
            if record is not None and await settle_one(conn, call, record):
                freed.append(call["agent_id"])
            elif _is_stale(call):
                await settle.give_up(conn, call)
    return freed


async def settle_one(conn: AsyncConnection, call: RowMapping, record: CallRecord) -> bool:
    """Let a call follow what the history shows of it; whether it ended by that."""
    seen = seen_of(record)
    match (record.status, call["state"]):
        case ("COMPLETED" | "FAILED", _):
            return await settle.end(conn, call, seen) is not None
        case ("IN_PROGRESS", "placed" | "unknown"):
            await settle.see_live(conn, call, seen)
        case ("SCHEDULED", "unknown"):
            await settle.place(
                conn, call["id"], fence=call["fence"], partner_call_id=seen.partner_call_id
            )
        case _:
            pass
    return False


def _is_stale(call: RowMapping) -> bool:
    waiting = call["state"] in (CallState.PLACED, CallState.LIVE)
    return bool(waiting and call["now"] - call["armed_at"] > STALE_AFTER)


def seen_of(record: CallRecord) -> settle.Seen:
    """What is kept of a call that the history shows."""
    return settle.Seen(
        partner_call_id=record.id,
        status=record.status or "",
        ended_reason=_cut(record.ended_reason, 500),
        summary=_cut(record.summary, 20_000),
        transcript=_cut(record.transcript, 500_000),
        recording_url=_cut(record.recording_url, 2_000),
        duration_ms=record.duration_ms,
        structured_data=record.structured_data,
        started_at=record.started_at,
        ended_at=record.ended_at,
    )


def _cut(text: str | None, limit: int) -> str | None:
    return None if text is None else text.replace("\x00", "")[:limit]


async def _note(
    context: Context, organization_id: UUID, server_date: datetime | None, problem: str | None
) -> None:
    async with context.engine.begin() as conn:
        now = await clock.now(conn)
        skew = None if server_date is None else round((server_date - now).total_seconds() * 1000)
        await history_store.note(
            conn, organization_id=organization_id, skew_ms=skew, problem=problem
        )
