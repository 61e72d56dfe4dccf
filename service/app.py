"""The HTTP application: routes, problems, limits and headers put together."""

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from redis.asyncio import Redis

from dialer.context import Context
from service import table_import
from service.http import problems
from service.http.envelope import Envelope
from service.http.limits import BodyLimit
from service.http.openapi import DESCRIPTION, TAGS, document
from service.http.parameters import known_only
from service.metrics import Metrics
from service.pages.board import Board
from service.pages.campaign_board import CampaignBoard
from service.pages.pages import STATIC, Assets
from service.refusals import Refusals
from service.routes import (
    access,
    agents,
    calls,
    campaign_pages,
    campaigns,
    decisions,
    deliveries,
    dnc,
    documentation,
    explain,
    health,
    held,
    hooks,
    import_pages,
    lead_pages,
    leads,
    operations,
    plan_pages,
    redial_pages,
    rules,
    runs,
    schedules,
    segments,
    sources,
    standing,
    status,
    stopping,
    stops,
    variant_pages,
    variants,
)
from service.shell import Shell

ROUTERS = (
    leads.router,
    hooks.router,
    deliveries.router,
    sources.router,
    campaigns.router,
    variants.router,
    runs.router,
    segments.router,
    schedules.router,
    agents.router,
    calls.router,
    held.router,
    operations.router,
    standing.router,
    rules.router,
    stops.router,
    stopping.router,
    dnc.router,
    explain.router,
    access.router,
    health.router,
    documentation.router,
    status.router,
    decisions.router,
    campaign_pages.router,
    campaign_pages.streams,
    plan_pages.router,
    import_pages.router,
    lead_pages.router,
    redial_pages.router,
    variant_pages.router,
)


def create_app(context: Context, *, queue: Redis) -> FastAPI:
    """Build the application over a process's context.

    Args:
        context: Owned by the caller, who closes its engine after the application's end.
        queue: The queue's client, asked by /readyz.
    """
    refusals = Refusals()
    shell = Shell(
        context=context,
        queue=queue,
        metrics=Metrics(),
        refusals=refusals,
        board=Board(engine=context.engine, refusals=refusals),
        campaign_board=CampaignBoard(context=context),
    )
    app = FastAPI(
        title="Outdial",
        version="0.1.0",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
    )
    app.state.shell = shell
    app.state.routes = [
        route for r in ROUTERS for route in r.routes if isinstance(route, APIRoute)
    ]
    problems.install(app)
    app.add_middleware(
        BodyLimit,
        limit=context.settings.body_limit_bytes,
        larger={import_pages.PATH: table_import.MAX_BYTES},
    )
    app.add_middleware(Envelope, metrics=shell.metrics)
    for router in ROUTERS:
        # A load balancer's or a chat's own parameters on /healthz and the pages harm nobody.
        checks = [Depends(known_only)] if router.prefix == "/v1" else []
        app.include_router(router, dependencies=checks)
    app.mount("/static", Assets(directory=STATIC), name="static")
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's documented hook
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
