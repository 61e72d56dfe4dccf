"""The organization's copy of the do-not-call registry: loaded in parts, declared, cleared."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dialer.context import Context
from dialer.pipeline.compliance import rulebook
from dialer.rules.calling import registry
from dialer.rules.errors import ConflictError, Fault, InvalidInputError
from dialer.rules.phones import phone as phones
from dialer.store import clock, events
from dialer.store.compliance import dnc

MAX_NUMBERS = 10_000
CLEAR_BATCH = 50_000
_MAX_LENGTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of a part.

    Attributes:
        added: Numbers that are new in the copy.
        known: Numbers that stood in it, or came twice.
        rejected: Those that can't be read, by their place: the code of the reason.
    """

    added: int
    known: int
    rejected: dict[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The copy as it stands.

    Attributes:
        numbers: How many; at most 10,000,000 are counted.
        more: Whether there are more than are counted.
        scrubbed_at: From which instant it counts; None: it is not in force.
        fresh: Whether calls are made by it now.
    """

    numbers: int
    more: bool
    scrubbed_at: datetime | None
    fresh: bool

    @property
    def scrubbed_on(self) -> date | None:
        """Of which day it is."""
        return None if self.scrubbed_at is None else self.scrubbed_at.date()

    @property
    def expires_on(self) -> date | None:
        """The first day (UTC) on which it is too old."""
        return None if self.scrubbed_at is None else registry.expires_on(self.scrubbed_at)


async def load(context: Context, *, organization_id: UUID, given: Sequence[object]) -> Loaded:
    """Add numbers to the copy.

    Once this returns, no campaign that asks for the registry makes a call to them that was not
    armed before.

    Raises:
        InvalidInputError: more than 10,000 numbers, or none.
    """
    if not 0 < len(given) <= MAX_NUMBERS:
        message = f"send 1 to {MAX_NUMBERS:,} numbers; this has {len(given):,}"
        raise InvalidInputError(message, faults=(Fault("/phones", "row_count", message),))
    # Ten thousand oddly written numbers take a good part of a second.
    good, rejected = await asyncio.to_thread(_read, given)
    async with context.engine.begin() as conn:
        added = await dnc.add(conn, organization_id=organization_id, phones=set(good))
    return Loaded(added=added, known=len(good) - added, rejected=rejected)


async def declare(
    context: Context, *, organization_id: UUID, on: date, by: str | None = None
) -> Copy:
    """Say that the copy is whole, as of a day; leads that waited for it are looked at at once.

    Raises:
        InvalidInputError: the day is in the future, too old, or older than the present one.
        ConflictError: the copy has no number: nothing was loaded.
    """
    async with context.engine.begin() as conn:
        present = await dnc.hold(conn, organization_id=organization_id)
        faults = registry.faults(on, now=await clock.now(conn), present=present)
        if faults:
            raise InvalidInputError(faults[0].message, faults=faults)
        if not await dnc.any_listed(conn, organization_id=organization_id):
            raise ConflictError("the copy has no number yet: load them, and then say of which day")
        at = registry.as_instant(on)
        await dnc.declare(conn, organization_id=organization_id, at=at)
        happened = events.event(
            "registry.declared", organization_id=organization_id, body={"on": on, "by": by}
        )
        await events.append(conn, [happened])
    await rulebook.reconsider(context, organization_id=organization_id, reasons=("dnc_stale",))
    return await show(context, organization_id=organization_id)


async def clear(context: Context, *, organization_id: UUID, by: str | None = None) -> None:
    """Empty the copy for a new one.

    From its first moment until the next declaration no campaign that asks for the registry calls
    anybody.
    """
    async with context.engine.begin() as conn:
        await dnc.declare(conn, organization_id=organization_id, at=None)
        happened = events.event(
            "registry.cleared", organization_id=organization_id, body={"by": by}
        )
        await events.append(conn, [happened])
    while True:
        async with context.engine.begin() as conn:
            gone = await dnc.clear(conn, organization_id=organization_id, limit=CLEAR_BATCH)
        if gone < CLEAR_BATCH:
            return


async def show(context: Context, *, organization_id: UUID) -> Copy:
    """The copy as it stands."""
    async with context.engine.connect() as conn:
        scrubbed_at = await dnc.scrubbed_at(conn, organization_id=organization_id)
        counted = await dnc.count(conn, organization_id=organization_id)
        now = await clock.now(conn)
    return Copy(
        numbers=min(counted, dnc.MOST_COUNTED),
        more=counted > dnc.MOST_COUNTED,
        scrubbed_at=scrubbed_at,
        fresh=registry.is_fresh(scrubbed_at, now),
    )


def _read(given: Sequence[object]) -> tuple[list[str], dict[int, str]]:
    good: list[str] = []
    rejected: dict[int, str] = {}
    for place, raw in enumerate(given):
        text = _text(raw)
        if text is None:
            rejected[place] = "not_text"
            continue
        match phones.normalise(text, allow_territories=True):
            case phones.Accepted(e164=e164):
                good.append(e164)
            case phones.Rejected(code=code):
                rejected[place] = f"phone.{code}"
    return good, rejected


def _text(raw: object) -> str | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return None
    text = str(raw) if isinstance(raw, str) or abs(raw) < 10**_MAX_LENGTH else ""
    return text if len(text) <= _MAX_LENGTH else None
