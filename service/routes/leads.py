"""Leads: post one or many, list, look at one with its timeline, cancel, release."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from dialer.context import Context
from dialer.pipeline.access.keys import Principal
from dialer.pipeline.compliance.suppress import read_phone
from dialer.pipeline.intake import intake
from dialer.pipeline.intake.intake import Door, Once, Receipt
from dialer.pipeline.settling import leads as stage
from dialer.pipeline.settling.decide import Decider
from dialer.rules.errors import Fault, NotFoundError
from dialer.rules.lead import LeadState
from dialer.store import events
from dialer.store.dialing import calls
from dialer.store.intake import leads, sources
from service import intake_answers as answers
from service.auth import ReadsLeads, WritesLeads
from service.http.json_route import JsonRoute
from service.http.paging import MAX_LIMIT, Cursor, Limit, after, page
from service.http.parameters import Filter, IdempotencyKey, PhoneFilter
from service.http.problems import documented
from service.shapes.leads import (
    BulkPost,
    BulkReceipt,
    LeadCancelled,
    LeadDetail,
    LeadPage,
    LeadPost,
    LeadReceipt,
    LeadRelease,
    LeadView,
)
from service.shell import InContext, InShell

router = APIRouter(prefix="/v1", tags=["leads"], route_class=JsonRoute)

BuiltIn = Literal["api", "file"]


@router.post(
    "/leads",
    status_code=202,
    response_model=LeadReceipt,
    response_description="Accepted: the lead stands in the database.",
    responses={
        200: {"model": LeadReceipt, "description": "An unfinished lead has this number already."},
        **documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def post_lead(
    request: Request,
    body: LeadPost,
    shell: InShell,
    who: WritesLeads,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take in one lead. The same external_id, or the same Idempotency-Key, is accepted once."""
    given = body.model_dump(mode="json", exclude={"campaign_id"}, exclude_unset=True)
    once = await _once(request, "POST /v1/leads", idempotency_key)
    door = await _door(shell.context, who, body.campaign_id, "api")
    door = replace(door, fresh=True)
    receipts = await intake.accept(shell.context, door=door, given=[given], once=once)
    answers.count(shell, who.organization_id, receipts)
    return answers.one(receipts[0])


@router.post(
    "/leads/bulk",
    response_model=BulkReceipt,
    response_description="Every row was accepted, or is a duplicate.",
    responses={
        207: {"model": BulkReceipt, "description": "Some rows, or all, were rejected."},
        **documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
    },
)
async def post_leads(
    request: Request,
    body: BulkPost,
    shell: InShell,
    who: WritesLeads,
    *,
    source: Annotated[BuiltIn, Query(description="`file` for the rows of a file.")] = "api",
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take in up to 1,000 leads; every row is answered, and a bad one costs no other."""
    once = await _once(request, "POST /v1/leads/bulk", idempotency_key)
    door = await _door(shell.context, who, body.campaign_id, source)
    receipts = await _accept_rows(shell.context, door, body.leads, once)
    answers.count(shell, who.organization_id, receipts)
    return answers.many(receipts)


@router.get("/leads", responses=documented(401, 403, 422, 503))
async def list_leads(
    context: InContext,
    who: ReadsLeads,
    *,
    campaign_id: UUID | None = None,
    state: LeadState | None = None,
    phone: PhoneFilter = None,
    external_id: Filter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> LeadPage:
    """List leads, oldest first, narrowed by whatever is given."""
    async with context.engine.connect() as conn:
        found = await leads.listing(
            conn,
            organization_id=who.organization_id,
            campaign_id=campaign_id,
            state=state,
            phone=phone and read_phone(phone, pointer="?phone"),
            external_id=external_id,
            after=after(cursor),
            limit=limit + 1,
        )
    items, onward = page(found, limit, LeadView.of)
    return LeadPage(items=items, next_cursor=onward)


@router.get("/leads/{lead_id}", responses=documented(401, 403, 404, 503))
async def get_lead(lead_id: UUID, context: InContext, who: ReadsLeads) -> LeadDetail:
    """Look at one lead, all that happened to it, and its calls."""
    org = who.organization_id
    async with context.engine.connect() as conn:
        row = await leads.get(conn, organization_id=org, lead_id=lead_id)
        if row is None:
            raise NotFoundError("there is no such lead")
        timeline = await events.timeline(conn, organization_id=org, lead_id=lead_id)
        made = await calls.listing(
            conn,
            organization_id=org,
            campaign_id=None,
            lead_id=lead_id,
            state=None,
            outcome=None,
            after=None,
            limit=MAX_LIMIT,
        )
    return LeadDetail.of(
        {**row, "timeline": [dict(e) for e in timeline], "calls": [dict(c) for c in made]}
    )


@router.post("/leads/{lead_id}/cancel", responses=documented(401, 403, 404, 409, 503))
async def cancel_lead(lead_id: UUID, context: InContext, who: WritesLeads) -> LeadCancelled:
    """Cancel a lead. A call already in flight runs on; no other is made."""
    done = await stage.cancel(context, organization_id=who.organization_id, lead_id=lead_id)
    return LeadCancelled(lead=LeadView.of(done.lead), in_flight=done.in_flight)


@router.post(
    "/leads/{lead_id}/release",
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def release_lead(
    lead_id: UUID, body: LeadRelease, shell: InShell, who: WritesLeads
) -> LeadView:
    """Let a lead wait again that is held because the upstream doesn't know its id."""
    row = await stage.release(
        shell.context,
        organization_id=who.organization_id,
        lead_id=lead_id,
        partner_lead_id=body.partner_lead_id,
        by=Decider(name=who.name, through="api", note=body.note),
    )
    shell.board.forget(who.organization_id)
    return LeadView.of(row)


async def _once(request: Request, scope: str, key: str | None) -> Once | None:
    # The query is part of what was asked: the same body for another source is another request.
    asked = request.url.query.encode() + b"\n" + await request.body()
    return Once(scope=scope, key=key, body=asked) if key else None


async def _door(context: Context, who: Principal, campaign_id: UUID, source: str) -> Door:
    async with context.engine.connect() as conn:
        row = await sources.by_name(conn, organization_id=who.organization_id, name=source)
    if row is None:
        raise NotFoundError(f"the built-in source {source!r} is missing")
    return Door(organization_id=who.organization_id, campaign_id=campaign_id, source_id=row["id"])


async def _accept_rows(
    context: Context, door: Door, listed: list[object], once: Once | None
) -> list[Receipt]:
    given = answers.rows_by_place(listed)
    taken = (
        await intake.accept(context, door=door, given=list(given.values()), once=once)
        if given
        else ()
    )
    by_place = {i: replace(r, index=i) for i, r in zip(given, taken, strict=True)}
    fault = Fault("", "not_an_object", "a lead must be an object with fields")
    return [
        by_place.get(i) or Receipt(index=i, status="rejected", faults=(fault,))
        for i in range(len(listed))
    ]
