"""Webhooks: a CRM posts what it has; it is stored first, then mapped."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.access.keys import Principal
from dialer.pipeline.intake import hooks
from dialer.pipeline.intake.hooks import Delivered
from dialer.rules.errors import NotFoundError
from dialer.rules.intake.payload import clean_text
from dialer.store.intake import sources
from service.auth import MAX_KEY, Presented, identify
from service.http.parameters import IdempotencyKey
from service.http.problems import documented
from service.intake_answers import ACCEPTED, MULTI_STATUS, REPLAYED
from service.shapes.access import DeliveryReceipt
from service.shell import InShell, Shell

router = APIRouter(prefix="/v1", tags=["hooks"])

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"type": "object"},
                        {"type": "array", "items": {"type": "object"}, "maxItems": 1000},
                    ]
                },
                "examples": {
                    "one": {"value": {"phone": "412-555-0151", "full_name": "Owen Castillo"}},
                    "several": {"value": [{"phone": "4125550151", "id": 1}]},
                },
            },
            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
            "multipart/form-data": {"schema": {"type": "object"}},
        },
    }
}


@router.post(
    "/hooks/{source}",
    status_code=202,
    response_model=DeliveryReceipt,
    response_description="Stored; `status` says whether it made leads or needs attention.",
    responses={
        207: {"model": DeliveryReceipt, "description": "Rows of a list were rejected."},
        **documented(400, 401, 403, 404, 408, 413, 415, 422, 503),
    },
    openapi_extra=_BODY,
)
async def post_hook(
    request: Request,
    source: str,
    shell: InShell,
    header: Presented,
    *,
    key: Annotated[
        str | None, Query(max_length=MAX_KEY, description="The key, where no header can be set.")
    ] = None,
    idempotency_key: IdempotencyKey = None,
) -> JSONResponse:
    """Take a CRM's delivery, JSON or a form. A map that doesn't fit never costs a delivery."""
    who = await identify(shell.context, header or key)
    request.state.organization_id = who.organization_id
    made = await hooks.deliver(
        shell.context,
        source=await _source(shell.context, who, source),
        content_type=request.headers.get("content-type", ""),
        body=await request.body(),
        idempotency_key=idempotency_key,
    )
    _count(shell, who.organization_id, made)
    return answer(made)


def answer(made: Delivered) -> JSONResponse:
    """Say what became of a delivery: 207 where rows of a list were rejected, else 202."""
    rejected = any(row["status"] == "rejected" for row in made.rows)
    body: dict[str, object] = {
        "delivery_id": str(made.delivery_id),
        "status": made.state,
        "leads": [dict(row) for row in made.rows],
    }
    if made.problem is not None:
        body["problem"] = dict(made.problem)
    if not made.many and made.rows and "lead_id" in made.rows[0]:
        body["lead_id"] = made.rows[0]["lead_id"]
    status = MULTI_STATUS if made.many and rejected else ACCEPTED
    return JSONResponse(body, status, REPLAYED if made.replayed else None)


async def _source(context: Context, who: Principal, name: str) -> RowMapping:
    who.need("leads:write")
    row = await _by_id_or_name(context, who.organization_id, name)
    if row is None or row["kind"] != "hook" or who.source_id not in {None, row["id"]}:
        raise NotFoundError("there is no such source for this key")
    return row


async def _by_id_or_name(context: Context, organization_id: UUID, name: str) -> RowMapping | None:
    async with context.engine.connect() as conn:
        try:
            source_id = UUID(name)
        except ValueError:
            return await sources.by_name(
                conn, organization_id=organization_id, name=clean_text(name)
            )
        return await sources.get(conn, organization_id=organization_id, source_id=source_id)


def _count(shell: Shell, organization_id: UUID, made: Delivered) -> None:
    if made.replayed:
        return
    shell.metrics.delivery(state=made.state)
    for row in made.rows:
        errors = row.get("errors")
        code = str(errors[0]["code"] if isinstance(errors, list) else row.get("phone_code"))
        shell.metrics.lead(result=str(row["status"]), code=code)
        if row["status"] == "rejected":
            shell.refusals.add(organization_id, [code])
