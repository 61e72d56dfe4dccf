"""Brings a database to the newest schema."""

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

import migrations
from dialer.store.engine import is_deadlock

RESTS = (1.0, 2.0, 4.0, 8.0)
"""Seconds between tries of a migration that gave way to somebody's transaction."""


def upgrade(url: str) -> None:
    """Runs the migrations that a database lacks; several processes at once take turns.

    Workers and services may run on meanwhile. A migration that PostgreSQL ends, so that one of
    their transactions can go on, has changed nothing and is tried again.

    Alembic keeps its state in a module: one thread of a process at a time.

    Args:
        url: `postgresql+asyncpg://...`.

    Raises:
        DBAPIError: A migration failed, or gave way five times.
        RuntimeError: Called from a running event loop; use `asyncio.to_thread`.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    # Alembic's options are subject to %-interpolation, and a password may hold %40.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    for rest in (*RESTS, None):
        try:
            command.upgrade(config, "head")
        except DBAPIError as error:
            if rest is None or not is_deadlock(error):
                raise
            time.sleep(rest)
        else:
            return
