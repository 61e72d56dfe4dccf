"""Duty: is the voice agent deployed and on duty? Read from the upstream, cached briefly."""

from uuid import UUID

import structlog
from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.upstream.partners import Partners
from dialer.rules.errors import UnavailableError
from dialer.store import events, organizations
from dialer.store.dialing import agents
from partner import PartnerError, Refused, VoiceAgent

ORGANIZATION_PARK_SECONDS = 300.0

_CREDENTIAL_FAULTS = {
    "unauthorized": "unauthorized",
    "token_refused": "token_refused",
    # Unlike a call's 403, this one is disproved as soon as an agent can be read.
    "forbidden": "reading_forbidden",
}

log = structlog.get_logger(__name__)


async def ready(context: Context, partners: Partners, agent_id: UUID) -> bool:
    """Whether a lane may claim now; reads the agent only when what is known has aged."""
    async with context.engine.connect() as conn:
        lane = await agents.lane(conn, agent_id, cache=context.settings.duty_cache_seconds)
    if lane is None or _is_resting(lane):
        return False
    # An organization that was parked is lifted by reading one of its agents.
    if lane["parked_reason"] is None and lane["fresh"] and not _has_rested(lane):
        return bool(lane["deployed"] and lane["on_duty"])
    if lane["parked_reason"] is not None and lane["probe_at"] > lane["now"]:
        return False
    return await check(context, partners, agent_id)


def _is_resting(lane: RowMapping) -> bool:
    breaker = lane["organization_parked"] == "breaker_open"
    return breaker and bool(lane["organization_parked_until"] > lane["now"])


def _has_rested(lane: RowMapping) -> bool:
    until = lane["organization_parked_until"]
    return lane["organization_parked"] is not None and bool(until <= lane["now"])


async def keep_warm(context: Context, partners: Partners) -> None:
    """Read the agents of running campaigns before what is known of them ages."""
    async with context.engine.connect() as conn:
        aging = await agents.aging(conn, seconds=context.settings.duty_cache_seconds * 0.6)
    for agent_id in aging:
        await check(context, partners, agent_id)


async def check(context: Context, partners: Partners, agent_id: UUID) -> bool:
    """Read an agent afresh and park or resume its lane; True when it may dial.

    An agent that can't be read is a closed gate: its lane is parked and looked at again.
    """
    async with context.engine.connect() as conn:
        lane = await agents.lane(conn, agent_id)
    if lane is None:
        return False
    try:
        client = await partners.of(lane["organization_id"])
        agent = await client.get_voice_agent(lane["partner_business_id"], lane["partner_agent_id"])
    except UnavailableError:
        await park_lane(context, lane, "no_credentials")
        return False
    except PartnerError as error:
        await _unreadable(context, lane, error)
        return False
    return await _believe(context, lane, agent)


async def park_lane(
    context: Context, lane: RowMapping, reason: str, *, seconds: float | None = None
) -> None:
    """Stop claiming for a lane; its leads wait, no attempt is spent, a probe follows."""
    wait = context.settings.probe_seconds if seconds is None else seconds
    async with context.engine.begin() as conn:
        if await agents.park(conn, lane["id"], reason=reason, seconds=wait):
            await events.append(conn, [_told(lane, "agent.parked", {"why": reason})])
            log.warning("agent_parked", agent_id=str(lane["id"]), why=reason)


async def park_organization(context: Context, organization_id: UUID, reason: str) -> None:
    """Let nothing of an organization dial until its credentials work again."""
    async with context.engine.begin() as conn:
        parked = await organizations.park(
            conn,
            organization_id=organization_id,
            reason=reason,
            seconds=ORGANIZATION_PARK_SECONDS,
        )
        if parked:
            told = events.event(
                "organization.parked", organization_id=organization_id, body={"why": reason}
            )
            await events.append(conn, [told])
            log.error("organization_parked", organization_id=str(organization_id), why=reason)


def _why_not(agent: VoiceAgent) -> str | None:
    if agent.type != "OUTBOUND":
        return "wrong_type"
    if not agent.deployed:
        return "not_deployed"
    return None if agent.on_duty else "off_duty"


async def _believe(context: Context, lane: RowMapping, agent: VoiceAgent) -> bool:
    why = _why_not(agent)
    async with context.engine.begin() as conn:
        await agents.saw(
            conn,
            lane["id"],
            name=agent.name,
            kind=agent.type,
            deployed=agent.deployed,
            on_duty=bool(agent.on_duty),
        )
        if why is None:
            if await agents.unpark(conn, lane["id"]):
                await events.append(conn, [_told(lane, "agent.resumed", {})])
            organization_id = lane["organization_id"]
            if await organizations.unpark(conn, organization_id=organization_id):
                resumed = events.event("organization.resumed", organization_id=organization_id)
                await events.append(conn, [resumed])
    if why is not None:
        await park_lane(context, lane, why)
    return why is None


async def _unreadable(context: Context, lane: RowMapping, error: PartnerError) -> None:
    if isinstance(error, Refused) and error.code in _CREDENTIAL_FAULTS:
        await park_organization(context, lane["organization_id"], _CREDENTIAL_FAULTS[error.code])
    gone = isinstance(error, Refused) and error.code == "not_found"
    await park_lane(context, lane, "agent_gone" if gone else "agent_unreadable")


def _told(lane: RowMapping, name: str, body: dict[str, object]) -> events.Values:
    return events.event(
        name, organization_id=lane["organization_id"], body={"agent_id": lane["id"], **body}
    )
