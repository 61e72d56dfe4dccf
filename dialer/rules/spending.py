"""How many calls a campaign may still make: by day, in all, and by its budget.

A call counts as soon as it is claimed, unless it turned out that no phone rang. What it will
cost is known when it ends: until then it counts as `RESERVE_MINUTES` or as long as it lasts,
whichever is more, so the budget holds unless calls last longer than that.
"""

from dataclasses import dataclass
from decimal import Decimal

RESERVE_MINUTES = 5
"""Set aside for a call in progress. A call that lasts longer counts as long as it lasts."""

_NO_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a campaign may do; None is no limit.

    Attributes:
        per_day: Calls in a calendar day of the campaign's zone.
        in_all: Calls in all.
        price_per_minute: In the currency of the budget.
        budget: What all calls together may cost.
    """

    per_day: int | None = None
    in_all: int | None = None
    price_per_minute: Decimal | None = None
    budget: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a campaign has done.

    Attributes:
        today: Calls today, those in progress included.
        calls: Calls in all, those in progress included.
        minutes: Minutes that ended calls lasted.
        in_progress: Minutes that each call in progress has lasted so far.
    """

    today: int = 0
    calls: int = 0
    minutes: Decimal = Decimal(0)
    in_progress: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """How many calls may still be made.

    Attributes:
        calls: Now; at least 0.
        why: What is used up when `calls` is 0: `calls_per_day_reached`, `max_calls_reached` or
            `budget_spent`.
        final: Whether no call of today or of tomorrow can change that, short of an edit.
    """

    calls: int
    why: str | None = None
    final: bool = False


def spent(allowance: Allowance, used: Used) -> Decimal:
    """What the campaign costs so far, with what is set aside for calls in progress."""
    minutes = used.minutes + sum(
        (max(one, Decimal(RESERVE_MINUTES)) for one in used.in_progress), Decimal(0)
    )
    return minutes * (allowance.price_per_minute or Decimal(0))


def room(allowance: Allowance, used: Used) -> Room:
    """How many calls may be claimed now."""
    left = {
        "budget_spent": _affordable(allowance, used),
        "max_calls_reached": _left(allowance.in_all, used.calls),
        "calls_per_day_reached": _left(allowance.per_day, used.today),
    }
    why = min(left, key=lambda name: left[name])
    if left[why] > 0:
        return Room(left[why])
    return Room(0, why, final=why != "calls_per_day_reached" and not used.in_progress)


def _left(most: int | None, made: int) -> int:
    return _NO_LIMIT if most is None else max(most - made, 0)


def _affordable(allowance: Allowance, used: Used) -> int:
    price, budget = allowance.price_per_minute, allowance.budget
    if not price or budget is None:
        return _NO_LIMIT
    return max(int((budget - spent(allowance, used)) // (price * RESERVE_MINUTES)), 0)
