"""Unknown calls: find them in the history, or prove that they were never placed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.reconciling import history
from dialer.pipeline.settling import settle
from dialer.rules.call import CallState
from dialer.rules.proof import absence, matching
from dialer.store import clock
from dialer.store.dialing import calls
from dialer.store.reconciling import history as history_store
from partner import CallRecord

SWEEP_EVERY = timedelta(minutes=1)
LOOK_AGAIN = timedelta(hours=1)
"""How often a call is looked for whose proof is stuck: no watermarks, a conflict, held."""

GROUPS = 10


async def find(
    context: Context,
    organization_id: UUID,
    doubts: Sequence[RowMapping],
    items: Iterable[CallRecord],
    *,
    skew: timedelta,
) -> dict[UUID, CallRecord]:
    """Match unknown calls by agent, number and time with calls that no row of ours claims."""
    listed = list(items)
    async with context.engine.connect() as conn:
        taken = await calls.linked(
            conn, organization_id=organization_id, partner_call_ids=[i.id for i in listed]
        )
    sought = {call["id"]: _sought(call) for call in doubts}
    return matching.pair(sought, listed, taken=taken, skew=skew)


def _sought(call: RowMapping) -> matching.Sought:
    return matching.Sought(
        phone=call["phone"],
        agent_id=call["partner_agent_id"],
        armed_at=call["armed_at"],
        closed_at=call["closed_at"],
        partner_call_id=call["partner_call_id"],
    )


async def decide(
    context: Context,
    fetch: history.Fetch,
    organization_id: UUID,
    doubts: Sequence[RowMapping],
    *,
    skew: timedelta,
) -> dict[UUID, CallRecord]:
    """Judge each unknown call; sweep completely for those whose time has come.

    Returns:
        The calls that a sweep found after all, to be settled by the caller.
    """
    judged = [(c, v) for c, v, _ in await explain(context, organization_id, doubts)]
    for call, verdict in judged:
        await _conclude(context, call, verdict)
    counting = {
        call["id"] for call, verdict in judged if verdict.what == "sweep" and _is_rested(call)
    }
    looking = [call for call, _ in judged if call["id"] in counting or _long_unseen(call)]
    found: dict[UUID, CallRecord] = {}
    for group in _overlapping(looking, skew)[:GROUPS]:
        found |= await _sweep(context, fetch, organization_id, group, counting=counting, skew=skew)
    return found


async def explain(
    context: Context, organization_id: UUID, doubts: Sequence[RowMapping]
) -> list[tuple[RowMapping, absence.Verdict, datetime]]:
    """Say of unknown calls what each waits for, and from when on a look proves something."""
    if not doubts:
        return []
    least = timedelta(minutes=context.settings.settle_minutes)
    async with context.engine.connect() as conn:
        known = await _known(conn, organization_id, doubts)
        now = await clock.now(conn)
    found: list[tuple[RowMapping, absence.Verdict, datetime]] = []
    for call in doubts:
        doubt, proof = _doubt(call), call["absence_proof"]
        verdict = absence.judge(doubt, known, now=now, least=least, proof=proof)
        settled = absence.settled_at(doubt, lag=known.lag, least=least, proof=proof)
        found.append((call, verdict, settled))
    return found


def _is_rested(call: RowMapping) -> bool:
    return call["swept_at"] is None or bool(call["now"] - call["swept_at"] >= SWEEP_EVERY)


def _long_unseen(call: RowMapping) -> bool:
    return bool(call["now"] - (call["swept_at"] or call["armed_at"]) > LOOK_AGAIN)


def _overlapping(looking: Sequence[RowMapping], skew: timedelta) -> list[list[RowMapping]]:
    groups: list[list[RowMapping]] = []
    for call in sorted(looking, key=lambda c: c["armed_at"]):
        if groups and call["armed_at"] - matching.BEFORE_ARM - skew <= _end(groups[-1], skew):
            groups[-1].append(call)
        else:
            groups.append([call])
    return groups


def _end(group: Sequence[RowMapping], skew: timedelta) -> datetime:
    ends: list[datetime] = [
        min(matching.latest_start(_sought(call)), call["now"]) + skew for call in group
    ]
    return max(ends)


async def _conclude(context: Context, call: RowMapping, verdict: absence.Verdict) -> None:
    if verdict.what not in ("absent", "hold") or call["state"] != CallState.UNKNOWN:
        return
    async with context.engine.begin() as conn:
        if verdict.what == "hold":
            await settle.hold(conn, call, why=verdict.why)
            return
        # Between the judgement and now the sender may have closed the call anew.
        proven = await calls.is_as_judged(conn, call) and await settle.absent(
            conn, call, why=verdict.why
        )
    if proven:
        await context.wakeups.lanes([call["agent_id"]])


async def _sweep(
    context: Context,
    fetch: history.Fetch,
    organization_id: UUID,
    group: Sequence[RowMapping],
    *,
    counting: Collection[UUID],
    skew: timedelta,
) -> dict[UUID, CallRecord]:
    start = min(call["armed_at"] for call in group) - matching.BEFORE_ARM - skew
    until = _end(group, skew)
    reading = await history.sweep(fetch, start=start, end=until)
    matched = await find(context, organization_id, group, reading.items.values(), skew=skew)
    missed = [call for call in group if call["id"] not in matched]
    # An incomplete sweep counts for nothing, but takes its turn, so that others get theirs.
    async with context.engine.begin() as conn:
        counted = counting if reading.complete else ()
        await history_store.swept(conn, missed, counting=counted)
        await _note_health(conn, organization_id, reading, start, until - skew)
    return matched


async def _note_health(
    conn: AsyncConnection,
    organization_id: UUID,
    reading: history.Reading,
    since: datetime,
    until: datetime,
) -> None:
    """Note which known calls a sweep showed: a list that lacks one proves nothing."""
    ours = await calls.linked(
        conn, organization_id=organization_id, partner_call_ids=list(reading.items)
    )
    await history_store.saw(conn, list(ours.values()))
    if reading.complete:
        await history_store.missed(conn, organization_id=organization_id, since=since, until=until)


def _doubt(call: RowMapping) -> absence.Doubt:
    return absence.Doubt(
        armed_at=call["armed_at"],
        closed_at=call["closed_at"],
        conflict=call["answer"] == "conflict",
        sweeps=call["sweeps"],
    )


async def _known(
    conn: AsyncConnection, organization_id: UUID, doubts: Sequence[RowMapping]
) -> absence.History:
    lag = absence.lag_of(*await history_store.lag(conn, organization_id=organization_id))
    since = min(call["armed_at"] for call in doubts)
    return absence.History(
        lag=lag,
        seen=tuple(
            await history_store.watermarks(conn, organization_id=organization_id, since=since)
        ),
        missing=await history_store.known_call_missing(
            conn, organization_id=organization_id, older_than=lag
        ),
    )
