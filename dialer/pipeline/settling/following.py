"""What an ended call means, by the organization's table, and what follows of it for the lead."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.pipeline.compliance import rulebook as rulebooks
from dialer.pipeline.compliance.binding import Row, calling_rules, profile_of
from dialer.pipeline.settling.timeline import tell
from dialer.rules import rulebook
from dialer.rules.calling.day_parts import Part
from dialer.rules.calling.stop_word import StopWord
from dialer.rules.calling.window import next_opening
from dialer.rules.lead import LeadState, Urgency
from dialer.rules.outcomes.cadence import Cadence
from dialer.rules.outcomes.meaning import Ended, Reading
from dialer.rules.outcomes.outcome import OPTED_OUT
from dialer.rules.outcomes.retry import CallAgain, Finish, Opening, Tried, plan
from dialer.rules.rulebook import Rulebook
from dialer.store.compliance import suppressions
from dialer.store.dialing import calls
from dialer.store.intake import leads
from dialer.store.planning import campaigns

FAULTS_THAT_PARK = 3
FAULT_RETRY = timedelta(hours=1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """An ended call with what it is understood by."""

    reading: Reading
    book: Rulebook
    lead: Row | None
    campaign: Row

    @property
    def zones(self) -> tuple[str, ...]:
        """Where the lead may be; nothing where that can't be read."""
        return _zones(self.lead, self.campaign)


async def read(conn: AsyncConnection, call: RowMapping, seen: Mapping[str, Any]) -> Ending:
    """What an ended call means.

    Args:
        conn: Any connection.
        call: Its row.
        seen: What the history shows of it, by the names of our columns.
    """
    book = await _book(conn, call)
    row = await leads.of_call(conn, call["lead_id"])
    campaign = {**(row or {}), "id": call["campaign_id"]}
    campaign["consent"] = campaign.get("campaign_consent")
    zones = _zones(row, campaign)
    ended = Ended(
        status=str(seen["partner_status"]),
        ended_reason=seen["ended_reason"],
        duration_ms=seen["duration_ms"],
        transcript=seen["transcript"],
        structured_data=seen["structured_data"],
        ended_at=seen["ended_at"],
        zone=zones[0] if len(zones) == 1 else None,
    )
    # A long transcript takes milliseconds to be listened to, and slots are to the second.
    reading = await asyncio.to_thread(book.outcomes.resolve, ended)
    return Ending(reading, book, row, campaign)


async def follow(conn: AsyncConnection, call: RowMapping, ending: Ending) -> None:
    """Move the lead of a call that has ended to where it belongs now."""
    outcome = ending.reading.outcome
    values: dict[str, object] = {"last_outcome": outcome.name}
    if ending.lead is not None and Cadence.parse(ending.lead["cadence"]).counts(outcome):
        values["attempts"] = text("leads.attempts + 1")
    if outcome.name == OPTED_OUT:
        await suppress(conn, call)
        await finish(conn, call, LeadState.SUPPRESSED, reason=outcome.name, **values)
        return
    over = await campaign_is_over(conn, call)
    word = await stop_word(conn, call)
    if word is not None:
        await finish(conn, call, word.bucket, reason=word.reason, **values)
        return
    match await _next(conn, call, ending):
        case CallAgain(at=at, why=why) if over is None:
            promised = why in ("callback", "callback_moved")
            values["urgency"] = Urgency.CALLBACK if promised else Urgency.LISTED
            moved = await leads.move(
                conn, call["lead_id"], LeadState.WAITING, due_at=at, reason=outcome.name, **values
            )
            if moved is not None:
                await tell(conn, call, "lead.waiting", why=outcome.name, due_at=at, plan=why)
        case CallAgain():
            await finish(conn, call, over or LeadState.DONE, reason=outcome.name, **values)
        case Finish(reason=reason):
            await finish(conn, call, LeadState.DONE, reason=reason, **values)


async def suppress(conn: AsyncConnection, call: RowMapping) -> None:
    """Put the number of somebody who opted out in a call on the do-not-call list."""
    await suppressions.add(
        conn,
        organization_id=call["organization_id"],
        phone=call["phone"],
        reason="opted_out_in_call",
    )
    await tell(conn, call, "number.suppressed", why="opted_out_in_call")


async def park_campaign(conn: AsyncConnection, call: RowMapping, *, reason: str) -> None:
    """Stop a campaign until a person resumes it."""
    if await campaigns.park(conn, call["campaign_id"], reason=reason):
        await tell(conn, call, "campaign.parked", why=reason)


async def finish(
    conn: AsyncConnection, call: RowMapping, to: LeadState, *, reason: str, **values: object
) -> None:
    """Move a call's lead into its last bucket."""
    moved = await leads.move(conn, call["lead_id"], to, reason=reason, **values)
    if moved is not None:
        await tell(conn, call, f"lead.{to.value}", why=reason)


async def campaign_is_over(conn: AsyncConnection, call: RowMapping) -> LeadState | None:
    """The bucket of leads whose campaign has ended; None while it goes on. Locks it."""
    match await campaigns.held_state(conn, call["campaign_id"]):
        case "cancelled":
            return LeadState.CANCELLED
        case "completed":
            return LeadState.EXPIRED
        case _:
            return None


async def stop_word(conn: AsyncConnection, call: RowMapping) -> StopWord | None:
    """What the CRM has said of a call's lead; None for nothing. Locks it: a word waits."""
    given = await leads.held_stop_word(conn, call["lead_id"])
    try:
        return StopWord(given) if given else None
    except ValueError:
        # The claim reads it again, and is shut by it.
        log.exception("stop_word_unreadable", lead_id=str(call["lead_id"]))
        return None


async def _next(conn: AsyncConnection, call: RowMapping, ending: Ending) -> CallAgain | Finish:
    # The upstream's clock may say anything; what follows is planned from a time that can be.
    ended_at: datetime = min(
        max(call["ended_at"] or call["finished_at"], call["armed_at"] or call["claimed_at"]),
        call["finished_at"],
    )
    outcome = ending.reading.outcome
    if outcome.scope == "campaign" and not outcome.retryable:
        # The fault lies in the set-up, not in the lead: finishing leads for it would lose them.
        count = await campaigns.count_fault(conn, call["campaign_id"], reset=False)
        if count >= FAULTS_THAT_PARK:
            await park_campaign(conn, call, reason=outcome.name)
        return CallAgain(ended_at + FAULT_RETRY)
    await campaigns.count_fault(conn, call["campaign_id"], reset=True)
    if ending.lead is None:
        return Finish(outcome.name)
    made = await calls.tried(conn, lead_id=call["lead_id"], last=call["id"])
    return plan(
        Cadence.parse(ending.lead["cadence"]),
        reading_outcome=outcome,
        callback_at=ending.reading.callback_at,
        tried=[Tried(one["at"], one["outcome"], one["counted"]) for one in made],
        ended_at=ended_at,
        zones=ending.zones,
        opening=_opening(ending),
    )


def _opening(ending: Ending) -> Opening:
    """The next lawful instant for a lead; where that can't be read, the gate will say so."""
    rules = calling_rules(ending.campaign, ending.book)

    def opening(after: datetime, part: Part | None) -> datetime | None:
        if rules is None or ending.lead is None or not ending.zones:
            return after
        profile = profile_of(ending.lead, ending.campaign)
        return next_opening(rules, profile, after, part)

    return opening


def _zones(lead: Row | None, campaign: Row) -> tuple[str, ...]:
    if lead is None:
        return ()
    try:
        return profile_of(lead, campaign).zones
    except (ValueError, KeyError):
        return ()


async def _book(conn: AsyncConnection, call: RowMapping) -> Rulebook:
    try:
        return await rulebooks.of(conn, call["organization_id"])
    except ValueError:
        # An end is kept whatever became of the rules; the gates are shut meanwhile.
        log.exception("rules_unreadable", organization_id=str(call["organization_id"]))
        return rulebook.shipped()
