"""The migrations: up, down and up again, and no drift between them and the tables."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

import migrations
from dialer.store import version
from dialer.store.schema import metadata
from outdial.machine.database import upgrade
from tests.support.servers import database


@pytest.fixture
def empty_url() -> Iterator[str]:
    """A database that no migration has seen."""
    with database(name=f"migrations_{uuid4().hex}") as url:
        yield url


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


async def _objects(url: str) -> set[tuple[str, str]]:
    """Every table, index, function and trigger that a migration made, with its definition."""
    engine = create_async_engine(url, poolclass=NullPool)
    statements = (
        "SELECT 'table', tablename FROM pg_tables WHERE schemaname = 'public'",
        "SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'",
        """
        SELECT 'function', pg_get_functiondef(p.oid) FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'
        """,
        "SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    )
    async with engine.connect() as conn:
        found = {(row[0], row[1]) for s in statements for row in await conn.execute(text(s))}
    await engine.dispose()
    return {(kind, what) for kind, what in found if "alembic_version" not in what}


async def _is_current(url: str) -> bool:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as conn:
        current = await version.is_current(conn)
    await engine.dispose()
    return current


@pytest.mark.asyncio
async def test_up_down_and_up_again_end_where_they_began(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url)
    made = await _objects(empty_url)
    assert {what for kind, what in made if kind == "table"} == set(metadata.tables)
    assert await _is_current(empty_url)
    await asyncio.to_thread(command.downgrade, _config(empty_url), "base")
    assert await _objects(empty_url) == set()
    assert not await _is_current(empty_url)
    await asyncio.to_thread(upgrade, empty_url)
    assert await _objects(empty_url) == made


@pytest.mark.asyncio
async def test_a_second_upgrade_changes_nothing(database_url: str) -> None:
    before = await _objects(database_url)
    await asyncio.to_thread(upgrade, database_url)
    assert await _objects(database_url) == before


@pytest.mark.asyncio
async def test_a_newer_database_is_not_current(database_url: str) -> None:
    engine = create_async_engine(database_url, poolclass=NullPool)
    async with engine.begin() as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    assert not await _is_current(database_url)


@pytest.mark.asyncio
async def test_the_tables_do_not_drift_from_the_migrations(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        found: list[object] = compare_metadata(context, metadata)
        return found

    engine = create_async_engine(database_url, poolclass=NullPool)
    async with engine.connect() as conn:
        assert await conn.run_sync(differences) == []
    await engine.dispose()


@pytest.mark.asyncio
async def test_alembics_own_check_agrees(database_url: str) -> None:
    # Raises when the next `alembic revision --autogenerate` would find something to do.
    await asyncio.to_thread(command.check, _config(database_url))


@pytest.mark.asyncio
async def test_constraints_stand_in_the_database_as_in_the_tables(database_url: str) -> None:
    # Alembic compares no CHECK constraints, so their names are compared here.
    engine = create_async_engine(database_url, poolclass=NullPool)
    async with engine.connect() as conn:
        rows = await conn.execute(
            text(
                """
                SELECT conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
                WHERE n.nspname = 'public' AND contype IN ('c', 'f', 'u', 'p')
                """
            )
        )
        there = {row.conname for row in rows} - {"alembic_version_pkc"}
    await engine.dispose()
    wanted = {
        str(constraint.name) if constraint.name else ""
        for table in metadata.tables.values()
        for constraint in table.constraints
    }
    named = {name for name in wanted if name}
    assert named <= there
