"""Whether this process can do its work, and what it lacks."""

import asyncio
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from dialer.rules.errors import OutdialError, UnavailableError
from dialer.store import version
from dialer.store.reports import standing
from dialer.wakeups import TROUBLE
from service.shell import Shell

_SECONDS = 2.0


class Readiness(BaseModel):
    """What a process that can work says of itself."""

    status: Literal["ready", "degraded"] = Field(
        description="`degraded`: the queue is away; leads are taken in, dialing lags a second."
    )
    database: Literal["ok"] = "ok"
    schema_revision: str = Field(description="The migration that the database stands at.")
    queue: Literal["ok", "away"]


class StaleSchemaError(OutdialError):
    """The database's schema is not the one that this program was built for."""

    code = UnavailableError.code


async def check_schema(engine: AsyncEngine) -> str:
    """Compare the database's schema with the newest migration, and return it.

    Raises:
        StaleSchemaError: saying where the database stands and how to bring it on.
    """
    async with engine.connect() as conn:
        found = await version.revision(conn)
    wanted = version.newest()
    if found != wanted:
        stands = f"at migration {found}" if found else "empty"
        raise StaleSchemaError(
            f"the database is {stands} and this program needs {wanted}: run `outdial migrate`"
        )
    return found


async def check(shell: Shell) -> Readiness:
    """Ask the database and the queue, at most two seconds each.

    Raises:
        UnavailableError: naming what is missing.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            revision = await check_schema(shell.context.engine)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise UnavailableError("the database does not answer") from error
    queue = await _queue(shell)
    return Readiness(
        status="ready" if queue == "ok" else "degraded", schema_revision=revision, queue=queue
    )


async def gauges(shell: Shell) -> Mapping[str, int] | None:
    """What the database holds, in figures; None where it doesn't answer in two seconds."""
    try:
        async with asyncio.timeout(_SECONDS), shell.context.engine.connect() as conn:
            row = await standing.gauges(conn)
    except (SQLAlchemyError, OSError, TimeoutError):
        return None
    return None if row is None else dict(row)


async def _queue(shell: Shell) -> Literal["ok", "away"]:
    try:
        async with asyncio.timeout(_SECONDS):
            await shell.queue.ping()
    except TROUBLE:
        return "away"
    return "ok"
