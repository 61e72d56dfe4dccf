"""Campaign time: the database's clock, which a rehearsal may shift or speed up."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.engine import first, run


async def now(conn: AsyncConnection) -> datetime:
    """Campaign time, which equals real time outside a rehearsal."""
    row = await first(conn, "SELECT outdial_now() AS now")
    if row is None:
        raise LookupError("the database gave no time")
    found: datetime = row["now"]
    return found


async def speed(conn: AsyncConnection) -> float | None:
    """How much faster than real time campaign time runs; None outside a rehearsal."""
    row = await first(conn, "SELECT speed FROM clock")
    return float(row["speed"]) if row else None


async def set_rehearsal(
    conn: AsyncConnection, *, virtual_start: datetime, real_start: datetime, factor: float
) -> None:
    """Let campaign time be `virtual_start` at `real_start`, and pass `factor` times as fast."""
    await run(
        conn,
        """
        INSERT INTO clock (virtual_start, real_start, speed) VALUES (:virtual, :real, :factor)
        ON CONFLICT (id) DO UPDATE SET virtual_start = :virtual, real_start = :real,
            speed = :factor
        """,
        virtual=virtual_start,
        real=real_start,
        factor=factor,
    )
