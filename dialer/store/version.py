"""Is the database's schema the one that this code was written for?"""

from importlib import resources

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection


async def is_current(conn: AsyncConnection) -> bool:
    """Whether every migration of this code has run, and no newer one."""
    with resources.as_file(resources.files("migrations")) as folder:
        wanted = set(ScriptDirectory(str(folder)).get_heads())

    def heads(connection: Connection) -> set[str]:
        return set(MigrationContext.configure(connection).get_current_heads())

    return await conn.run_sync(heads) == wanted
