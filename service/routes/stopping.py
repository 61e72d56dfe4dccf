"""A word from the CRM that ends leads, and numbers for the do-not-call list by the hundred."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from dialer.context import Context
from dialer.pipeline.compliance import suppress_bulk
from dialer.pipeline.compliance.suppress import read_phone
from dialer.pipeline.compliance.suppress_bulk import Receipt
from dialer.pipeline.intake import stopping
from dialer.pipeline.intake.stopping import Named
from dialer.rules.errors import NotFoundError
from dialer.store.intake import sources
from service.auth import Administers, WritesLeads
from service.http.json_route import JsonRoute
from service.http.problems import documented
from service.intake_answers import MULTI_STATUS, OK
from service.shapes.stopping import (
    LeadsStopped,
    LeadStop,
    SuppressionBulkPost,
    SuppressionBulkReceipt,
    SuppressionReceipt,
)
from service.shell import InContext, InShell

router = APIRouter(prefix="/v1", route_class=JsonRoute)


@router.post(
    "/leads/stop",
    tags=["leads"],
    responses=documented(400, 401, 403, 404, 413, 415, 422, 503),
)
async def stop_leads(body: LeadStop, shell: InShell, who: WritesLeads) -> LeadsStopped:
    """End all unfinished leads of a person that the CRM is done with: won, lost, do not call."""
    context, org = shell.context, who.organization_id
    done = await stopping.stop(
        context,
        organization_id=org,
        named=Named(
            lead_id=body.lead_id,
            external_id=body.external_id,
            phone=body.phone and read_phone(body.phone),
            source_id=await _source(context, org, body.source),
            campaign_id=body.campaign_id,
        ),
        word=body.word,
        by=who.name,
    )
    shell.board.forget(org)
    return LeadsStopped.model_validate(done)


@router.post(
    "/suppressions/bulk",
    tags=["access"],
    response_model=SuppressionBulkReceipt,
    response_description="Every row is on the list.",
    responses={
        207: {"model": SuppressionBulkReceipt, "description": "Some rows, or all, were rejected."},
        **documented(400, 401, 403, 413, 415, 422, 503),
    },
)
async def create_suppressions(
    body: SuppressionBulkPost, context: InContext, who: Administers
) -> JSONResponse:
    """Put up to 1,000 numbers on the do-not-call list; sending them again adds nothing."""
    made = await suppress_bulk.suppress_all(
        context, organization_id=who.organization_id, given=body.rows
    )
    told = SuppressionBulkReceipt(
        listed=sum(row.status == "listed" for row in made),
        known=sum(row.status == "known" for row in made),
        rejected=sum(row.status == "rejected" for row in made),
        rows=[_shown(row) for row in made],
    )
    return JSONResponse(told.model_dump(mode="json"), MULTI_STATUS if told.rejected else OK)


def _shown(row: Receipt) -> SuppressionReceipt:
    errors = [fault.as_dict() for fault in row.faults]
    return SuppressionReceipt.of(
        {"index": row.index, "status": row.status, "id": row.id, "phone": row.phone}
        | {"errors": errors}
    )


async def _source(context: Context, organization_id: UUID, name: str | None) -> UUID | None:
    if name is None:
        return None
    async with context.engine.connect() as conn:
        try:
            found = await sources.get(conn, organization_id=organization_id, source_id=UUID(name))
        except ValueError:
            found = await sources.by_name(conn, organization_id=organization_id, name=name)
    if found is None:
        raise NotFoundError("there is no such source")
    source_id: UUID = found["id"]
    return source_id
