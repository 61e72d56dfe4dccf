"""Stop with proof: pause everything, a business or a state, and say what flies yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from dialer.context import Context
from dialer.pipeline.compliance import rulebook
from dialer.pipeline.compliance.rulebook import Edit
from dialer.rules.errors import ConflictError, NotFoundError
from dialer.rules.where.zones import STATES
from dialer.store import events
from dialer.store.compliance import stops
from dialer.store.dialing import agents

Level = Literal["organization", "business"]

_TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What a pause came to.

    Attributes:
        paused: Whether the stop holds now.
        in_flight: Calls that ring, are talked on, or may be: nothing can stop them any more.
        last_ring_at: When the last phone rang, or may have; no later ring is possible.
    """

    paused: bool
    in_flight: int
    last_ring_at: datetime | None


async def set_paused(
    context: Context,
    *,
    organization_id: UUID,
    level: Level,
    subject_id: UUID,
    paused: bool,
    by: str | None,
) -> Stopped:
    """Pause or resume a whole organization or one of its businesses.

    Once this returns for a pause, no call of it that was not armed before can be. Asking for
    what it is already changes nothing.

    Raises:
        NotFoundError: there is no such business.
    """
    async with context.engine.begin() as conn:
        row = await stops.set_paused(
            conn,
            organization_id=organization_id,
            level=level,
            subject_id=subject_id,
            paused=paused,
        )
        if row is None:
            raise NotFoundError(f"there is no such {level}")
        if (row["was"] is None) == paused:
            happened = events.event(
                f"{level}.{'paused' if paused else 'unpaused'}",
                organization_id=organization_id,
                body={f"{level}_id": subject_id, "by": by, "why": "asked"},
            )
            await events.append(conn, [happened])
    # Counted after the commit: every arm that went before it is to be seen.
    async with context.engine.connect() as conn:
        found = await stops.proof(
            conn, organization_id=organization_id, level=level, subject_id=subject_id
        )
        lanes = [row["id"] for row in await agents.listing(conn, organization_id=organization_id)]
    if not paused:
        await context.wakeups.lanes(lanes)
    return Stopped(
        paused=row["paused_at"] is not None,
        in_flight=found["in_flight"],
        last_ring_at=found["last_ring_at"],
    )


async def set_state_paused(
    context: Context, *, organization_id: UUID, state: str, paused: bool, by: str | None, note: str
) -> Stopped:
    """Call nobody who may be in a state, or call there again: a new version of the rules.

    What flies is counted over all states: where a person really is, nobody knows.

    Raises:
        NotFoundError: there is no such state or territory.
        ConflictError: the rules can't be read.
    """
    code = state.upper()
    if code not in STATES:
        raise NotFoundError(f"{state[:100]!r} is the code of no US state or territory")
    await _pause_state(context, organization_id, code, paused=paused, by=by, note=note)
    async with context.engine.connect() as conn:
        found = await stops.proof(
            conn, organization_id=organization_id, level="organization", subject_id=organization_id
        )
    return Stopped(paused=paused, in_flight=found["in_flight"], last_ring_at=found["last_ring_at"])


async def _pause_state(
    context: Context, organization_id: UUID, code: str, *, paused: bool, by: str | None, note: str
) -> None:
    for left in reversed(range(_TRIES)):
        async with context.engine.connect() as conn:
            book = await rulebook.show(conn, organization_id, None)
        was = set(book.limits.paused_states)
        states = was | {code} if paused else was - {code}
        if states == was:
            return
        edit = Edit(
            limits={"paused_states": sorted(states)}, version=book.version, note=note, by=by
        )
        try:
            await rulebook.change(context, organization_id=organization_id, edit=edit)
        except ConflictError:
            # Somebody else's edit came between: a stop must not wait for a person to ask again.
            if not left:
                raise
        else:
            return
