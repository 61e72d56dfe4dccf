"""API keys, the do-not-call list, and the Partner API's address and credentials."""

from uuid import UUID

from fastapi import APIRouter

from dialer.context import Context
from dialer.pipeline.access import keys, setup
from dialer.pipeline.compliance import suppress
from dialer.rules.errors import Fault, InvalidInputError, NotFoundError
from dialer.store import organizations
from dialer.store.intake import sources
from dialer.store.reports import overview
from service.auth import Administers
from service.http.json_route import JsonRoute
from service.http.paging import Cursor, Limit, after, page
from service.http.parameters import PhoneFilter
from service.http.problems import documented
from service.shapes.access import (
    KeyList,
    KeyMade,
    KeyPost,
    KeyView,
    PartnerPut,
    PartnerView,
    SuppressionPage,
    SuppressionPost,
    SuppressionView,
)
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["access"], route_class=JsonRoute)


@router.post(
    "/keys", status_code=201, responses=documented(400, 401, 403, 404, 413, 415, 422, 503)
)
async def create_key(body: KeyPost, context: InContext, who: Administers) -> KeyMade:
    """Make an API key. Its secret is shown this once."""
    if body.source_id is not None and body.scopes != ["leads:write"]:
        fault = Fault("/scopes", "source_key", "a source's key has the scope leads:write alone")
        raise InvalidInputError(fault.message, faults=(fault,))
    async with context.engine.begin() as conn:
        if body.source_id is not None and not await sources.get(
            conn, organization_id=who.organization_id, source_id=body.source_id
        ):
            raise NotFoundError("there is no such source")
        made = await keys.mint(
            conn,
            organization_id=who.organization_id,
            name=body.name,
            scopes=body.scopes,
            source_id=body.source_id,
        )
    return KeyMade(id=made.key_id, secret=made.secret)


@router.get("/keys", responses=documented(401, 403, 503))
async def list_keys(context: InContext, who: Administers) -> KeyList:
    """List API keys, without their secrets."""
    async with context.engine.connect() as conn:
        found = await organizations.keys(conn, organization_id=who.organization_id)
    return KeyList(items=[KeyView.of(row) for row in found])


@router.delete("/keys/{key_id}", status_code=204, responses=documented(401, 403, 404, 503))
async def revoke_key(key_id: UUID, context: InContext, who: Administers) -> None:
    """Take a key out of force, at once and for good."""
    async with context.engine.begin() as conn:
        gone = await organizations.revoke_key(
            conn, organization_id=who.organization_id, key_id=key_id
        )
    if not gone:
        raise NotFoundError("there is no such key in force")


@router.post(
    "/suppressions", status_code=201, responses=documented(400, 401, 403, 404, 413, 415, 422, 503)
)
async def create_suppression(
    body: SuppressionPost, context: InContext, who: Administers
) -> SuppressionView:
    """Put a number on the do-not-call list; its waiting leads end as suppressed."""
    row = await suppress.suppress(
        context,
        organization_id=who.organization_id,
        raw_phone=body.phone,
        reason=body.reason,
        campaign_id=body.campaign_id,
        until=body.until,
    )
    return SuppressionView.of(row)


@router.get("/suppressions", responses=documented(401, 403, 422, 503))
async def list_suppressions(
    context: InContext,
    who: Administers,
    phone: PhoneFilter = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> SuppressionPage:
    """List the do-not-call list, oldest first."""
    async with context.engine.connect() as conn:
        found = await overview.suppressions(
            conn,
            organization_id=who.organization_id,
            phone=phone and suppress.read_phone(phone, pointer="?phone"),
            after=after(cursor),
            limit=limit + 1,
        )
    items, onward = page(found, limit, SuppressionView.of)
    return SuppressionPage(items=items, next_cursor=onward)


@router.delete(
    "/suppressions/{suppression_id}", status_code=204, responses=documented(401, 403, 404, 503)
)
async def remove_suppression(suppression_id: UUID, context: InContext, who: Administers) -> None:
    """Take an entry off the do-not-call list. Leads that it ended stay as they are."""
    await suppress.unsuppress(
        context, organization_id=who.organization_id, suppression_id=suppression_id
    )


@router.put("/partner", responses=documented(400, 401, 403, 413, 415, 422, 503))
async def set_partner(body: PartnerPut, context: InContext, who: Administers) -> PartnerView:
    """Keep the Partner API's address and credentials, encrypted; they are never shown again."""
    await setup.connect_partner(
        context,
        organization_id=who.organization_id,
        base_url=body.base_url,
        api_key=body.api_key,
        client_id=body.client_id,
        client_secret=body.client_secret,
    )
    return await _partner(context, who.organization_id)


@router.get("/partner", responses=documented(401, 403, 503))
async def get_partner(context: InContext, who: Administers) -> PartnerView:
    """Where calls are placed, and what kind of credentials is kept."""
    return await _partner(context, who.organization_id)


async def _partner(context: Context, organization_id: UUID) -> PartnerView:
    async with context.engine.connect() as conn:
        row = await organizations.get(conn, organization_id)
    sealed = row["partner_secret"] if row else None
    kind = context.vault.open(sealed)["kind"] if sealed else None
    return PartnerView.of({"base_url": row["partner_base_url"] if row else None, "kind": kind})
