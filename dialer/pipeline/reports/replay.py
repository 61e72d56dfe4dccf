"""Try a table of outcomes on past calls: what would they mean by it? Nothing is written."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.compliance import rulebook
from dialer.rules.errors import UnavailableError
from dialer.rules.outcomes.meaning import Change, Ended, OutcomeMap
from dialer.rules.where.zones import whereabouts
from dialer.store.reports import replay as past

MOST_CALLS = 2_000
"""So many calls, the newest, are looked at."""

MOST_EXAMPLES = 20
AT_ONCE = 2
"""Tables that a process tries at the same time: each costs seconds of one processor."""

_BATCH = 250
_OF_A_KIND = 4
_REASON = 300


@dataclass(frozen=True, slots=True)
class Example:
    """A past call that would mean something else.

    Attributes:
        ended_reason: The platform's own words, untrusted, 300 characters at most.
        before: The outcome that it has.
        after: The outcome that it would have.
        by: What would decide it, such as `ended_reason`, `pattern` or `transcript`.
    """

    call_id: UUID
    ended_reason: str | None
    before: str
    after: str
    by: str


@dataclass(slots=True)
class Replayed:
    """What a table would make of past calls.

    Attributes:
        calls: How many were looked at.
        changes: How many would change, by the outcome before and after.
        examples: Some of those, a few of each kind, the newest first.
    """

    calls: int = 0
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)


_Key = tuple[UUID, str | None]


async def replay(
    context: Context, turns: asyncio.Semaphore, *, organization_id: UUID, outcomes: str
) -> Replayed:
    """Say what a table would make of an organization's newest ended calls.

    Args:
        context: The process's.
        turns: Bounds how many of these a process works on; see `AT_ONCE`.
        organization_id: Whose calls.
        outcomes: The table as CSV; an empty text is the shipped one.

    Raises:
        InvalidInputError: naming each row and field of the table that can't be.
        UnavailableError: no turn is free.
    """
    table = rulebook.read_outcomes(outcomes)
    if turns.locked():
        raise UnavailableError(
            f"{AT_ONCE} tables are tried on past calls already; try again in a few seconds"
        )
    async with turns:
        return await _replay(context, table, organization_id)


async def _replay(context: Context, table: OutcomeMap, organization_id: UUID) -> Replayed:
    found, before = Replayed(), None
    while found.calls < MOST_CALLS:
        # No connection is held while a batch is read: that takes longer than the query.
        async with context.engine.connect() as conn:
            batch = await past.ended(
                conn,
                organization_id=organization_id,
                before=before,
                limit=min(_BATCH, MOST_CALLS - found.calls),
            )
        if not batch:
            break
        for change in await asyncio.to_thread(_changes, table, batch):
            _note(found, change)
        found.calls += len(batch)
        before = batch[-1]["id"]
    return found


def _changes(table: OutcomeMap, batch: Sequence[RowMapping]) -> list[Change[_Key]]:
    return list(table.replay(_calls(batch)))


def _calls(batch: Sequence[RowMapping]) -> Iterator[tuple[_Key, Ended, str]]:
    for row in batch:
        call = Ended(
            status=row["partner_status"],
            ended_reason=row["ended_reason"],
            duration_ms=row["duration_ms"],
            transcript=row["transcript"],
            structured_data=row["structured_data"],
            ended_at=row["ended_at"],
            zone=_zone(row),
        )
        yield (row["id"], row["ended_reason"]), call, row["outcome"]


def _zone(row: RowMapping) -> str | None:
    try:
        zones = whereabouts(
            phone=row["phone"],
            timezone=row["timezone"],
            postal_code=row["postal_code"],
            state=row["us_state"],
        ).zones
    except ValueError:
        return None
    return zones[0] if len(zones) == 1 else None


def _note(found: Replayed, change: Change[_Key]) -> None:
    (call_id, reason), after = change.key, change.reading.outcome.name
    kind = (change.before, after)
    found.changes[kind] += 1
    if found.changes[kind] <= _OF_A_KIND and len(found.examples) < MOST_EXAMPLES:
        shown = None if reason is None else reason[:_REASON]
        found.examples.append(Example(call_id, shown, change.before, after, change.reading.by))
