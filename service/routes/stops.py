"""Stop with proof: everything at once, a business, or a state."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from dialer.pipeline.access.keys import Principal
from dialer.pipeline.compliance import stops
from service.auth import Administers
from service.http.json_route import JsonRoute
from service.http.problems import documented
from service.shapes.operations import StopPost, StopView
from service.shell import InShell, Shell

router = APIRouter(prefix="/v1", tags=["operations"], route_class=JsonRoute)

_COMMAND = documented(400, 401, 403, 404, 409, 413, 415, 422, 503)
State = Annotated[str, Path(max_length=10, description="Two letters, such as FL.")]


@router.post("/pause", responses=_COMMAND)
async def pause_everything(shell: InShell, who: Administers) -> StopView:
    """Pause everything of the organization at once; no phone rings after `last_ring_at`."""
    return await _organization(shell, who, paused=True)


@router.post("/resume", responses=_COMMAND)
async def resume_everything(shell: InShell, who: Administers) -> StopView:
    """Dial again; campaigns, agents and businesses that are paused themselves stay so."""
    return await _organization(shell, who, paused=False)


@router.post("/businesses/{business_id}/pause", responses=_COMMAND)
async def pause_business(business_id: UUID, shell: InShell, who: Administers) -> StopView:
    """Pause all agents and campaigns of a business at once."""
    return await _business(shell, who, business_id, paused=True)


@router.post("/businesses/{business_id}/resume", responses=_COMMAND)
async def resume_business(business_id: UUID, shell: InShell, who: Administers) -> StopView:
    """Let a business dial again."""
    return await _business(shell, who, business_id, paused=False)


@router.post("/states/{state}/pause", responses=_COMMAND)
async def pause_state(state: State, body: StopPost, shell: InShell, who: Administers) -> StopView:
    """Call nobody who may be in a state, such as in a declared emergency."""
    return await _state(shell, who, state, body.note, paused=True)


@router.post("/states/{state}/resume", responses=_COMMAND)
async def resume_state(state: State, body: StopPost, shell: InShell, who: Administers) -> StopView:
    """Call people in a state again."""
    return await _state(shell, who, state, body.note, paused=False)


async def _organization(shell: Shell, who: Principal, *, paused: bool) -> StopView:
    done = await stops.set_paused(
        shell.context,
        organization_id=who.organization_id,
        level="organization",
        subject_id=who.organization_id,
        paused=paused,
        by=who.name,
    )
    shell.board.forget(who.organization_id)
    return StopView.model_validate(done)


async def _business(shell: Shell, who: Principal, business_id: UUID, *, paused: bool) -> StopView:
    done = await stops.set_paused(
        shell.context,
        organization_id=who.organization_id,
        level="business",
        subject_id=business_id,
        paused=paused,
        by=who.name,
    )
    shell.board.forget(who.organization_id)
    return StopView.model_validate(done)


async def _state(shell: Shell, who: Principal, state: str, note: str, *, paused: bool) -> StopView:
    done = await stops.set_state_paused(
        shell.context,
        organization_id=who.organization_id,
        state=state,
        paused=paused,
        by=who.name,
        note=note,
    )
    shell.board.forget(who.organization_id)
    return StopView.model_validate(done)
