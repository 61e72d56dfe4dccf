"""Preflight: what starting a campaign would come to, and what to look at before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline import rulebook
from dialer.pipeline.explain import pace_of
from dialer.pipeline.gates import Row, calling_rules, profile_of
from dialer.rules.calling.preflight import Forecast, Kind, forecast
from dialer.rules.calling.window import CallingRules
from dialer.rules.errors import NotFoundError
from dialer.store import agents, campaigns, clock, preflight

USUAL_MINUTES = (0.3, 1.0, 2.0)
"""Minutes of a call, short, usual and long, until enough of our own have ended."""

ENOUGH_CALLS = 50


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to look at before the start."""

    code: str
    says: str
    leads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What a start would come to.

    Attributes:
        at: Campaign time.
        leads: Waiting leads.
        forecast: When they can be called.
        pace: Calls a minute that all levels allow together; None is no limit.
        minutes: Least and most minutes on the phone that the list may take.
        warnings: What to look at.
    """

    at: datetime
    leads: int
    forecast: Forecast
    pace: float | None
    minutes: tuple[float, float]
    warnings: tuple[Caution, ...]


async def look(context: Context, *, organization_id: UUID, campaign_id: UUID) -> Preflight:
    """Look before a campaign starts, or while it runs; nothing is changed.

    Raises:
        NotFoundError: there is no such campaign.
    """
    async with context.engine.connect() as conn:
        campaign = await campaigns.get(
            conn, organization_id=organization_id, campaign_id=campaign_id
        )
        if campaign is None:
            raise NotFoundError("there is no such campaign")
        book = await rulebook.of(conn, organization_id)
        found = [_kind(row, campaign) for row in await preflight.kinds(conn, campaign_id)]
        talk = await preflight.talk(conn, organization_id)
        now, pace = await clock.now(conn), await pace_of(conn, campaign)
        warned = await _of_lane(conn, campaign)
    rules = calling_rules(campaign, book)
    if rules is None:
        raise NotFoundError("the campaign's plan can't be read; save it anew")
    seen = forecast(found, rules, now, per_minute=pace)
    short, _, long = _minutes(talk)
    return Preflight(
        at=now,
        leads=sum(kind.leads for kind in found),
        forecast=seen,
        pace=pace,
        minutes=(round(seen.calls[0] * short, 1), round(seen.calls[1] * long, 1)),
        warnings=(*warned, *_of_list(seen, rules)),
    )


def _kind(row: RowMapping, campaign: Row) -> Kind:
    lead = {**row, "consent": {"given": row["consented"]}}
    try:
        profile = profile_of(lead, campaign)
    except (ValueError, KeyError):
        profile = None
    agreed = campaign["consent"] != "required" or row["consented"]
    return Kind(profile, row["leads"], row["barred"], agreed)


def _minutes(talk: RowMapping | None) -> tuple[float, float, float]:
    if talk is None or talk["calls"] < ENOUGH_CALLS:
        return USUAL_MINUTES
    return float(talk["short"]), float(talk["usual"]), float(talk["long"])


async def _of_lane(conn: AsyncConnection, campaign: RowMapping) -> list[Caution]:
    lane = await agents.lane(conn, campaign["agent_id"])
    if lane is None or lane["checked_at"] is None:
        return [Caution("agent_unread", "The agent was never read from the platform yet.")]
    if not lane["deployed"]:
        return [Caution("agent_not_deployed", "The agent is not deployed; nothing would dial.")]
    if not lane["on_duty"]:
        return [Caution("agent_off_duty", "The agent is off duty; leads wait until it is on.")]
    return []


def _of_list(seen: Forecast, rules: CallingRules) -> Iterator[Caution]:
    for code, says in (
        ("no_consent", "leads have no consent on record, and the campaign needs it"),
        ("suppressed", "leads are on the do-not-call list and will not be called"),
        ("no_common_window", "leads have no hour that is allowed everywhere they may be"),
        ("state_paused", "leads may be in a state that is paused"),
        ("gate_unreadable", "leads have a place that can't be read"),
        ("campaign_ended", "leads have no hour before the campaign's end"),
    ):
        if seen.never[code]:
            yield Caution(code, f"{seen.never[code]:,} {says}.", seen.never[code])
    last = seen.finish[1]
    if last is None:
        yield Caution("too_slow", "At this pace the list may take more than 30 days.")
    elif rules.ends_at and last > rules.ends_at:
        yield Caution("ends_too_soon", "The campaign may end before its list does.")
    if not seen.now and not seen.later:
        yield Caution("nobody", "Nobody of the list can be called.")
