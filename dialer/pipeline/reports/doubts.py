"""Doubts: what each unknown call waits for, and how long at most."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from dialer.context import Context
from dialer.pipeline.reconciling import absences
from dialer.rules.proof.absence import HOLD_AFTER, WAITS
from dialer.store.reconciling import doubts


async def listing(
    context: Context, *, organization_id: UUID, after: UUID | None, limit: int
) -> list[Mapping[str, Any]]:
    """Unknown calls, the oldest attempt first, each with what it waits for.

    Returns:
        Their columns with `waits_for` and `says`, `settled_at` (from when on a look that doesn't
        show the call proves something) and `held_at` (when a person is asked at the latest).
    """
    async with context.engine.connect() as conn:
        found = await doubts.listing(
            conn, organization_id=organization_id, after=after, limit=limit
        )
    explained = await absences.explain(context, organization_id, found)
    return [
        {
            **call,
            "waits_for": verdict.why,
            "says": WAITS[verdict.why],
            "settled_at": settled_at,
            "held_at": call["armed_at"] + HOLD_AFTER,
        }
        for call, verdict, settled_at in explained
    ]
