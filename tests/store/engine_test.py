"""Every connection is bounded: statements, locks, transactions, and silence on the wire."""

import pytest
from sqlalchemy import text

from dialer.store.engine import TRANSACTION_TIMEOUT, create_engine


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
