"""The rules over all campaigns: the law's table, the outcomes, caps and paused states."""

import csv
import io
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from dialer.context import Context
from dialer.pipeline.compliance import rulebook as stage
from dialer.pipeline.reports.replay import replay
from dialer.rules.law.law import Law
from dialer.rules.outcomes.meaning import OutcomeMap
from dialer.rules.rulebook import Rulebook
from dialer.store.compliance import rulebooks
from service.auth import Administers, ReadsCampaigns
from service.http.json_route import JsonRoute
from service.http.paging import Limit
from service.http.problems import documented
from service.shapes.rules import (
    LawRowView,
    OutcomesPreview,
    OutcomesPreviewPost,
    Rules,
    RulesLimits,
    RulesPatch,
    RulesTable,
    RulesVersion,
    RulesVersions,
)
from service.shell import InContext, InShell

router = APIRouter(prefix="/v1", tags=["rules"], route_class=JsonRoute)

Version = Annotated[
    int | None, Query(ge=0, le=2**31 - 1, description="A past version; absent: the one in force.")
]

Before = Annotated[
    int | None, Query(ge=0, le=2**31 - 1, description="Only versions before this one.")
]


@router.get("/rules", responses=documented(401, 403, 404, 409, 422, 503))
async def get_rules(context: InContext, who: ReadsCampaigns, version: Version = None) -> Rules:
    """Say what holds over all campaigns: the law's table with its sources, caps, paused states."""
    return _shown(await _read(context, who.organization_id, version))


@router.get("/rules/versions", responses=documented(401, 403, 422, 503))
async def list_rules_versions(
    context: InContext, who: ReadsCampaigns, before: Before = None, limit: Limit = 50
) -> RulesVersions:
    """List who changed the rules, newest first."""
    async with context.engine.connect() as conn:
        found = await rulebooks.versions(
            conn, organization_id=who.organization_id, before=before, limit=limit
        )
    return RulesVersions(items=[RulesVersion.of(row) for row in found])


@router.get("/rules/tables/{table}", responses=documented(401, 403, 404, 409, 422, 503))
async def get_rules_table(
    table: Literal["calling_hours", "outcomes"],
    context: InContext,
    who: ReadsCampaigns,
    version: Version = None,
) -> RulesTable:
    """Take a whole table as CSV, to edit and send back."""
    book = await _read(context, who.organization_id, version)
    csv_text = book.law.as_csv() if table == "calling_hours" else book.outcomes.as_csv()
    return RulesTable(version=book.version, csv=csv_text)


@router.patch("/rules", responses=documented(400, 401, 403, 409, 413, 415, 422, 503))
async def change_rules(body: RulesPatch, context: InContext, who: Administers) -> Rules:
    """Put a new version in force; no phone rings by the old one from then on."""
    book = await stage.change(
        context,
        organization_id=who.organization_id,
        edit=stage.Edit(
            calling_hours=body.calling_hours,
            outcomes=body.outcomes,
            limits=body.limits.model_dump(exclude_unset=True) if body.limits else None,
            version=body.version,
            note=body.note,
            by=who.name,
        ),
    )
    return _shown(book)


@router.post("/rules/outcomes/preview", responses=documented(400, 401, 403, 413, 415, 422, 503))
async def preview_outcomes(
    body: OutcomesPreviewPost, shell: InShell, who: Administers
) -> OutcomesPreview:
    """Try a table of outcomes on past calls: what would they mean by it? Nothing is changed."""
    found = await replay(
        shell.context,
        shell.replays,
        organization_id=who.organization_id,
        outcomes=body.outcomes,
    )
    return OutcomesPreview.said(found)


async def _read(context: Context, organization_id: UUID, version: int | None) -> Rulebook:
    async with context.engine.connect() as conn:
        return await stage.show(conn, organization_id, version)


def _shown(book: Rulebook) -> Rules:
    rows = csv.DictReader(io.StringIO(book.law.as_csv(), newline=""))
    return Rules(
        version=book.version,
        limits=RulesLimits(**book.limits.as_dict()),
        calling_hours=[LawRowView.of(row) for row in rows],
        own_calling_hours=book.law != Law.shipped(),
        own_outcomes=book.outcomes != OutcomeMap.shipped(),
    )
