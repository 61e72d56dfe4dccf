"""Late: a call that a person decided appears in the history after all, and is shown as it was."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from dialer.context import Context
from dialer.pipeline.reconciling import history, reconcile
from dialer.pipeline.settling import following, timeline
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.errors import UnavailableError
from dialer.rules.outcomes.outcome import OPTED_OUT
from dialer.rules.proof import matching
from dialer.rules.proof.decision import LOOK_AGAIN, LOOKED_FOR, is_due
from dialer.store import events
from dialer.store.dialing import calls
from dialer.store.reconciling import decided
from dialer.store.reconciling import history as history_store
from partner import CallRecord, PartnerError

ENDED = ("COMPLETED", "FAILED")

log = structlog.get_logger(__name__)


async def due(context: Context) -> dict[UUID, list[UUID]]:
    """Decided calls that are to be looked for now, by organization."""
    async with context.engine.connect() as conn:
        found = await decided.lately(conn, within=LOOKED_FOR, rest=LOOK_AGAIN)
    by_organization: dict[UUID, list[UUID]] = {}
    for row in found:
        if is_due(now=row["now"], decided_at=row["decided_at"], looked_at=row["looked_at"]):
            by_organization.setdefault(row["organization_id"], []).append(row["id"])
    return by_organization


async def look(
    context: Context, partners: Partners, organization_id: UUID, call_ids: Sequence[UUID]
) -> int:
    """Sweep for decided calls whose turn it is; how many appeared.

    One sweep serves all of them. One that fails or is incomplete is not made up for before the
    next turn: what a person decided stands, whatever it would have shown.
    """
    async with context.engine.begin() as conn:
        mine = await decided.take_turn(conn, call_ids, rest=LOOK_AGAIN)
        unseen = await decided.sought(conn, mine)
        skew = await history_store.skew(conn, organization_id=organization_id)
    if not unseen:
        return 0
    try:
        client = await partners.of(organization_id)
        fetch = history.fetcher(client, sorted({c["partner_business_id"] for c in unseen}))
        reading = await history.sweep(fetch, start=_start(unseen, skew), end=_end(unseen, skew))
    except (PartnerError, UnavailableError) as error:
        log.warning("decided_not_looked_for", why=error.code)
        return 0
    found = await _match(context, organization_id, mine, reading, skew)
    return sum([await _show(context, call, record) for call, record in found])


def _start(unseen: Sequence[RowMapping], skew: timedelta) -> datetime:
    start: datetime = min(_sought(c).armed_at for c in unseen) - matching.BEFORE_ARM - skew
    return start


def _end(unseen: Sequence[RowMapping], skew: timedelta) -> datetime:
    end: datetime = max(min(matching.latest_start(_sought(c)), c["now"]) for c in unseen)
    return end + skew


def _sought(call: RowMapping) -> matching.Sought:
    return matching.Sought(
        phone=call["phone"],
        agent_id=call["partner_agent_id"],
        # A claim that a restore made doubtful was perhaps armed; its row can't say when.
        armed_at=call["armed_at"] or call["claimed_at"],
        closed_at=call["closed_at"],
        partner_call_id=call["partner_call_id"],
    )


async def _match(
    context: Context,
    organization_id: UUID,
    call_ids: Sequence[UUID],
    reading: history.Reading,
    skew: timedelta,
) -> list[tuple[RowMapping, CallRecord]]:
    async with context.engine.connect() as conn:
        taken = await calls.linked(
            conn, organization_id=organization_id, partner_call_ids=list(reading.items)
        )
        # Read anew: whatever the list shows was armed before.
        unseen = await decided.sought(conn, call_ids)
    free = {i.id: i for i in reading.items.values() if i.id not in taken and i.status in ENDED}
    found: list[tuple[RowMapping, CallRecord]] = []
    for call in unseen:
        own = reading.items.get(call["partner_call_id"] or "")
        if own is not None and own.status in ENDED:
            found.append((call, own))
        elif call["partner_call_id"] is None:
            fits = (i for i in free.values() if _is(call, i, skew))
            match = next(fits, None)
            if match is not None:
                found.append((call, free.pop(match.id)))
    return found


def _is(call: RowMapping, item: CallRecord, skew: timedelta) -> bool:
    return matching.can_only_be(_sought(call), item, skew=skew, next_at=call["next_at"])


async def _show(context: Context, call: RowMapping, record: CallRecord) -> bool:
    """Link the ring and tell of it; its lead stays where the person put it.

    But nobody is called again who asked not to be.
    """
    seen = reconcile.seen_of(record).as_columns()
    try:
        async with context.engine.begin() as conn:
            outcome = (await following.read(conn, call, seen)).reading.outcome
            kept = await decided.find(
                conn,
                call["id"],
                partner_call_id=record.id,
                seen=seen,
            )
            if kept is None:
                return False
            await events.keep_evidence(
                conn,
                organization_id=kept["organization_id"],
                call_id=kept["id"],
                kind="found_late",
                body={"call_id": record.id, "status": record.status, "at": record.started_at},
            )
            await timeline.tell(
                conn,
                kept,
                "call.found_late",
                partner_call_id=record.id,
                outcome=outcome.name,
                started_at=record.started_at,
                was=kept["state"],
            )
            if outcome.name == OPTED_OUT:
                await following.suppress(conn, kept)
    except IntegrityError:
        # Another call of ours took that id meanwhile: it is not this one that rang.
        return False
    log.warning("decided_call_found", call_id=str(call["id"]), outcome=outcome.name)
    return True
