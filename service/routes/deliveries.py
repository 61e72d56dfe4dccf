"""Stored deliveries: list them, look at one, map one again after its map was mended."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from dialer.pipeline.intake import hooks
from dialer.rules.errors import NotFoundError
from dialer.rules.intake.payload import clean_text
from dialer.store.intake import sources
from service.auth import Administers
from service.http.paging import Cursor, Limit, after, page
from service.http.problems import documented
from service.routes.hooks import answer
from service.shapes.access import DeliveryDetail, DeliveryPage, DeliveryReceipt, DeliveryView
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["hooks"])

SHOWN_BYTES = 65_536


@router.get("/deliveries", responses=documented(401, 403, 422, 503))
async def list_deliveries(
    context: InContext,
    who: Administers,
    state: Annotated[
        Literal["accepted", "partial", "needs_attention"] | None,
        Query(description="Only those that stand so."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DeliveryPage:
    """List deliveries, oldest first, without their bodies."""
    async with context.engine.connect() as conn:
        found = await sources.deliveries(
            conn,
            organization_id=who.organization_id,
            state=state,
            after=after(cursor),
            limit=limit + 1,
        )
    items, onward = page(found, limit, DeliveryView.of)
    return DeliveryPage(items=items, next_cursor=onward)


@router.get("/deliveries/{delivery_id}", responses=documented(401, 403, 404, 503))
async def get_delivery(delivery_id: UUID, context: InContext, who: Administers) -> DeliveryDetail:
    """Look at one delivery: its body as it came, and what became of each row."""
    async with context.engine.connect() as conn:
        row = await sources.delivery(
            conn, organization_id=who.organization_id, delivery_id=delivery_id
        )
    if row is None:
        raise NotFoundError("there is no such delivery")
    body: bytes = row["body"]
    shown = {
        "body": clean_text(body[:SHOWN_BYTES].decode("utf-8", "replace")),
        "size": len(body),
        "truncated": len(body) > SHOWN_BYTES,
        "leads": row["answer"].get("rows", []),
    }
    return DeliveryDetail.of({**row, **shown})


@router.post(
    "/deliveries/{delivery_id}/replay",
    status_code=202,
    response_model=DeliveryReceipt,
    responses={
        207: {"model": DeliveryReceipt, "description": "Rows of a list were rejected."},
        **documented(401, 403, 404, 503),
    },
)
async def replay_delivery(delivery_id: UUID, context: InContext, who: Administers) -> JSONResponse:
    """Map a delivery again, with the source's present map. Rows that made a lead keep it."""
    made = await hooks.replay(
        context, organization_id=who.organization_id, delivery_id=delivery_id
    )
    return answer(made)
