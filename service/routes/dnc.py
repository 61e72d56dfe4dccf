"""The do-not-call registry: load a copy in parts, say of which day it is, clear it."""

from fastapi import APIRouter

from dialer.pipeline.compliance import dnc
from service.auth import Administers
from service.http.json_route import JsonRoute
from service.http.problems import documented
from service.shapes.dnc import DncLoaded, DncNumbersPost, DncRejected, DncScrubbedPost, DncView
from service.shell import InContext

router = APIRouter(prefix="/v1", tags=["access"], route_class=JsonRoute)


@router.get("/dnc", responses=documented(401, 403, 503))
async def show_registry(context: InContext, who: Administers) -> DncView:
    """How many numbers the copy has, of which day it is, and when it lapses."""
    return DncView.model_validate(await dnc.show(context, organization_id=who.organization_id))


@router.post("/dnc/numbers", responses=documented(400, 401, 403, 413, 415, 422, 503))
async def load_registry(body: DncNumbersPost, context: InContext, who: Administers) -> DncLoaded:
    """Add up to 10,000 numbers to the copy; sending them again adds nothing."""
    done = await dnc.load(context, organization_id=who.organization_id, given=body.phones)
    return DncLoaded(
        added=done.added,
        known=done.known,
        rejected=[DncRejected(index=place, code=why) for place, why in done.rejected.items()],
    )


@router.post("/dnc/scrubbed", responses=documented(400, 401, 403, 409, 413, 415, 422, 503))
async def declare_registry(body: DncScrubbedPost, context: InContext, who: Administers) -> DncView:
    """Say that the copy is whole, as of a day: leads that waited for it are looked at at once."""
    made = await dnc.declare(context, organization_id=who.organization_id, on=body.on, by=who.name)
    return DncView.model_validate(made)


@router.delete("/dnc/numbers", status_code=204, responses=documented(401, 403, 503))
async def clear_registry(context: InContext, who: Administers) -> None:
    """Empty the copy for a new one; until that is declared, its campaigns call nobody."""
    await dnc.clear(context, organization_id=who.organization_id, by=who.name)
