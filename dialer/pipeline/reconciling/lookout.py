"""Lookout: read as much of the history as the open calls need, and say when to read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.pipeline.reconciling import history
from dialer.pipeline.reconciling.history import Fetch, Log, Reading
from dialer.rules.call import CallState
from dialer.rules.proof import reading as rules
from dialer.rules.proof.reading import Traffic
from dialer.store.dialing import pacers
from dialer.store.reconciling import history as history_store
from partner import PartnerClient

EARLIER = timedelta(seconds=60)
DISTRUST = timedelta(hours=1)
"""A list that came in another order than the one asked for isn't read as a log for so long."""

MOST_PAGES = 100
IN_DOUBT = (CallState.UNKNOWN, CallState.HELD)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was read.

    Attributes:
        fetch: Reads further pages of the same list.
        reading: The calls.
        since: From when on every outbound call is shown; None where only some are.
        rest: Campaign time until the next reading is due.
        usual: The shortest such time.
        skew: How far the upstream's clock may be off.
    """

    fetch: Fetch
    reading: Reading
    since: datetime | None
    rest: timedelta
    usual: timedelta
    skew: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What decides how to read.

    Attributes:
        known: The row of the history.
        start: From when on the listed calls started.
        traffic: What is in the history since then.
        ended: Calls of ours since then whose end is known.
        scope: Whose list it is.
    """

    known: RowMapping
    start: datetime
    traffic: Traffic
    ended: int
    scope: str

    @property
    def usual(self) -> timedelta:
        """The shortest time between two readings."""
        usual: timedelta = self.known["usual"]
        return usual


async def look(
    context: Context,
    client: PartnerClient,
    organization_id: UUID,
    open_calls: Sequence[RowMapping],
) -> Look:
    """Read the list for the open calls that it should show; no request where there is none.

    Raises:
        PartnerError: The history could not be read.
    """
    listed = [call for call in open_calls if _is_listed(call)]
    businesses = sorted({call["partner_business_id"] for call in open_calls})
    fetch = history.fetcher(client, businesses)
    view = await _view(context, organization_id, listed, businesses)
    if not listed:
        return _seen(view, fetch, Reading(), since=None, rest=view.usual)
    if rules.fits_a_page(view.traffic) or _is_distrusted(view.known):
        reading = await history.follow(fetch, start=view.start)
        if view.known["log_start"] is not None:
            await _keep(context, organization_id, None)
        rest = rules.rest(view.traffic, None, usual=view.usual)
        return _seen(view, fetch, reading, since=view.start, rest=rest)
    return await _read_log(context, fetch, organization_id, view)


def _is_listed(call: RowMapping) -> bool:
    return call["state"] != CallState.STALE and rules.is_listed_young(
        now=call["now"],
        armed_at=call["armed_at"],
        asked_at=call["asked_at"],
        in_doubt=call["state"] in IN_DOUBT,
    )


def _is_distrusted(known: RowMapping) -> bool:
    since = known["unordered_at"]
    return since is not None and bool(known["now"] - since < DISTRUST)


def _seen(
    view: _View, fetch: Fetch, reading: Reading, *, since: datetime | None, rest: timedelta
) -> Look:
    return Look(
        fetch=fetch,
        reading=reading,
        since=since,
        rest=rest,
        usual=view.usual,
        skew=timedelta(milliseconds=abs(view.known["skew_ms"])),
    )


async def _view(
    context: Context,
    organization_id: UUID,
    listed: Sequence[RowMapping],
    businesses: Sequence[str],
) -> _View:
    async with context.engine.connect() as conn:
        known = await history_store.progress(
            conn, organization_id=organization_id, seconds=context.settings.history_seconds
        )
        if known is None:
            raise LookupError("the organization has no history")
        oldest = min((call["armed_at"] for call in listed), default=known["now"])
        skew = timedelta(milliseconds=abs(known["skew_ms"]))
        start: datetime = oldest - EARLIER - skew
        span, ended, per_second = await history_store.traffic(
            conn, organization_id=organization_id, since=start
        )
        short = await pacers.is_short(conn, organization_id=organization_id)
    return _View(
        known=known,
        start=start,
        traffic=Traffic(waiting=len(listed), span=span, per_second=per_second, short=short),
        ended=ended,
        scope=history.scope_of(businesses),
    )


async def _read_log(context: Context, fetch: Fetch, organization_id: UUID, view: _View) -> Look:
    reading, place, tail = await history.read_log(
        fetch,
        _place(view),
        goes_on=lambda tail: rules.reads_on(view.traffic, tail, usual=view.usual),
    )
    if tail is None:
        log.warning("history_unordered", organization_id=str(organization_id))
        async with context.engine.begin() as conn:
            await history_store.distrust_order(conn, organization_id=organization_id)
        rest = view.usual
    else:
        await _keep(context, organization_id, place)
        rest = rules.rest(view.traffic, tail, usual=view.usual)
    return _seen(view, fetch, reading, since=None, rest=rest)


def _place(view: _View) -> Log:
    known = view.known
    begun = known["log_scope"] == view.scope and known["log_start"] is not None
    if begun and known["log_page"] <= MOST_PAGES and known["log_start"] <= view.start + EARLIER:
        return Log(view.scope, known["log_start"], known["log_page"])
    # What is known to have ended comes first in the list: those pages need no reading.
    return Log(view.scope, view.start, view.ended // rules.PAGE + 1)


async def _keep(context: Context, organization_id: UUID, place: Log | None) -> None:
    async with context.engine.begin() as conn:
        await history_store.keep_log(
            conn,
            organization_id=organization_id,
            scope=None if place is None else place.scope,
            start=None if place is None else place.start,
            page=None if place is None else place.page,
        )
