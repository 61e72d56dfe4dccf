"""Standing: what keeps an organization's phones from ringing, in words, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from dialer.rules.proof.absence import lag_of
from dialer.rules.proof.restore import WAITS, Waits, ends_at, waits_for
from dialer.store.reconciling import history, refusals
from dialer.store.reports import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """The time after a restore in which nothing dials; it ends by itself.

    Attributes:
        since: When the restore was noticed.
        looked_from: From when on lost calls are looked for.
        ends_at: The earliest instant at which it may end.
        waits_for: What it waits for.
        says: The same in a sentence.
        problem: Why the last look came to nothing; None: it didn't.
    """

    since: datetime
    looked_from: datetime
    ends_at: datetime
    waits_for: Waits
    says: str
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An organization at one instant.

    Attributes:
        at: Campaign time.
        quarantine: None where there is none.
        paused_at: Since when the organization is paused.
        parked_reason: Why nothing dials for a while; None where nothing is parked.
        parked_until: How long at least; from then on one call may try.
        disbelieved: Answers that are no longer taken for refusals, with the call that showed it.
        unknown_calls: Calls that may or may not have rung, and are looked for.
        unknown_since: When the oldest of them was armed.
        held_calls: Calls that wait for a person, held and stale.
        mistaken_leads: Leads that are held for an id that the upstream doesn't know.
        parked_agents: Agents that can't dial.
        parked_campaigns: Campaigns that wait to be resumed.
    """

    at: datetime
    quarantine: Quarantine | None
    paused_at: datetime | None
    parked_reason: str | None
    parked_until: datetime | None
    disbelieved: Sequence[Mapping[str, Any]]
    unknown_calls: int
    unknown_since: datetime | None
    held_calls: int
    mistaken_leads: int
    parked_agents: int
    parked_campaigns: int

    @property
    def dials(self) -> bool:
        """Whether a phone may ring at all, as far as the whole organization goes."""
        resting = self.parked_until is not None and self.parked_until > self.at
        return self.quarantine is None and self.paused_at is None and not resting


async def read(conn: AsyncConnection, *, organization_id: UUID) -> Standing:
    """What stands in an organization's way now.

    Raises:
        LookupError: there is no such organization.
    """
    row = await standing.of(conn, organization_id=organization_id)
    if row is None:
        raise LookupError("there is no such organization")
    disbelieved = await refusals.disbelieved(conn, organization_id=organization_id)
    return Standing(
        at=row["now"],
        quarantine=await _quarantine(conn, organization_id, row),
        paused_at=row["paused_at"],
        parked_reason=row["parked_reason"],
        parked_until=row["parked_until"],
        disbelieved=[dict(one) for one in disbelieved],
        unknown_calls=row["unknown"],
        unknown_since=row["oldest"],
        held_calls=row["held"],
        mistaken_leads=row["mistaken"],
        parked_agents=row["parked_agents"],
        parked_campaigns=row["parked_campaigns"],
    )


async def _quarantine(
    conn: AsyncConnection, organization_id: UUID, row: RowMapping
) -> Quarantine | None:
    if row["restored_at"] is None:
        return None
    lag = lag_of(*await history.lag(conn, organization_id=organization_id))
    waits = waits_for(
        now=row["now"],
        restored_at=row["restored_at"],
        looked_at=row["recovered_at"],
        lag=lag,
        connected=row["connected"],
    )
    return Quarantine(
        since=row["restored_at"],
        looked_from=row["restored_from"],
        ends_at=ends_at(restored_at=row["restored_at"], lag=lag),
        waits_for=waits,
        says=WAITS[waits],
        problem=row["recovery_problem"],
    )
