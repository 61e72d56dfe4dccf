"""Reads the servers that the environment names, and asks whether they answer before relying on it.

Each fault is one line that names the variable and what to do, and shows no password.
"""

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from redis.exceptions import AuthenticationError, RedisError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from dialer.settings import database_address, queue_address
from dialer.store.engine import create_engine
from dialer.wakeups import connect
from outdial.speaking.speech import CommandError, Exit

DATABASE = "OUTDIAL_DATABASE_URL"
QUEUE = "OUTDIAL_REDIS_URL"
PARTNER = "OUTDIAL_PARTNER_BASE_URL"
PARTNER_KEY = "OUTDIAL_PARTNER_API_KEY"
PARTNER_CLIENT_ID = "OUTDIAL_PARTNER_CLIENT_ID"
PARTNER_CLIENT_SECRET = "OUTDIAL_PARTNER_CLIENT_SECRET"  # noqa: S105 - a name, not a secret

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SECONDS = 10.0
_DRIVER_CLASS = re.compile(r"^<class '[\w.]+'>:\s*")
_DATABASE_PORT = 5432
_QUEUE_PORT = 6379


def database_url(environ: Mapping[str, str]) -> str | None:
    """Reads the database's address.

    Args:
        environ: The environment.

    Returns:
        The address for SQLAlchemy; None where none is set.

    Raises:
        CommandError: It is no address of a PostgreSQL.
    """
    return _read(environ, DATABASE, database_address)


def redis_url(environ: Mapping[str, str]) -> str | None:
    """Reads the queue's address.

    Args:
        environ: The environment.

    Returns:
        The address; None where none is set.

    Raises:
        CommandError: It is no address of a Redis.
    """
    return _read(environ, QUEUE, queue_address)


def check(environ: Mapping[str, str]) -> None:
    """Refuses addresses that can't be any, before anything is started or written.

    Args:
        environ: The environment.

    Raises:
        CommandError: One of the database, the queue or the Partner API can't be.
    """
    database_url(environ)
    redis_url(environ)
    if base_url := environ.get(PARTNER):
        _check_partner(base_url)


def place(url: str) -> str:
    """Says where a server is, for people.

    Args:
        url: Of a database or a queue.

    Returns:
        Host and port, or the path of a socket; no user, password or database.
    """
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    usual = _DATABASE_PORT if parts.scheme.startswith("postgres") else _QUEUE_PORT
    host = parts.hostname or "localhost"
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or usual}"


def brief(error: BaseException | None) -> str:
    """Says what went wrong with a server in a few words.

    Args:
        error: Of the database's driver, the queue's, or the system.

    Returns:
        One line of at most 200 characters, without the names of classes and without links.
    """
    for cause in (error, error.__context__ if error is not None else None):
        if isinstance(cause, OSError) and (cause.errno or 0) > 0:
            return os.strerror(cause.errno or 0)
    said = getattr(error, "orig", None) or error
    first = _DRIVER_CLASS.sub("", str(said).partition("\n")[0])
    return first[:200] or type(error).__name__


async def ask(environ: Mapping[str, str]) -> None:
    """Asks the servers that the environment names, before any of ours is started beside them.

    Args:
        environ: The environment.

    Raises:
        CommandError: One can't be used.
    """
    if database := database_url(environ):
        await ask_database(database)
    if queue := redis_url(environ):
        await ask_queue(queue)


async def ask_database(url: str) -> None:
    """Connects to a database once.

    Args:
        url: For SQLAlchemy.

    Raises:
        CommandError: It can't be used; the message names OUTDIAL_DATABASE_URL.
    """
    engine = create_engine(url, pool=1, name="outdial")
    try:
        async with asyncio.timeout(_SECONDS), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError, ValueError) as error:
        why = _database_fault(error)
        raise CommandError(
            f"{DATABASE}: {place(url)} {why}; start or mend that server, or unset {DATABASE} and "
            "run `outdial up`, which brings its own"
        ) from error
    finally:
        await engine.dispose()


async def ask_queue(url: str) -> None:
    """Asks a queue for a sign of life.

    Args:
        url: Its address.

    Raises:
        CommandError: It can't be used; the message names OUTDIAL_REDIS_URL.
    """
    redis = connect(url, connections=1)
    try:
        async with asyncio.timeout(_SECONDS):
            await redis.ping()
    except (RedisError, OSError, TimeoutError, ValueError) as error:
        refused = isinstance(error, AuthenticationError)
        why = "refuses the password" if refused else f"does not answer ({brief(error)})"
        raise CommandError(
            f"{QUEUE}: {place(url)} {why}; start or mend that server, or unset {QUEUE} and run "
            "`outdial up`, which brings its own"
        ) from error
    finally:
        with suppress(OSError, RedisError):
            await redis.aclose()
            await redis.connection_pool.disconnect()


def _read(environ: Mapping[str, str], name: str, read: Callable[[str], str]) -> str | None:
    given = environ.get(name)
    if not given:
        return None
    try:
        return read(given)
    except ValueError as error:
        raise CommandError(f"{name}: {error}", code=Exit.USAGE) from error


def _check_partner(base_url: str) -> None:
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    wanted = {"https", "http"} if parts.hostname in _LOOPBACK else {"https"}
    if parts.scheme not in wanted or not parts.hostname or parts.username is not None:
        raise CommandError(
            f"{PARTNER}: write it as https://partner.example.com/api/partner/v1 (http:// only to "
            "this machine; no user or password in it)",
            code=Exit.USAGE,
        )


def _database_fault(error: Exception) -> str:
    # What the server said is worth repeating; that it didn't is told by other classes.
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None):
        return f"refuses the connection ({brief(error.orig)})"
    return f"does not answer ({brief(error)})"
