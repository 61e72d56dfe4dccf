"""Preflight: what starting a campaign would come to, and what to look at before."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.context import Context
from dialer.pipeline.compliance import rulebook
from dialer.pipeline.compliance.binding import Row, calling_rules, profile_of
from dialer.pipeline.reports.explain import pace_of
from dialer.rules.calling.preflight import HORIZON, Forecast, Kind, forecast
from dialer.rules.calling.registry import is_fresh
from dialer.rules.calling.window import CallingRules
from dialer.rules.errors import ConflictError, NotFoundError
from dialer.store import clock
from dialer.store.compliance import dnc
from dialer.store.dialing import agents
from dialer.store.planning import campaigns, variants
from dialer.store.reports import preflight

USUAL_MINUTES = (0.3, 1.0, 2.0)
"""Minutes of a call, short, usual and long, until enough of our own have ended."""

ENOUGH_CALLS = 50


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to look at before the start."""

    code: str
    says: str
    leads: int = 0


_STALE = Caution(
    "dnc_stale",
    "The copy of the do-not-call registry is too old, or was not declared: nobody is called.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What a start would come to.

    Attributes:
        at: Campaign time.
        leads: Waiting leads.
        forecast: When they can be called.
        pace: Calls a minute that all levels allow together; None is no limit.
        minutes: Least and most minutes on the phone that the list may take.
        cost: The same in money, by the campaign's price per minute; None without a price.
        warnings: What to look at.
    """

    at: datetime
    leads: int
    forecast: Forecast
    pace: float | None
    minutes: tuple[float, float]
    cost: tuple[Decimal, Decimal] | None
    warnings: tuple[Caution, ...]


async def look(context: Context, *, organization_id: UUID, campaign_id: UUID) -> Preflight:
    """Look before a campaign starts, or while it runs; nothing is changed.

    Raises:
        NotFoundError: there is no such campaign.
        ConflictError: its plan or the rules can't be read, so every lead of it would wait.
    """
    async with context.engine.connect() as conn:
        campaign = await campaigns.get(
            conn, organization_id=organization_id, campaign_id=campaign_id
        )
        if campaign is None:
            raise NotFoundError("there is no such campaign")
        book = await rulebook.show(conn, organization_id, None)
        registry = campaign["dnc"] != "not_needed"
        found = await preflight.kinds(conn, campaign_id, registry=registry)
        talk = await preflight.talk(conn, organization_id)
        now, pace = await clock.now(conn), await pace_of(conn, campaign)
        warned = await _of_lanes(conn, campaign)
        scrubbed_at = await dnc.scrubbed_at(conn, organization_id=organization_id)
        if registry and not is_fresh(scrubbed_at, now):
            warned.append(_STALE)
    rules = calling_rules(campaign, book)
    if rules is None:
        raise ConflictError("the campaign's plan can't be read; save it anew")
    # Tens of thousands of kinds take a second, in which other requests go on.
    seen = await asyncio.to_thread(_forecast, found, campaign, rules, now, pace)
    minutes = _range(seen.calls, _minutes(talk))
    cost = _cost(minutes, campaign["price_per_minute"])
    return Preflight(
        at=now,
        leads=sum(row["leads"] for row in found),
        forecast=seen,
        pace=pace,
        minutes=minutes,
        cost=cost,
        warnings=(
            *warned,
            *_of_list(seen, rules, now),
            *_of_money(cost, campaign["budget"]),
            *_of_caps(seen, campaign),
            *_of_size(found),
        ),
    )


def _forecast(
    found: Sequence[RowMapping],
    campaign: Row,
    rules: CallingRules,
    now: datetime,
    pace: float | None,
) -> Forecast:
    return forecast([_kind(row, campaign) for row in found], rules, now, per_minute=pace)


def _kind(row: RowMapping, campaign: Row) -> Kind:
    lead = {**row, "consent": {"given": row["consented"]}}
    try:
        profile = profile_of(lead, campaign)
    except (ValueError, KeyError):
        profile = None
    agreed = campaign["consent"] != "required" or row["consented"]
    return Kind(profile, row["leads"], row["barred"], agreed, row["listed"])


def _range(calls: tuple[int, int], each: tuple[float, float, float]) -> tuple[float, float]:
    short, _, long = each
    return round(calls[0] * short, 1), round(calls[1] * long, 1)


def _cost(minutes: tuple[float, float], price: Decimal | None) -> tuple[Decimal, Decimal] | None:
    if price is None:
        return None
    least, most = ((Decimal(str(one)) * price).quantize(Decimal("0.01")) for one in minutes)
    return least, most


def _minutes(talk: RowMapping | None) -> tuple[float, float, float]:
    if talk is None or talk["calls"] < ENOUGH_CALLS:
        return USUAL_MINUTES
    return float(talk["short"]), float(talk["usual"]), float(talk["long"])


async def _of_lanes(conn: AsyncConnection, campaign: RowMapping) -> list[Caution]:
    warned = await _of_lane(conn, campaign["agent_id"], "The agent")
    of = {"organization_id": campaign["organization_id"], "campaign_id": campaign["id"]}
    for variant in await variants.of_campaign(conn, **of):
        if variant["retired_at"] is None and variant["agent_id"] is not None:
            whose = f"The agent of the variant {variant['name']!r}"
            warned += await _of_lane(conn, variant["agent_id"], whose)
    return warned


async def _of_lane(conn: AsyncConnection, agent_id: UUID, whose: str) -> list[Caution]:
    lane = await agents.lane(conn, agent_id)
    if lane is None or lane["checked_at"] is None:
        return [Caution("agent_unread", f"{whose} was never read from the platform yet.")]
    if not lane["deployed"]:
        return [Caution("agent_not_deployed", f"{whose} is not deployed; nothing would dial.")]
    if not lane["on_duty"]:
        return [Caution("agent_off_duty", f"{whose} is off duty; leads wait until it is on.")]
    return []


def _of_list(seen: Forecast, rules: CallingRules, at: datetime) -> Iterator[Caution]:
    for code, says in (
        ("no_consent", "leads have no consent on record, and the campaign needs it"),
        ("suppressed", "leads are on the do-not-call list and will not be called"),
        ("dnc_listed", "leads are in the do-not-call registry and will not be called"),
        ("no_common_window", "leads have no hour that is allowed everywhere they may be"),
        ("state_paused", "leads may be in a state that is paused"),
        ("gate_unreadable", "leads have a place that can't be read"),
        ("campaign_ended", "leads have no hour before the campaign's end"),
    ):
        if seen.never[code]:
            yield Caution(code, f"{seen.never[code]:,} {says}.", seen.never[code])
    if not seen.now and not seen.later:
        yield Caution("nobody", "Nobody of the list can be called.")
    elif seen.finish[1] is None and rules.ends_at and rules.ends_at < at + HORIZON:
        yield Caution("ends_too_soon", "The campaign may end before its list does.")
    elif seen.finish[1] is None:
        yield Caution("too_slow", f"The list may take more than {HORIZON.days} days.")


def _of_money(cost: tuple[Decimal, Decimal] | None, budget: Decimal | None) -> Iterator[Caution]:
    if cost is not None and budget is not None and cost[1] > budget:
        says = (
            f"The list may cost up to {cost[1]:,}, the budget is {budget:,}: dialing stops at it."
        )
        yield Caution("over_budget", says)


def _of_caps(seen: Forecast, campaign: Row) -> Iterator[Caution]:
    least, most = seen.calls
    in_all, per_day = campaign["max_calls"], campaign["max_calls_per_day"]
    if in_all is not None and most > in_all:
        says = f"The list may take {most:,} calls; the campaign makes {in_all:,} at most."
        yield Caution("over_max_calls", says)
    if per_day is not None and most > per_day:
        days = f"{ceil(least / per_day):,} to {ceil(most / per_day):,} days"
        says = f"At {per_day:,} calls a day the list takes {days}, whatever the pace."
        yield Caution("over_calls_per_day", says)


def _of_size(found: Sequence[RowMapping]) -> Iterator[Caution]:
    if len(found) == preflight.MOST_KINDS:
        says = f"Only the {len(found):,} most common kinds of leads by place were looked at."
        yield Caution("partial", says)
