"""The database engine and the three ways to run a statement."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15s"
_TRANSIENT = frozenset({"08", "25", "40", "53", "55", "57"})


def create_engine(url: str, *, pool: int, name: str, ping: bool = True) -> AsyncEngine:
    """Make an engine whose every statement and lock wait is bounded.

    Args:
        url: `postgresql+asyncpg://...`.
        pool: Most connections held at once.
        name: Shown in pg_stat_activity.
        ping: Try a connection before each use. Costs a round trip; whoever repeats its work
            anyway after a lost connection does without.
    """
    return create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=ping,
        pool_recycle=1800,
        # Names, numbers and transcripts are parameters; a traceback must not print them.
        hide_parameters=True,
        connect_args={
            "timeout": 10,
            "command_timeout": 30,
            "server_settings": {
                "application_name": name,
                "lock_timeout": LOCK_TIMEOUT,
                "statement_timeout": STATEMENT_TIMEOUT,
                "idle_in_transaction_session_timeout": "30s",
                "timezone": "UTC",
            },
        },
    )


async def rows(conn: AsyncConnection, sql: str, **values: object) -> Sequence[RowMapping]:
    """Run a statement and return its rows."""
    return (await conn.execute(_parsed(sql), values)).mappings().all()


async def first(conn: AsyncConnection, sql: str, **values: object) -> RowMapping | None:
    """Run a statement and return its first row, or None."""
    return (await conn.execute(_parsed(sql), values)).mappings().first()


async def run(conn: AsyncConnection, sql: str, **values: object) -> int:
    """Run a statement and return how many rows it touched."""
    return (await conn.execute(_parsed(sql), values)).rowcount


async def run_many(conn: AsyncConnection, sql: str, values: Sequence[dict[str, object]]) -> None:
    """Run a statement once for each set of values, pipelined."""
    if values:
        await conn.execute(_parsed(sql), list(values))


@cache
def _parsed(sql: str) -> TextClause:
    # Every statement is a constant of this package, so there are only so many.
    return text(sql)


def is_deadlock(error: DBAPIError) -> bool:
    """Whether the server ended the transaction so that another could go on (SQLSTATE 40P01)."""
    return getattr(error.orig, "sqlstate", None) == "40P01"


def is_transient(error: Exception) -> bool:
    """Whether the same transaction may succeed when it is run again.

    Serialization failures, deadlocks, lock time-outs, a server that restarts or is read-only
    for a while: SQLSTATE classes 08, 25, 40, 53, 55, 57 (PostgreSQL appendix A). And a pool
    with no connection to spare.
    """
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or state[:2] in _TRANSIENT
    return isinstance(error, OSError | TimeoutError | PoolTimeoutError)
