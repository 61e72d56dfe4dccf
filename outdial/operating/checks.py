"""Examines a set-up part by part; each fault comes with its remedy.

A part that can't be examined because another is at fault is left out, not blamed.
"""

import asyncio
import stat
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import RowMapping
from sqlalchemy.exc import SQLAlchemyError

from dialer.context import Context
from dialer.pipeline.upstream.partners import SCOPES, Partners
from dialer.rules.errors import UnavailableError
from dialer.store import clock as campaign_clock
from dialer.store import engine, organizations, version
from dialer.store.dialing import agents
from dialer.wakeups import connect
from outdial.machine import clock
from outdial.tree import addresses
from partner import CallQuery, PartnerClient, PartnerError, VoiceAgent

_SECONDS = 10.0
_TOLERATED = timedelta(seconds=5)
_SECRETS = ("secret.key", "runtime.json")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one part.

    Attributes:
        part: What was examined.
        good: Whether it is as it should be.
        detail: What was found.
        remedy: What to do; empty where it is good.
    """

    part: str
    good: bool
    detail: str
    remedy: str = ""


def good(part: str, detail: str) -> Finding:
    """A part that is as it should be."""
    return Finding(part=part, good=True, detail=detail)


def bad(part: str, detail: str, remedy: str) -> Finding:
    """A part at fault, and what to do."""
    return Finding(part=part, good=False, detail=detail, remedy=remedy)


def examine_folder(home: Path) -> Iterator[Finding]:
    """Examines who can read the data folder.

    Args:
        home: The folder, which exists.

    Yields:
        One finding, or one for each file that is open.
    """
    status = home.stat()
    open_to_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if open_to_write or status.st_mode & stat.S_IROTH:
        yield bad("data folder", f"{home} is open to other users", f"chmod go-rwx {home}")
        return
    faults = 0
    for name in _SECRETS:
        file = home / name
        if file.exists() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            faults += 1
            yield bad("data folder", f"other users can read {file}", f"chmod 600 {file}")
    if not faults:
        yield good("data folder", f"{home} is closed to other users")


async def examine(context: Context) -> AsyncIterator[Finding]:
    """Examines database, queue, credentials, agents and clocks.

    Args:
        context: The core.

    Yields:
        A finding for each part, in the order in which they are needed.
    """
    database = await _database(context)
    yield database
    yield await _queue(context)
    if not database.good:
        return
    schema = await _schema(context)
    yield schema
    if not schema.good:
        return
    async for finding in _upstream(context):
        yield finding


async def _database(context: Context) -> Finding:
    try:
        async with asyncio.timeout(_SECONDS), context.engine.connect() as conn:
            row = await engine.first(conn, "SELECT current_setting('server_version') AS version")
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        return bad(
            "database",
            f"does not answer: {addresses.brief(error)}",
            "start `outdial up`, or check OUTDIAL_DATABASE_URL and the server",
        )
    return good("database", f"PostgreSQL {row['version'] if row else '?'}")


async def _queue(context: Context) -> Finding:
    redis = connect(context.settings.redis_url.get_secret_value(), connections=1)
    try:
        async with asyncio.timeout(_SECONDS):
            await redis.ping()
    except (RedisError, OSError, TimeoutError) as error:
        return bad(
            "queue",
            f"does not answer: {addresses.brief(error)}; dialing goes on, a second slower",
            "start `outdial up`, or check OUTDIAL_REDIS_URL and the server",
        )
    finally:
        await redis.aclose()
        await redis.connection_pool.disconnect()
    return good("queue", "answers")


async def _schema(context: Context) -> Finding:
    async with context.engine.connect() as conn:
        current = await version.is_current(conn)
    if current:
        return good("schema", "is current")
    return bad("schema", "is not this program's", "run `outdial migrate`")


async def _upstream(context: Context) -> AsyncIterator[Finding]:
    async with context.engine.connect() as conn:
        owner = await organizations.only(conn)
    if owner is None:
        yield bad("organization", "there is none", "run `outdial up` or `outdial init`")
        return
    partners = Partners(context=context)
    try:
        client = await partners.of(owner["id"])
        before = clock.now()
        page = await client.list_organization_calls(CallQuery(page_size=1))
    except UnavailableError as error:
        remedy = "set OUTDIAL_PARTNER_BASE_URL and its credentials, or PUT /v1/partner"
        yield bad("credentials", error.message, remedy)
    except PartnerError as error:
        yield bad("credentials", _said(error), _REMEDIES.get(error.code, _CHECK_ADDRESS))
    else:
        yield good("credentials", f"accepted by {owner['partner_base_url']}")
        async for finding in _agents(context, client, owner["id"]):
            yield finding
        for finding in await _clocks(context, before, page.server_date):
            yield finding
    finally:
        await partners.aclose()


_CHECK_ADDRESS = "check the address (OUTDIAL_PARTNER_BASE_URL) and whether it can be reached"
_REMEDIES: Mapping[str, str] = {
    "unauthorized": "the key or the client's secret is wrong or expired; enter it again",
    "token_refused": "the client id or its secret is wrong; enter them again",
    "forbidden": "the credentials lack one of the scopes " + ", ".join(SCOPES),
    "rate_limited": "the upstream asks us to wait; try again in a minute",
}
_AGENT_REMEDIES: Mapping[str, str] = {
    **_REMEDIES,
    "not_found": "check the ids of its campaigns, or cancel them",
    "invalid_request": "this agent or business id can't be one: nothing is ever sent for it; "
    "cancel its campaigns and plan them with the right ids",
}


async def _agents(
    context: Context, client: PartnerClient, organization_id: UUID
) -> AsyncIterator[Finding]:
    async with context.engine.connect() as conn:
        lanes = await agents.listing(conn, organization_id=organization_id)
        dialed = await engine.rows(
            conn,
            "SELECT DISTINCT agent_id FROM campaigns WHERE organization_id = :owner "
            "AND state IN ('running', 'paused')",
            owner=organization_id,
        )
    if not lanes:
        yield good("agents", "none is used by a campaign yet")
    needed = {row["agent_id"] for row in dialed}
    for lane in lanes:
        found = await _agent(client, lane)
        yield found if lane["id"] in needed else _unneeded(found)


async def _agent(client: PartnerClient, lane: RowMapping) -> Finding:
    part = f"agent {lane['partner_agent_id']}"
    try:
        read = await client.get_voice_agent(lane["partner_business_id"], lane["partner_agent_id"])
    except PartnerError as error:
        return bad(part, _said(error), _AGENT_REMEDIES.get(error.code, _CHECK_ADDRESS))
    return _judge(part, read, lane)


def _unneeded(found: Finding) -> Finding:
    # What no campaign dials with keeps nothing from working, however wrong it is.
    if found.good:
        return found
    return good(found.part, f"{found.detail}; no running or paused campaign uses it")


def _judge(part: str, agent: VoiceAgent, lane: RowMapping) -> Finding:
    if agent.type != "OUTBOUND":
        return bad(part, f"is of type {agent.type}", "use an OUTBOUND agent")
    if not agent.deployed:
        return bad(part, "is not deployed", "deploy it in the calling platform")
    if not agent.on_duty:
        return bad(part, "is off duty", "put it on duty; its leads wait, and go on by themselves")
    if lane["paused_at"]:
        remedy = f"POST /v1/agents/{lane['id']}/resume"
        return bad(part, "is paused here", remedy)
    return good(part, "is deployed and on duty")


async def _clocks(context: Context, before: datetime, upstream: datetime | None) -> list[Finding]:
    async with context.engine.connect() as conn:
        speed = await campaign_clock.speed(conn)
        asked = time.monotonic()
        row = await engine.first(conn, "SELECT clock_timestamp() AS real, outdial_now() AS now")
        took = timedelta(seconds=time.monotonic() - asked)
    if row is None:
        return []
    machine = clock.now()
    found = [judge_clock("clock of this machine", machine - row["real"], took)]
    if speed is not None:
        found.append(good("campaign time", f"rehearsed, {speed:g} times as fast: sandbox only"))
    elif upstream is not None:
        # The header has whole seconds, and stems from some time since the request left.
        since = row["real"] - before
        found.append(judge_clock("clock of the upstream", upstream - before, since))
    return found


def judge_clock(part: str, offset: timedelta, took: timedelta) -> Finding:
    """Judges a clock against the database's.

    Args:
        part: Whose clock.
        offset: How far it is ahead.
        took: How long asking took, by which the offset may be wrong.

    Returns:
        A fault from five seconds on.
    """
    seconds = offset.total_seconds()
    detail = f"{abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} the database's"
    if abs(offset) <= _TOLERATED + took:
        return good(part, detail)
    return bad(part, detail, "set the clocks by NTP; pages and time-outs follow them")


def _said(error: PartnerError) -> str:
    return f"{error.message} ({error.code})"


def as_dict(finding: Finding) -> dict[str, Any]:
    """A finding as JSON members."""
    return asdict(finding)
