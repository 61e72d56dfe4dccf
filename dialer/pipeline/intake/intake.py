"""Intake: accept, normalise, insert once; a receipt for every row, 202 only after commit."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.clock import new_id
from dialer.context import Context
from dialer.rules.campaign import ACCEPTING, CampaignState
from dialer.rules.errors import (
    ConflictError,
    Fault,
    IdempotencyMismatchError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from dialer.rules.intake.lead_input import ReadLead, read_lead
from dialer.rules.lead import Urgency
from dialer.store import clock, engine, events
from dialer.store.intake import leads, sources
from dialer.store.planning import campaigns

MAX_BULK = 1_000
TRIES = 5
_OTHER_NUMBER = (
    "this external_id came first with another number, which is the one that is called; "
    "to call this number as well, send it with an external_id of its own"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where leads come in: an organization's source, into a campaign.

    `fresh` is for leads that come one by one, as people ask for something: they are called
    before any list.
    """

    organization_id: UUID
    campaign_id: UUID
    source_id: UUID
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """An Idempotency-Key: the same key in a scope is answered once."""

    scope: str
    key: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one row.

    `accepted`: a lead exists for it (a repeated external id is answered as the first time).
    `duplicate`: an unfinished lead of the campaign has this number; `lead_id` names it.
    `rejected`: nothing was kept; `faults` say why.

    `repeated` says that an earlier row with this external id made the lead, and `note` what of
    this row was left aside. `replayed` says that the answer, too, was given before.
    """

    index: int
    status: Literal["accepted", "duplicate", "rejected"]
    external_id: str | None = None
    lead_id: str | None = None
    phone: str | None = None
    phone_code: str | None = None
    faults: tuple[Fault, ...] = ()
    repeated: bool = False
    note: str | None = None
    replayed: bool = False

    def as_dict(self) -> dict[str, object]:
        """The receipt as JSON members; absent ones are left out."""
        shown: dict[str, object] = {"index": self.index, "status": self.status}
        if self.repeated:
            shown["repeated"] = True
        for name in ("external_id", "lead_id", "phone", "phone_code", "note"):
            if getattr(self, name) is not None:
                shown[name] = getattr(self, name)
        if self.faults:
            shown["errors"] = [fault.as_dict() for fault in self.faults]
        return shown


async def accept(
    context: Context,
    *,
    door: Door,
    given: Sequence[Mapping[str, object]],
    once: Once | None = None,
) -> tuple[Receipt, ...]:
    """Take leads in, in one transaction, and wake the campaign's lane after its commit.

    Raises:
        NotFoundError: the campaign is not this organization's.
        ConflictError: the campaign is finished and takes no leads.
        IdempotencyMismatchError: the key came before with another body.
        InvalidInputError: more than 1,000 rows, or none.
        UnavailableError: other posts of the same leads were in the way, again and again.
    """
    if not 0 < len(given) <= MAX_BULK:
        fault = Fault("/leads", "row_count", f"send 1 to {MAX_BULK} leads; this has {len(given)}")
        raise InvalidInputError(fault.message, faults=(fault,))
    for _ in range(TRIES):
        try:
            return await _accept(context, door, given, once)
        except DBAPIError as error:
            # Posts that share external ids and numbers crosswise wait for each other's rows.
            if not engine.is_deadlock(error):
                raise
    raise UnavailableError("other posts of the same leads are in the way; try again")


async def _accept(
    context: Context, door: Door, given: Sequence[Mapping[str, object]], once: Once | None
) -> tuple[Receipt, ...]:
    async with context.engine.begin() as conn:
        campaign = await _open_campaign(conn, door)
        earlier = await _begin(conn, door, once)
        if earlier is not None:
            return earlier
        receipts = await _insert(conn, door, campaign, given, context.settings.allow_territories)
        await _end(conn, door, once, receipts)
    if campaign["state"] == CampaignState.RUNNING:
        await context.wakeups.lanes([campaign["agent_id"]])
    return receipts


async def _open_campaign(conn: AsyncConnection, door: Door) -> RowMapping:
    # FOR SHARE: a cancellation waits, so no lead slips into a campaign that has ended.
    campaign = await campaigns.hold(
        conn, organization_id=door.organization_id, campaign_id=door.campaign_id
    )
    if campaign is None:
        raise NotFoundError("there is no such campaign")
    if campaign["state"] not in ACCEPTING:
        raise ConflictError(f"the campaign is {campaign['state']} and takes no more leads")
    return campaign


async def _insert(
    conn: AsyncConnection,
    door: Door,
    campaign: RowMapping,
    given: Sequence[Mapping[str, object]],
    allow_territories: bool,  # noqa: FBT001 -- private, and named at the setting
) -> tuple[Receipt, ...]:
    now = await clock.now(conn)
    read = [read_lead(row, now=now, allow_territories=allow_territories) for row in given]
    good = {i: r for i, r in enumerate(read) if isinstance(r, ReadLead)}
    values = {i: _values(door, campaign, lead) for i, lead in good.items()}
    new = await leads.insert_new(conn, list(values.values()))
    made = {i: v["id"] for i, v in values.items() if v["id"] in new}
    await events.append(conn, [_accepted(door, good[i], lead_id) for i, lead_id in made.items()])
    known = await _known(conn, door, [good[i] for i in good if i not in made])
    return tuple(_receipt(i, r, made.get(i), known) for i, r in enumerate(read))


def _accepted(door: Door, lead: ReadLead, lead_id: object) -> events.Values:
    return events.event(
        "lead.accepted",
        organization_id=door.organization_id,
        campaign_id=door.campaign_id,
        lead_id=UUID(str(lead_id)),
        body={"phone_code": lead.phone_code, "source_id": door.source_id},
    )


def _values(door: Door, campaign: RowMapping, lead: ReadLead) -> dict[str, object]:
    kept = lead.fields.model_dump(mode="python", exclude={"phone", "state", "consent"})
    consent = lead.fields.consent
    return kept | {
        "id": new_id(),
        "organization_id": door.organization_id,
        "campaign_id": door.campaign_id,
        "source_id": door.source_id,
        "phone": lead.e164,
        "raw_phone": lead.fields.phone.replace("\x00", ""),
        "phone_code": lead.phone_code,
        "number_key": lead.e164 if campaign["same_number"] == "once" else None,
        "us_state": lead.fields.state,
        "urgency": Urgency.FRESH if door.fresh else Urgency.LISTED,
        "consent": consent.model_dump(mode="json") if consent else {},
    }


@dataclass(frozen=True, slots=True)
class _Known:
    by_external_id: Mapping[str, RowMapping]
    by_number: Mapping[str, RowMapping]


async def _known(conn: AsyncConnection, door: Door, again: Sequence[ReadLead]) -> _Known:
    if not again:
        return _Known({}, {})
    external_ids = [r.fields.external_id for r in again if r.fields.external_id]
    return _Known(
        await leads.by_external_ids(
            conn,
            campaign_id=door.campaign_id,
            source_id=door.source_id,
            external_ids=external_ids,
        ),
        await leads.open_by_number(
            conn, campaign_id=door.campaign_id, phones=[r.e164 for r in again]
        ),
    )


def _receipt(
    index: int, read: ReadLead | tuple[Fault, ...], made: object | None, known: _Known
) -> Receipt:
    if not isinstance(read, ReadLead):
        return Receipt(index=index, status="rejected", faults=read)
    external_id = read.fields.external_id
    if made is not None:
        return _of(index, "accepted", external_id, str(made), read.e164, read.phone_code)
    if external_id and (was := known.by_external_id.get(external_id)):
        again = _of(index, "accepted", external_id, was["id"], was["phone"], was["phone_code"])
        other = was["phone"] != read.e164
        return replace(again, repeated=True, replayed=True, note=_OTHER_NUMBER if other else None)
    same = known.by_number.get(read.e164)
    lead_id = same["id"] if same else None
    return _of(index, "duplicate", external_id, lead_id, read.e164, read.phone_code)


def _of(
    index: int,
    status: Literal["accepted", "duplicate"],
    external_id: str | None,
    lead_id: object,
    *phone: str,
) -> Receipt:
    return Receipt(
        index=index,
        status=status,
        external_id=external_id,
        lead_id=None if lead_id is None else str(lead_id),
        phone=phone[0],
        phone_code=phone[1],
    )


async def _begin(
    conn: AsyncConnection, door: Door, once: Once | None
) -> tuple[Receipt, ...] | None:
    if once is None:
        return None
    digest = hashlib.sha256(once.body).digest()
    was = await sources.begin_once(
        conn, organization_id=door.organization_id, scope=once.scope, key=once.key, digest=digest
    )
    if was is None:
        return None
    if was["request_digest"] != digest:
        raise IdempotencyMismatchError(
            "this Idempotency-Key was used for a different request; take a new key for a new one"
        )
    return tuple(_from_json(row) for row in was["answer"]["rows"])


async def _end(
    conn: AsyncConnection, door: Door, once: Once | None, receipts: Sequence[Receipt]
) -> None:
    if once is None:
        return
    await sources.end_once(
        conn,
        organization_id=door.organization_id,
        scope=once.scope,
        key=once.key,
        status=202,
        answer={"rows": [json.loads(json.dumps(r.as_dict())) for r in receipts]},
    )


def _from_json(row: Mapping[str, object]) -> Receipt:
    faults = row.get("errors")
    given = {k: v for k, v in row.items() if k != "errors"}
    listed = faults if isinstance(faults, list) else []
    faults_kept = tuple(Fault(**f) for f in listed)
    return Receipt(**given, faults=faults_kept, replayed=True)  # type: ignore[arg-type]  # as_dict wrote it
