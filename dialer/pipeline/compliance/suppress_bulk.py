"""Many numbers for the do-not-call list at once: a receipt for every row, none lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from dialer.context import Context
from dialer.pipeline.compliance.suppress import Entry, Listed, list_all
from dialer.rules.errors import Fault, InvalidInputError, UnavailableError
from dialer.rules.intake.suppression_input import ReadSuppression, read_suppression
from dialer.store import clock, engine
from dialer.store.compliance import suppressions

MAX_ROWS = 1_000
BATCH = 100
"""Rows of one transaction: each holds a lock for its number, of which a server has few."""

TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one row.

    `listed`: an entry was made for it. `known`: an earlier entry of the same number and campaign
    holds for at least as long. `rejected`: nothing was kept; `faults` say why.
    """

    index: int
    status: Literal["listed", "known", "rejected"]
    id: UUID | None = None
    phone: str | None = None
    faults: tuple[Fault, ...] = ()


async def suppress_all(
    context: Context, *, organization_id: UUID, given: Sequence[object]
) -> tuple[Receipt, ...]:
    """Put rows on the list, each judged by itself; sending them again adds nothing.

    Rows are committed some at a time: after a failure in the middle, the same rows can be sent
    again, and those that were taken are `known`.

    Raises:
        InvalidInputError: more than 1,000 rows, or none.
        UnavailableError: others held the same numbers, again and again.
    """
    if not 0 < len(given) <= MAX_ROWS:
        fault = Fault("/rows", "row_count", f"send 1 to {MAX_ROWS:,} rows; this has {len(given)}")
        raise InvalidInputError(fault.message, faults=(fault,))
    read = await _read(context, organization_id, given)
    entries = {i: one for i, one in enumerate(read) if isinstance(one, Entry)}
    listed: dict[int, Listed] = {}
    for batch in _batches(entries):
        listed |= await _list(context, organization_id, batch)
    return tuple(_receipt(i, one, listed.get(i)) for i, one in enumerate(read))


async def _read(
    context: Context, organization_id: UUID, given: Sequence[object]
) -> list[Entry | tuple[Fault, ...]]:
    async with context.engine.connect() as conn:
        now = await clock.now(conn)
        read = [
            read_suppression({str(k): v for k, v in row.items()}, now=now)
            if isinstance(row, Mapping)
            else (Fault("", "not_an_object", "an entry must be an object with fields"),)
            for row in given
        ]
        named = {
            one.fields.campaign_id
            for one in read
            if isinstance(one, ReadSuppression) and one.fields.campaign_id is not None
        }
        ours = await suppressions.campaigns_among(
            conn, organization_id=organization_id, campaign_ids=named
        )
    return [_entry(one, ours) for one in read]


def _entry(
    read: ReadSuppression | tuple[Fault, ...], ours: set[UUID]
) -> Entry | tuple[Fault, ...]:
    if not isinstance(read, ReadSuppression):
        return read
    fields = read.fields
    if fields.campaign_id is not None and fields.campaign_id not in ours:
        return (Fault("/campaign_id", "not_found", "there is no such campaign"),)
    return Entry(
        phone=read.e164,
        reason=fields.reason,
        campaign_id=fields.campaign_id,
        until=fields.until,
    )


def _batches(entries: Mapping[int, Entry]) -> list[dict[int, Entry]]:
    rest = iter(entries.items())
    found: list[dict[int, Entry]] = []
    while batch := dict(islice(rest, BATCH)):
        found.append(batch)
    return found


async def _list(
    context: Context, organization_id: UUID, batch: Mapping[int, Entry]
) -> dict[int, Listed]:
    for _ in range(TRIES):
        try:
            async with context.engine.begin() as conn:
                await suppressions.guard_all(
                    conn,
                    organization_id=organization_id,
                    phones={entry.phone for entry in batch.values()},
                )
                made = await list_all(
                    conn, organization_id=organization_id, entries=[*batch.values()]
                )
            return dict(zip(batch, made, strict=True))
        except DBAPIError as error:
            # Rows of leads are locked by whatever calls them, in an order of its own.
            if not engine.is_deadlock(error):
                raise
    raise UnavailableError("others are at the same numbers; try again")


def _receipt(index: int, read: Entry | tuple[Fault, ...], listed: Listed | None) -> Receipt:
    if not isinstance(read, Entry):
        return Receipt(index=index, status="rejected", faults=read)
    if listed is None:
        raise LookupError("an entry was neither listed nor known")
    status: Literal["listed", "known"] = "known" if listed.known else "listed"
    return Receipt(index=index, status=status, id=listed.id, phone=read.phone)
