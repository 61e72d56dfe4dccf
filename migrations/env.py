"""How Alembic reaches the database: a connection that the caller gives, or the setting."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from dialer.settings import database_address
from dialer.store.schema import metadata

ADVISORY_LOCK = 0x0D1A1


def migrate(connection: Connection) -> None:
    """Run the migrations, one process at a time, with bounded lock waits."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
    )
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
    connection.commit()
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
        connection.commit()


async def migrate_by_url(url: str) -> None:
    """Connect and migrate."""
    engine = create_async_engine(
        url,
        poolclass=pool.NullPool,
        connect_args={"server_settings": {"lock_timeout": "30s"}},
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(
        migrate_by_url(
            context.config.get_main_option("sqlalchemy.url")
            or database_address(os.environ["OUTDIAL_DATABASE_URL"])
        )
    )
