"""Brings a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import migrations


def upgrade(url: str) -> None:
    """Runs the migrations that a database lacks; several processes at once take turns.

    Alembic keeps its state in a module: one thread of a process at a time.

    Args:
        url: `postgresql+asyncpg://...`.

    Raises:
        RuntimeError: Called from a running event loop; use `asyncio.to_thread`.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    # Alembic's options are subject to %-interpolation, and a password may hold %40.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")
