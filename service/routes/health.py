"""Health: the process lives; the process can work; what it counts."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from service.http.problems import documented
from service.readiness import Readiness, check, gauges
from service.shell import InShell

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


@router.get("/healthz")
async def health() -> Alive:
    """Whether the process lives; it asks nothing of the database."""
    return Alive()


@router.get("/readyz", responses=documented(503))
async def ready(shell: InShell) -> Readiness:
    """Whether the process can work: database and schema must be there, the queue may be away."""
    return await check(shell)


@router.get("/metrics", response_class=Response)
async def metrics(shell: InShell) -> Response:
    """What this process counts and the database holds, for Prometheus; it names nobody."""
    held = await gauges(shell)
    return Response(shell.metrics.exposition(held), media_type=CONTENT_TYPE_LATEST)
