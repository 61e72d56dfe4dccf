"""Puts into the commands' database what no command leaves behind."""

import asyncio

from dialer.store.engine import create_engine, run
from tests.outdial.serving import Serving


def change(service: Serving, sql: str, **values: object) -> None:
    """Runs a statement on the service's database.

    Args:
        service: The service.
        sql: The statement.
        values: Its parameters.
    """
    asyncio.run(_change(service.environ["OUTDIAL_DATABASE_URL"], sql, values))


async def _change(url: str, sql: str, values: dict[str, object]) -> None:
    engine = create_engine(url, pool=1, name="test")
    try:
        async with engine.begin() as conn:
            await run(conn, sql, **values)
    finally:
        await engine.dispose()
