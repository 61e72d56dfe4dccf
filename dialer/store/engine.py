"""The database engine and the three ways to run a statement."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import RowMapping, TextClause, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InternalError, NotSupportedError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15s"
TRANSACTION_TIMEOUT = "30s"
"""Longest life of a transaction, and longest silence in one: a frozen client lets go."""
_TRANSIENT = frozenset({"08", "25", "40", "53", "55", "57"})


def create_engine(url: str, *, pool: int, name: str, ping: bool = True) -> AsyncEngine:
    """Make an engine whose every statement, lock wait and transaction is bounded.

    Whatever the server's defaults are: what is read after a lock was waited for is what stands
    then (a repeatable read would show what stood before), and a commit that was heard of outlives
    a crash of the server.

    A client that vanished without a word is noticed by keepalives within 25 seconds. One that is
    frozen still answers those, and between the messages of one statement it counts neither as
    idle nor as at work: only PostgreSQL 17 or newer ends such a transaction.

    Args:
        url: `postgresql+asyncpg://...`.
        pool: Most connections held at once.
        name: Shown in pg_stat_activity.
        ping: Try a connection before each use. Costs a round trip; whoever repeats its work
            anyway after a lost connection does without.
    """
    engine = create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=ping,
        pool_recycle=1800,
        isolation_level="READ COMMITTED",
        # Names, numbers and transcripts are parameters; a traceback must not print them.
        hide_parameters=True,
        connect_args={
            "timeout": 10,
            "command_timeout": 30,
            "server_settings": {
                "application_name": name,
                "lock_timeout": LOCK_TIMEOUT,
                "statement_timeout": STATEMENT_TIMEOUT,
                "idle_in_transaction_session_timeout": TRANSACTION_TIMEOUT,
                "tcp_keepalives_idle": "10",
                "tcp_keepalives_interval": "5",
                "tcp_keepalives_count": "3",
                "timezone": "UTC",
            },
        },
    )
    event.listen(engine.sync_engine, "connect", _settle_defaults)
    return engine


def _settle_defaults(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # An older server would refuse a connection that names a setting which it doesn't know; and
    # whoever waits for replicas at each commit shall go on doing so.
    cursor = connection.cursor()
    cursor.execute(
        f"""
        SELECT CASE WHEN current_setting('server_version_num')::int >= 170000
                THEN set_config('transaction_timeout', '{TRANSACTION_TIMEOUT}', false) END,
            CASE WHEN current_setting('synchronous_commit') = 'off'
                THEN set_config('synchronous_commit', 'on', false) END
        """
    )
    cursor.close()
    # What a transaction sets is undone with it.
    connection.commit()


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
    for a while: SQLSTATE classes 08, 25, 40, 53, 55, 57 (PostgreSQL appendix A). A statement
    that was prepared before a migration. A connection that broke in the middle of a message. And
    a pool with no connection to spare.
    """
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        # The dialect raises it for one thing alone, without the SQLSTATE: a plan that a migration
        # has outdated. It prepares anew from then on.
        outdated = isinstance(error, NotSupportedError)
        # Without an SQLSTATE the server said nothing: the driver lost its place in the protocol.
        astray = isinstance(error, InternalError) and not state
        return outdated or astray or error.connection_invalidated or state[:2] in _TRANSIENT
    return isinstance(error, OSError | TimeoutError | PoolTimeoutError)
