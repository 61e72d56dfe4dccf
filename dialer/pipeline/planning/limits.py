"""Pace and concurrency of an organization, a business or an agent, over whatever they hold."""

from typing import Literal
from uuid import UUID

from dialer.context import Context
from dialer.rules.errors import NotFoundError
from dialer.store import organizations
from dialer.store.dialing import pacers


async def limit(
    context: Context,
    *,
    organization_id: UUID,
    level: Literal["organization", "business", "agent"],
    subject_id: UUID,
    calls_per_minute: int | None,
    concurrency: int | None,
) -> None:
    """Set one level's limits from the next claim on; None lifts one.

    A campaign's own limits are part of its plan.

    Raises:
        NotFoundError: the organization has no such thing.
    """
    async with context.engine.begin() as conn:
        if not await organizations.has(
            conn, organization_id=organization_id, level=level, subject_id=subject_id
        ):
            raise NotFoundError(f"there is no such {level}")
        await pacers.set_limits(
            conn,
            organization_id=organization_id,
            level=level,
            subject_id=subject_id,
            calls_per_minute=calls_per_minute,
            concurrency=concurrency,
        )
