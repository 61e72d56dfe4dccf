"""Every connection is bounded: statements, locks, transactions, and silence on the wire."""

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InternalError

from dialer.store.engine import TRANSACTION_TIMEOUT, create_engine, is_transient


@pytest.mark.asyncio
async def test_every_connection_bounds_what_a_client_that_went_silent_may_hold(
    database_url: str,
) -> None:
    engine = create_engine(database_url, pool=2, name="bounds")
    try:
        async with engine.connect() as conn:
            found = {
                name: (await conn.execute(text(f"SHOW {name}"))).scalar_one()
                for name in (
                    "lock_timeout",
                    "statement_timeout",
                    "idle_in_transaction_session_timeout",
                    "transaction_timeout",
                    "tcp_keepalives_idle",
                )
            }
            await conn.rollback()
            # A transaction that came to nothing leaves the bounds as they were.
            kept = (await conn.execute(text("SHOW transaction_timeout"))).scalar_one()
    finally:
        await engine.dispose()
    assert found == {
        "lock_timeout": "5s",
        "statement_timeout": "15s",
        "idle_in_transaction_session_timeout": TRANSACTION_TIMEOUT,
        "transaction_timeout": TRANSACTION_TIMEOUT,
        "tcp_keepalives_idle": "10",
    }
    assert kept == TRANSACTION_TIMEOUT


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "given", "found"),
    [
        ("default_transaction_isolation", "repeatable read", "read committed"),
        ("synchronous_commit", "off", "on"),
        ("synchronous_commit", "remote_apply", "remote_apply"),
    ],
)
async def test_what_the_guarantees_rest_on_does_not_follow_the_server_s_defaults(
    database_url: str, name: str, given: str, found: str
) -> None:
    shown = name.removeprefix("default_")
    for told in (f"ALTER DATABASE {make_url(database_url).database} SET {name} = '{given}'", ""):
        engine = create_engine(database_url, pool=2, name="defaults")
        async with engine.begin() as conn:
            await conn.execute(text(told or "SELECT"))
            now = (await conn.execute(text(f"SHOW {shown}"))).scalar_one()
        await engine.dispose()
    assert now == found


class _ServerError(Exception):
    sqlstate = "XX000"


def _internal(error: Exception) -> DBAPIError:
    return InternalError("SELECT 1", None, error)


def test_a_driver_that_lost_its_place_in_the_protocol_may_try_again() -> None:
    assert is_transient(_internal(Exception("cannot switch to state 12")))


def test_an_internal_error_of_the_server_is_not_worth_another_try() -> None:
    assert not is_transient(_internal(_ServerError("a catalog lacks a row")))
