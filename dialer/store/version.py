"""Is the database's schema the one that this code was written for?"""

from importlib import resources

from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first


def newest() -> str:
    """The newest migration that this code knows."""
    with resources.as_file(resources.files("migrations")) as folder:
        return str(ScriptDirectory(str(folder)).get_current_head())


async def revision(conn: AsyncConnection) -> str | None:
    """The migration that the database stands at; None for an empty database."""
    there = await first(conn, "SELECT to_regclass('alembic_version') IS NOT NULL AS there")
    if there is None or not there["there"]:
        return None
    row = await first(conn, "SELECT version_num FROM alembic_version")
    return str(row["version_num"]) if row else None


async def is_current(conn: AsyncConnection) -> bool:
    """Whether every migration of this code has run, and no newer one."""
    return await revision(conn) == newest()
