"""The do-not-call list: a number goes on it, and what waits for it ends at once; or comes off."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.context import Context
from dialer.rules.errors import Fault, InvalidInputError, NotFoundError
from dialer.rules.phones import phone as phones
from dialer.store import clock, events
from dialer.store.compliance import suppressions
from dialer.store.planning import campaigns
from dialer.store.reports import overview

Scope = tuple[str, UUID | None]
"""A number (E.164), and the campaign that it is suppressed in; None for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to stand on the list: a number, where, why, and until when (None: for good)."""

    phone: str
    reason: str
    campaign_id: UUID | None = None
    until: datetime | None = None

    @property
    def scope(self) -> Scope:
        """Where it holds."""
        return self.phone, self.campaign_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The entry that covers what was asked for, and whether it stood there before."""

    id: UUID
    known: bool


async def suppress(
    context: Context,
    *,
    organization_id: UUID,
    raw_phone: str,
    reason: str,
    campaign_id: UUID | None = None,
    until: datetime | None = None,
) -> RowMapping:
    """Put a number on the list, for the organization or for one campaign.

    Waiting leads with the number end as suppressed, as the gate would end them when their
    turn comes. Once this returns, no call to the number that was not armed before can be.

    Raises:
        InvalidInputError: the number can't be read, or `until` has passed.
        NotFoundError: there is no such campaign.
    """
    entry = Entry(phone=read_phone(raw_phone), reason=reason, campaign_id=campaign_id, until=until)
    async with context.engine.begin() as conn:
        lapsed = lapse_fault(until, await clock.now(conn))
        if lapsed is not None:
            raise InvalidInputError(lapsed.message, faults=(lapsed,))
        if campaign_id is not None and not await campaigns.get(
            conn, organization_id=organization_id, campaign_id=campaign_id
        ):
            raise NotFoundError("there is no such campaign")
        made = await suppressions.add(
            conn,
            organization_id=organization_id,
            phone=entry.phone,
            reason=reason,
            campaign_id=campaign_id,
            until=until,
        )
        await _tell_and_end(conn, organization_id, [entry])
        row = await overview.suppression(
            conn, organization_id=organization_id, suppression_id=made
        )
    if row is None:
        raise NotFoundError("the entry was removed meanwhile")
    return row


async def bar(
    conn: AsyncConnection, *, organization_id: UUID, scopes: Sequence[Scope], reason: str
) -> None:
    """Put numbers on the list for good, where they aren't; the guard of each must be held."""
    entries = [Entry(phone=phone, reason=reason, campaign_id=where) for phone, where in scopes]
    await list_all(conn, organization_id=organization_id, entries=entries)


async def list_all(
    conn: AsyncConnection, *, organization_id: UUID, entries: Sequence[Entry]
) -> list[Listed]:
    """Put on the list what no entry covers yet; the guard of each number must be held."""
    standing: dict[Scope, list[tuple[UUID, datetime | None]]] = defaultdict(list)
    for row in await suppressions.in_force(
        conn, organization_id=organization_id, phones=sorted({e.phone for e in entries})
    ):
        standing[row["phone"], row["campaign_id"]].append((row["id"], row["until"]))
    listed = [_place(entry, standing[entry.scope]) for entry in entries]
    fresh = {one.id: entry for one, entry in zip(listed, entries, strict=True) if not one.known}
    await suppressions.add_all(
        conn,
        organization_id=organization_id,
        entries=[{"id": id_, **asdict(entry)} for id_, entry in fresh.items()],
    )
    await _tell_and_end(conn, organization_id, [*fresh.values()])
    return listed


async def unsuppress(context: Context, *, organization_id: UUID, suppression_id: UUID) -> None:
    """Take an entry off the list. Leads that ended as suppressed stay so; new ones are called.

    Raises:
        NotFoundError: there is no such entry.
    """
    async with context.engine.begin() as conn:
        was = await suppressions.remove(
            conn, organization_id=organization_id, suppression_id=suppression_id
        )
        if was is None:
            raise NotFoundError("there is no such entry on the do-not-call list")
        happened = events.event(
            "number.unsuppressed",
            organization_id=organization_id,
            campaign_id=was["campaign_id"],
            body={"phone": phones.mask(was["phone"]), "why": was["reason"]},
        )
        await events.append(conn, [happened])


def read_phone(raw: str, *, pointer: str = "/phone") -> str:
    """Read a number as it was typed.

    Raises:
        InvalidInputError: it can't be read; the fault points at `pointer`.
    """
    match phones.normalise(raw, allow_territories=True):
        case phones.Accepted(e164=e164):
            return e164
        case phones.Rejected(code=code, suggestion=suggestion):
            fault = Fault(pointer, f"phone.{code}", phones.REJECTED_CODES[code], suggestion)
            raise InvalidInputError(fault.message, faults=(fault,))


def lapse_fault(until: datetime | None, now: datetime) -> Fault | None:
    """What is wrong with the end of an entry; None when nothing is."""
    if until is None or until > now:
        return None
    return Fault("/until", "already_past", "the entry would have lapsed on arrival")


def _place(entry: Entry, kept: list[tuple[UUID, datetime | None]]) -> Listed:
    for id_, until in kept:
        if _covers(until, entry.until):
            return Listed(id=id_, known=True)
    made = new_id()
    kept.append((made, entry.until))
    return Listed(id=made, known=False)


def _covers(standing: datetime | None, asked: datetime | None) -> bool:
    # A permanent wish must not get lost behind an entry that lapses.
    return standing is None or (asked is not None and standing >= asked)


async def _tell_and_end(
    conn: AsyncConnection, organization_id: UUID, entries: Sequence[Entry]
) -> None:
    ended = await suppressions.end_waiting(
        conn, organization_id=organization_id, scopes=[entry.scope for entry in entries]
    )
    told = [_listed(organization_id, entry) for entry in entries]
    await events.append(conn, told + [_ended(organization_id, lead) for lead in ended])


def _listed(organization_id: UUID, entry: Entry) -> events.Values:
    return events.event(
        "number.suppressed",
        organization_id=organization_id,
        campaign_id=entry.campaign_id,
        body={"phone": phones.mask(entry.phone), "why": entry.reason},
    )


def _ended(organization_id: UUID, lead: RowMapping) -> events.Values:
    return events.event(
        "lead.suppressed",
        organization_id=organization_id,
        campaign_id=lead["campaign_id"],
        lead_id=lead["id"],
        body={"why": "suppressed"},
    )
