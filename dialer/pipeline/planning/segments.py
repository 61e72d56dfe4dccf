"""Segments: save a choice among an organization's leads, count who is in it, delete it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.rules.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from dialer.rules.segment import Segment
from dialer.store.planning import segments

MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Counted:
    """How many leads are in a segment; with `at_least`, that many or more."""

    count: int
    at_least: bool


async def create(
    context: Context, *, organization_id: UUID, name: str, given: Mapping[str, object]
) -> RowMapping:
    """Save a segment under a name.

    Raises:
        InvalidInputError: naming each part of the filter that can't be.
        ConflictError: the name is taken.
    """
    segment = Segment.parse(given)
    async with context.engine.begin() as conn:
        await check_ids(conn, organization_id, segment)
        made = await segments.create(
            conn, organization_id=organization_id, name=name, given=segment.as_dict()
        )
        if made is None:
            raise ConflictError(f"there is a segment named {name!r} already")
        return await get(conn, organization_id, made)


async def get(conn: AsyncConnection, organization_id: UUID, segment_id: UUID) -> RowMapping:
    """One segment.

    Raises:
        NotFoundError: there is no such segment.
    """
    row = await segments.get(conn, organization_id=organization_id, segment_id=segment_id)
    if row is None:
        raise NotFoundError("there is no such segment")
    return row


async def hold(conn: AsyncConnection, organization_id: UUID, segment_id: UUID) -> None:
    """Keep a segment from being deleted until the transaction ends.

    Raises:
        NotFoundError: there is no such segment.
    """
    if not await segments.hold(conn, organization_id=organization_id, segment_id=segment_id):
        raise NotFoundError("there is no such segment")


async def delete(context: Context, *, organization_id: UUID, segment_id: UUID) -> None:
    """Delete a segment.

    Raises:
        NotFoundError: there is no such segment.
        ConflictError: a schedule uses it.
    """
    async with context.engine.begin() as conn:
        used = await segments.users(conn, organization_id=organization_id, segment_id=segment_id)
        if used:
            raise ConflictError(f"schedules use this segment: {', '.join(used)[:300]}")
        if not await segments.delete(conn, organization_id=organization_id, segment_id=segment_id):
            raise NotFoundError("there is no such segment")


async def count(
    context: Context, *, organization_id: UUID, segment_id: UUID, most: int = MOST_COUNTED
) -> Counted:
    """Count the leads that are in a segment now, exactly as far as `most`.

    Raises:
        NotFoundError: there is no such segment.
    """
    async with context.engine.connect() as conn:
        row = await get(conn, organization_id, segment_id)
        found = await segments.count(
            conn,
            organization_id=organization_id,
            segment=Segment.parse(row["filter"]),
            most=most + 1,
        )
    return Counted(min(found, most), found > most)


async def check_ids(conn: AsyncConnection, organization_id: UUID, segment: Segment) -> None:
    """Let a filter name only what the organization has.

    Raises:
        InvalidInputError: naming each campaign and source that it hasn't.
    """
    strangers = await segments.strangers(
        conn,
        organization_id=organization_id,
        campaign_ids=segment.campaign_ids,
        source_ids=segment.source_ids,
    )
    faults = tuple(_strange(segment, strangers))
    if faults:
        raise InvalidInputError(faults[0].message, faults=faults)


def _strange(segment: Segment, strangers: set[UUID]) -> Iterator[Fault]:
    for field, what in (("campaign_ids", "campaign"), ("source_ids", "source")):
        for i, id_ in enumerate(getattr(segment, field)):
            if id_ in strangers:
                yield Fault(f"/filter/{field}/{i}", f"no_such_{what}", f"no {what} has this id")
