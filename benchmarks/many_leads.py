"""Fills a campaign with leads that wait, as many as it takes, and with calls of weeks ago."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.store import clock
from dialer.store.engine import run

CHUNK = 5_000
CODES = (
    *("201", "202", "203", "205", "206", "207", "210", "213", "214", "215", "216", "217", "218"),
    *("219", "224", "225", "228", "229", "239", "240", "248", "251", "252", "253", "254", "256"),
    *("260", "262", "267", "269", "270", "276", "281", "301", "302", "303", "304", "305", "307"),
    *("308", "309", "310", "312", "313", "314", "315", "316", "317", "318", "319", "320", "321"),
    *("323", "325", "330", "334", "336", "337", "339", "351", "352", "360", "361", "386", "401"),
)
"""Area codes from coast to coast: leads of many zones and laws."""

_FILL = """
WITH made AS (
    INSERT INTO leads (id, organization_id, campaign_id, source_id, phone, raw_phone, phone_code,
        priority, due_at, reason)
    SELECT gen_random_uuid(), :org, :campaign,
        (SELECT id FROM sources WHERE organization_id = :org LIMIT 1), n, n, 'given',
        CAST((i / 5) % 5 - 2 AS smallint),
        CASE WHEN i % 5 < CAST(:due_in_five AS integer) THEN CAST(:due AS timestamptz)
            ELSE CAST(:later AS timestamptz) END
            - make_interval(secs => i % CAST(:spread AS bigint)),
        CASE WHEN i % 5 < 5 - CAST(:called_in_five AS integer) THEN 'outside_calling_hours'
            ELSE 'no_answer' END
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS i,
        LATERAL (SELECT CAST(:codes AS text[]) AS c) AS given,
        LATERAL (SELECT '+1' || c[1 + (i / 100) % cardinality(c)] || '55501'
            || lpad((i % 100)::text, 2, '0') AS n) AS numbered
    RETURNING id, phone, reason
)
INSERT INTO calls (id, organization_id, business_id, agent_id, campaign_id, lead_id, phone,
    state, place_at, claim_expires_at, window_until, claimed_at, armed_at, closed_at, closed_by,
    answered_at, answer, partner_call_id, outcome, started_at, ended_at, finished_at)
SELECT gen_random_uuid(), :org, :business, :agent, :campaign, id, phone,
    'ended', at, at, at, at, at, at, 'sender', at, 'placed', 'past-' || id, 'no_answer', at, at, at
FROM made, LATERAL (SELECT CAST(:due AS timestamptz) - interval '10 days'
    - make_interval(secs => hashtext(phone || id::text) & 4194303) AS at) AS past
WHERE reason = 'no_answer'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What a campaign is filled with.

    Attributes:
        leads: How many wait.
        due_in_five: How many in five are due first.
        due: When those are, from now.
        later: When the others are.
        spread: Over how long before these instants they fall due, in seconds.
        called_in_five: How many in five, the last ones, were called once, weeks ago.
    """

    leads: int
    due_in_five: int = 1
    due: timedelta = timedelta()
    later: timedelta = timedelta(days=400)
    spread: int = 86_400
    called_in_five: int = 0


async def fill(context: Context, campaign: RowMapping, filling: Filling) -> None:
    """Write the rows some at a time, then let the database count them."""
    async with context.engine.connect() as conn:
        now = await clock.now(conn)
    given = {
        "org": campaign["organization_id"],
        "business": campaign["business_id"],
        "agent": campaign["agent_id"],
        "campaign": campaign["id"],
        "due_in_five": filling.due_in_five,
        "called_in_five": filling.called_in_five,
        "due": now + filling.due,
        "later": now + filling.later,
        "spread": filling.spread,
        "codes": list(CODES),
    }
    for at in range(0, filling.leads, CHUNK):
        await _run(context, _FILL, **given, first=at, last=min(at + CHUNK, filling.leads) - 1)
    for table in ("leads", "calls"):
        await _run(context, f"ANALYZE {table}")


async def _run(context: Context, sql: str, **values: object) -> None:
    async with context.engine.begin() as conn:
        await run(conn, sql, **values)
