"""The do-not-call list: a number goes on it, and what waits for it ends at once; or comes off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.rules.errors import Fault, InvalidInputError, NotFoundError
from dialer.rules.phones import phone as phones
from dialer.store import campaigns, clock, events, overview, suppressions


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
    phone = read_phone(raw_phone)
    async with context.engine.begin() as conn:
        if until is not None and until <= await clock.now(conn):
            fault = Fault("/until", "already_past", "the entry would have lapsed on arrival")
            raise InvalidInputError(fault.message, faults=(fault,))
        if campaign_id is not None and not await campaigns.get(
            conn, organization_id=organization_id, campaign_id=campaign_id
        ):
            raise NotFoundError("there is no such campaign")
        made = await suppressions.add(
            conn,
            organization_id=organization_id,
            phone=phone,
            reason=reason,
            campaign_id=campaign_id,
            until=until,
        )
        ended = await overview.suppress_waiting(
            conn, organization_id=organization_id, phone=phone, campaign_id=campaign_id
        )
        told = [_listed(organization_id, campaign_id, phone, reason)]
        await events.append(conn, told + [_ended(organization_id, lead) for lead in ended])
        row = await overview.suppression(
            conn, organization_id=organization_id, suppression_id=made
        )
    if row is None:
        raise NotFoundError("the entry was removed meanwhile")
    return row


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


def _listed(
    organization_id: UUID, campaign_id: UUID | None, phone: str, reason: str
) -> events.Values:
    return events.event(
        "number.suppressed",
        organization_id=organization_id,
        campaign_id=campaign_id,
        body={"phone": phones.mask(phone), "why": reason},
    )


def _ended(organization_id: UUID, lead: RowMapping) -> events.Values:
    return events.event(
        "lead.suppressed",
        organization_id=organization_id,
        campaign_id=lead["campaign_id"],
        lead_id=lead["id"],
        body={"why": "suppressed"},
    )
