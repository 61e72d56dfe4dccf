"""Sources: doors for webhooks, each with a write-only key of its own."""

from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.access import keys
from dialer.rules.errors import ConflictError, InvalidInputError, NotFoundError
from dialer.rules.intake.field_map import map_faults
from dialer.store.intake import sources
from dialer.store.planning import campaigns
from service.auth import Administers, ReadsCampaigns
from service.http.json_route import JsonRoute
from service.http.problems import documented
from service.shapes.access import (
    FieldMapInput,
    SourceList,
    SourceMade,
    SourcePatch,
    SourcePost,
    SourceView,
)
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["sources"], route_class=JsonRoute)


@router.post(
    "/sources",
    status_code=201,
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def create_source(body: SourcePost, context: InContext, who: Administers) -> SourceMade:
    """Make a door for webhooks. Its key is shown this once."""
    _check_map(body.field_map)
    async with context.engine.begin() as conn:
        await _need_campaign(conn, who.organization_id, body.campaign_id)
        made = await sources.create(
            conn,
            organization_id=who.organization_id,
            campaign_id=body.campaign_id,
            name=body.name,
            field_map=body.field_map,
        )
        if made is None:
            raise ConflictError(f"there is a source named {body.name!r} already")
        key = await keys.mint(
            conn,
            organization_id=who.organization_id,
            name=f"source {body.name}",
            scopes=["leads:write"],
            source_id=made,
        )
        shown = await _view(conn, who.organization_id, made)
    return SourceMade(source=shown, key=key.secret, hook=f"/v1/hooks/{body.name}")


@router.get("/sources", responses=documented(401, 403, 503))
async def list_sources(context: InContext, who: ReadsCampaigns) -> SourceList:
    """List sources, each with how many of its deliveries need attention."""
    async with context.engine.connect() as conn:
        found = await sources.listing(conn, organization_id=who.organization_id)
    return SourceList(items=[SourceView.of(row) for row in found])


@router.get("/sources/{source_id}", responses=documented(401, 403, 404, 503))
async def get_source(source_id: UUID, context: InContext, who: ReadsCampaigns) -> SourceView:
    """Look at one source."""
    async with context.engine.connect() as conn:
        return await _view(conn, who.organization_id, source_id)


@router.patch(
    "/sources/{source_id}", responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503)
)
async def change_source(
    source_id: UUID, body: SourcePatch, context: InContext, who: Administers
) -> SourceView:
    """Pause or resume a source, or give it another map or campaign. Then replay what waits."""
    _check_map(body.field_map or {})
    async with context.engine.begin() as conn:
        was = await _view(conn, who.organization_id, source_id)
        if was.kind != "hook":
            raise ConflictError(f"the source {was.name!r} is built in and can't be changed")
        if body.campaign_id is not None:
            await _need_campaign(conn, who.organization_id, body.campaign_id)
        await sources.change(
            conn,
            organization_id=who.organization_id,
            source_id=source_id,
            state=body.state,
            field_map=body.field_map,
            campaign_id=body.campaign_id,
        )
        return await _view(conn, who.organization_id, source_id)


def _check_map(field_map: FieldMapInput) -> None:
    if faults := map_faults(field_map):
        raise InvalidInputError(faults[0].message, faults=faults)


async def _need_campaign(conn: AsyncConnection, organization_id: UUID, campaign_id: UUID) -> None:
    if not await campaigns.get(conn, organization_id=organization_id, campaign_id=campaign_id):
        raise NotFoundError("there is no such campaign")


async def _view(conn: AsyncConnection, organization_id: UUID, source_id: UUID) -> SourceView:
    row = await sources.get(conn, organization_id=organization_id, source_id=source_id)
    if row is None:
        raise NotFoundError("there is no such source")
    return SourceView.of(row)
