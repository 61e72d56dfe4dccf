"""Two sets of books: what the sandbox says rang, and what the database says happened.

The audit is a table and triggers that only tests have: PostgreSQL itself writes down every change
of state, whatever program made it. It knows real time, as the ring ledger does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.store.reports.ledger import BUCKETS
from tests.support.system import System

Row = Mapping[str, Any]

_AUDIT = (
    """
    CREATE TABLE audit (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        id uuid NOT NULL,
        was text,
        now text NOT NULL,
        at timestamptz NOT NULL DEFAULT outdial_now(),
        real double precision NOT NULL DEFAULT extract(epoch FROM clock_timestamp())
    )
    """,
    """
    CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO audit (kind, id, was, now)
            VALUES (TG_TABLE_NAME, NEW.id, NULL, NEW.state);
        ELSIF NEW.state IS DISTINCT FROM OLD.state THEN
            INSERT INTO audit (kind, id, was, now)
            VALUES (TG_TABLE_NAME, NEW.id, OLD.state, NEW.state);
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER audited AFTER INSERT OR UPDATE ON calls
    FOR EACH ROW EXECUTE FUNCTION write_audit()
    """,
    """
    CREATE TRIGGER audited AFTER INSERT OR UPDATE ON leads
    FOR EACH ROW EXECUTE FUNCTION write_audit()
    """,
    """
    CREATE TRIGGER audited AFTER INSERT OR UPDATE ON campaigns
    FOR EACH ROW EXECUTE FUNCTION write_audit()
    """,
)


@dataclass(frozen=True, kw_only=True)
class Books:
    """Everything that the promises are judged by.

    Attributes:
        rings: The sandbox's ring ledger.
        audit: Every change of state of a lead, a call and a campaign, in order; empty where no
            witness was installed.
        calls: The calls' rows, with their organization's and agent's ids upstream.
        leads: The leads' rows.
        caps: Most calls at once, by the id of what the cap is for.
        decided: Calls that an operator decided.
        ledger: Accepted leads (from the events) and buckets, a campaign a row.
    """

    rings: Sequence[Row]
    audit: Sequence[Row]
    calls: Sequence[Row]
    leads: Sequence[Row]
    caps: Mapping[str, int]
    decided: frozenset[str]
    ledger: Sequence[Row]


async def witness(system: System) -> None:
    """Have PostgreSQL write down every change of state from now on."""
    async with system.context.engine.begin() as conn:
        for statement in _AUDIT:
            await conn.execute(text(statement))


async def read(system: System) -> Books:
    """Read the rings first, since the arm of each is older; the rest as of one moment."""
    rings = system.sandbox.rings()
    async with system.context.engine.connect() as plain:
        conn = await plain.execution_options(isolation_level="REPEATABLE READ")
        audited = await _rows(conn, "SELECT to_regclass('audit') IS NOT NULL AS there")
        decided = await _rows(conn, "SELECT call_id FROM events WHERE name = 'call.decided'")
        caps = await _rows(
            conn, "SELECT subject_id, concurrency FROM pacers WHERE concurrency IS NOT NULL"
        )
        return Books(
            rings=rings,
            audit=await _rows(conn, _LINES) if audited[0]["there"] else [],
            calls=await _rows(conn, _CALLS),
            leads=await _rows(conn, "SELECT * FROM leads"),
            caps={str(row["subject_id"]): row["concurrency"] for row in caps},
            decided=frozenset(str(row["call_id"]) for row in decided),
            ledger=await _rows(conn, _LEDGER),
        )


_LINES = "SELECT * FROM audit ORDER BY seq"
_CALLS = """
    SELECT c.*, a.partner_agent_id, extract(epoch FROM c.place_at) AS place,
        extract(epoch FROM c.armed_at) AS armed
    FROM calls c JOIN agents a ON a.id = c.agent_id ORDER BY c.claimed_at, c.id
"""
_COUNTS = ", ".join(
    f"count(*) FILTER (WHERE l.state = '{bucket}') AS {bucket}" for bucket in BUCKETS
)
_LEDGER = f"""
    SELECT c.id, {_COUNTS}, (SELECT count(*) FROM events e
        WHERE e.campaign_id = c.id AND e.name = 'lead.accepted') AS accepted
    FROM campaigns c LEFT JOIN leads l ON l.campaign_id = c.id GROUP BY c.id
"""  # noqa: S608 -- the buckets are words of ours


async def _rows(conn: AsyncConnection, sql: str) -> list[Row]:
    return [dict(row) for row in (await conn.execute(text(sql))).mappings()]
