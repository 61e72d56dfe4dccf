"""The comparison of a campaign's variants: what each one came to, and whether it differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from uuid import UUID

from sqlalchemy import RowMapping

from dialer.context import Context
from dialer.rules.comparing import CONFIDENCE, Count, Estimate, difference, rate
from dialer.rules.errors import Fault, InvalidInputError, NotFoundError
from dialer.rules.outcomes.outcome import OUTCOMES
from dialer.rules.outcomes.table import SUCCESSES
from dialer.store.planning import campaigns, variants

MAX_GOAL = 20
_QUOTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One variant's line.

    Attributes:
        variant: Its row.
        share: What part of the draw it has, 0 to 1; 0 once it is retired.
        leads: Leads that were drawn to it.
        called: Those of whom a call has ended: what rates are of.
        calls: Calls that rang, or may have.
        outcomes: Called leads by the outcome of their last call.
        reached: Called leads of whom some call ended with the goal.
        rate: `reached` of `called`; None while nobody was called.
        difference: By how much its rate is above the first variant's; None for the first, and
            while either has called nobody.
    """

    variant: RowMapping
    share: float
    leads: int
    called: int
    calls: int
    outcomes: Mapping[str, int]
    reached: int
    rate: Estimate | None
    difference: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A campaign's variants side by side, the oldest first.

    Attributes:
        goal: The outcomes that were counted as the goal.
        confidence: Of each interval by itself.
        results: A line for each variant, retired ones too.
        undrawn: Leads that wait for their first call and have no variant yet.
        outside: Leads that were called without a variant, and are no part of the comparison.
    """

    goal: tuple[str, ...]
    confidence: float
    results: tuple[Result, ...]
    undrawn: int
    outside: int


async def compare(
    context: Context,
    *,
    organization_id: UUID,
    campaign_id: UUID,
    goal: Sequence[str] = (),
) -> Comparison:
    """Compare a campaign's variants as they stand.

    Args:
        context: Of the process.
        organization_id: Whose campaign it is.
        campaign_id: The campaign.
        goal: Outcomes that a variant is for; none: those that mean a conversation.

    Raises:
        NotFoundError: there is no such campaign.
        InvalidInputError: an outcome has no such name.
    """
    wanted = _goal(goal)
    async with context.engine.connect() as conn:
        of = {"organization_id": organization_id, "campaign_id": campaign_id}
        if await campaigns.get(conn, **of) is None:
            raise NotFoundError("there is no such campaign")
        known = await variants.of_campaign(conn, **of)
        counts = await variants.outcomes(conn, **of, goal=wanted)
        calls = await variants.calls_made(conn, **of)
    loose = [row for row in counts if row["variant_id"] is None]
    return Comparison(
        goal=wanted,
        confidence=CONFIDENCE,
        results=_results(known, counts, calls),
        undrawn=sum(row["leads"] for row in loose if row["outcome"] is None),
        outside=sum(row["leads"] for row in loose if row["outcome"] is not None),
    )


def _goal(given: Sequence[str]) -> tuple[str, ...]:
    if len(given) > MAX_GOAL:
        raise _refusal(Fault("?goal", "too_many", f"name {MAX_GOAL} outcomes at most"))
    faults = [_unknown(name) for name in given if name not in OUTCOMES]
    if faults:
        raise _refusal(*faults)
    return tuple(sorted(set(given) or SUCCESSES))


def _refusal(*faults: Fault) -> InvalidInputError:
    return InvalidInputError(faults[0].message, faults=faults)


def _unknown(name: str) -> Fault:
    near = get_close_matches(name[:_QUOTED], sorted(OUTCOMES), 1)
    says = f"{name[:_QUOTED]!r} is no outcome; known: {', '.join(sorted(OUTCOMES))}"
    return Fault("?goal", "unknown_outcome", says, next(iter(near), None))


def _results(
    known: Sequence[RowMapping], counts: Sequence[RowMapping], calls: Mapping[UUID, int]
) -> tuple[Result, ...]:
    weights = sum(row["weight"] for row in known if row["retired_at"] is None)
    base: Count | None = None
    found = []
    for row in known:
        ours = [one for one in counts if one["variant_id"] == row["id"]]
        count = Count(sum(one["reached"] for one in ours), _called(ours))
        weight = 0 if row["retired_at"] is not None else row["weight"]
        found.append(
            Result(
                variant=row,
                share=weight / weights if weights else 0.0,
                leads=sum(one["leads"] for one in ours),
                called=count.tried,
                calls=calls.get(row["id"], 0),
                outcomes={o["outcome"]: o["leads"] for o in ours if o["outcome"] is not None},
                reached=count.reached,
                rate=rate(count),
                difference=None if base is None else difference(count, base),
            )
        )
        base = base or count
    return tuple(found)


def _called(ours: Sequence[RowMapping]) -> int:
    return sum(one["leads"] for one in ours if one["outcome"] is not None)
