"""Shows calls as a list: when, what became of each, with whom, through which agent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from rich.console import Console

from outdial.upstream.listing import Column, show_list
from outdial.upstream.view import span
from partner import CallRecord, PartnerClient, Refused

COLUMNS: Final = (
    Column(name="id"),
    Column(name="started"),
    Column(name="type", spare=4),
    Column(name="status"),
    Column(name="length", right=True),
    Column(name="number"),
    Column(name="person", prose=True, spare=3),
    Column(name="agent", prose=True, spare=2),
    Column(name="ended because", spare=5),
)
"""From left to right; a narrow terminal gets fewer."""

_MOST_BUSINESSES: Final = 20


async def agent_names(client: PartnerClient, calls: Sequence[CallRecord]) -> dict[str, str]:
    """Reads what the agents of calls are called, as far as the credentials may know.

    Args:
        client: The Partner API.
        calls: Of one business or several; those of the first twenty businesses are looked up.

    Returns:
        Names by ids; agents that are gone, or can't be read, are missing.

    Raises:
        PartnerError: The upstream fails.
    """
    businesses = dict.fromkeys(call.business_id for call in calls if call.business_id)
    found: dict[str, str] = {}
    for business in list(businesses)[:_MOST_BUSINESSES]:
        try:
            found |= {
                agent.id: agent.name
                async for agent in client.iter_voice_agents(business)
                if agent.name
            }
        except Refused as error:
            if error.code not in {"forbidden", "not_found"}:
                raise
    return found


def show_calls(console: Console, calls: Sequence[CallRecord], names: Mapping[str, str]) -> None:
    """Prints calls.

    Args:
        console: Where to.
        calls: In the order in which they are shown.
        names: Of agents, by ids; one without a name is shown by its id.
    """
    years = {call.started_at.year for call in calls if call.started_at}
    rows = [_row(call, names, with_year=len(years) > 1) for call in calls]
    show_list(console, COLUMNS, rows, what="calls")


def _row(call: CallRecord, names: Mapping[str, str], *, with_year: bool) -> tuple[object, ...]:
    return (
        call.id,
        _started(call.started_at, with_year=with_year),
        call.type,
        call.status,
        span(call.duration_ms),
        call.customer_number,
        call.lead_context.name if call.lead_context else None,
        names.get(call.agent_id or "", call.agent_id),
        call.ended_reason,
    )


def _started(when: datetime | None, *, with_year: bool) -> str | None:
    if when is None:
        return None
    return f"{when:%Y-%m-%d %H:%M}Z" if with_year else f"{when:%m-%d %H:%M}Z"
