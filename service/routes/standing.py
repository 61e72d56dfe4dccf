"""What stands in the way of calls, and the one thing of it that a person lifts."""

from fastapi import APIRouter

from dialer.pipeline.reconciling import refusals
from dialer.pipeline.reports import standing
from dialer.pipeline.settling.decide import Decider
from service.auth import Administers, ReadsCampaigns
from service.http.json_route import JsonRoute
from service.http.problems import documented
from service.shapes.standing import BelievePost, Status
from service.shell import InContext, InShell

router = APIRouter(prefix="/v1", tags=["operations"], route_class=JsonRoute)


@router.get("/status", responses=documented(401, 403, 503))
async def get_status(context: InContext, who: ReadsCampaigns) -> Status:
    """Whether phones may ring, what stands in the way, and what waits for somebody."""
    async with context.engine.connect() as conn:
        found = await standing.read(conn, organization_id=who.organization_id)
    return Status.model_validate(found, from_attributes=True)


@router.post(
    "/answers/{answer}/believe",
    responses=documented(400, 401, 403, 404, 413, 415, 422, 503),
)
async def believe_answer(
    answer: str, body: BelievePost, shell: InShell, who: Administers
) -> Status:
    """Take an answer for a refusal again. If it is wrong once more, phones may ring twice."""
    await refusals.believe(
        shell.context,
        organization_id=who.organization_id,
        answer=answer,
        by=Decider(name=who.name, through="api", note=body.note),
    )
    shell.board.forget(who.organization_id)
    async with shell.context.engine.connect() as conn:
        found = await standing.read(conn, organization_id=who.organization_id)
    return Status.model_validate(found, from_attributes=True)
