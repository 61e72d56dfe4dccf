"""What a comparison of variants shows: rates with intervals, and differences with theirs.

A rate's interval is Wilson's score interval: E. B. Wilson, "Probable inference, the law of
succession, and statistical inference", Journal of the American Statistical Association 22 (1927)
209-212. A difference's is the hybrid of two of them: R. G. Newcombe, "Interval estimation for the
difference between independent proportions: comparison of eleven methods", Statistics in Medicine
17 (1998) 873-890, method 10. Both keep close to their confidence with few calls and with rates
near 0 and 1, where the interval of the textbooks (the normal approximation) fails.

Each interval stands for itself: of twenty comparisons of equal variants, about one seems to
differ at 95 %, and more do when somebody looks again and again until one does.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted of one variant.

    Attributes:
        reached: Those that came to the goal, 0 to `tried`.
        tried: Those that could have.
    """

    reached: int
    tried: int

    def __post_init__(self) -> None:
        if not 0 <= self.reached <= self.tried:
            raise ValueError(f"{self.reached} of {self.tried} can't be")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A rate or a difference of rates, as a share (0.1 is ten in a hundred), with its interval."""

    value: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["higher", "lower", "undecided"]:
        """What a difference says; `undecided` while its interval holds 0."""
        if self.low > 0:
            return "higher"
        return "lower" if self.high < 0 else "undecided"


def rate(count: Count, *, confidence: float = CONFIDENCE) -> Estimate | None:
    """How many in a hundred, with Wilson's interval; None when nobody was tried."""
    if not count.tried:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    x, n = count.reached, count.tried
    middle = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(x * (n - x) / n + z * z / 4)
    # Exact at the ends, where rounding would leave the scale or shut out what was seen.
    low = 0.0 if x == 0 else max(0.0, middle - half)
    high = 1.0 if x == n else min(1.0, middle + half)
    return Estimate(x / n, low, high)


def difference(count: Count, base: Count, *, confidence: float = CONFIDENCE) -> Estimate | None:
    """By how much a variant's rate is above the base's, with Newcombe's hybrid score interval.

    None when nobody was tried on either side: nothing can be said.
    """
    ours, theirs = rate(count, confidence=confidence), rate(base, confidence=confidence)
    if ours is None or theirs is None:
        return None
    value = ours.value - theirs.value
    down = math.hypot(ours.value - ours.low, theirs.high - theirs.value)
    up = math.hypot(ours.high - ours.value, theirs.value - theirs.low)
    return Estimate(value, max(-1.0, value - down), min(1.0, value + up))
