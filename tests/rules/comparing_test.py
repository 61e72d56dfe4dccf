"""Rates and differences against the papers' own tables and a slow search for their bounds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.comparing import Count, Estimate, difference, rate


def _counts(most: int = 5_000) -> st.SearchStrategy[Count]:
    return st.integers(1, most).flatmap(
        lambda tried: st.builds(Count, st.integers(0, tried), st.just(tried))
    )


def _bisect(low: float, high: float, is_past: "object") -> float:
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (low, middle) if is_past(middle) else (middle, high)  # type: ignore[operator]  # a predicate
    return (low + high) / 2


def _z(confidence: float) -> float:
    """The normal quantile, found in the error function."""
    return _bisect(0.0, 10.0, lambda z: math.erf(z / math.sqrt(2)) > confidence)


def _slow_bounds(count: Count, confidence: float) -> tuple[float, float]:
    """The rates that a score test would not reject, by search: Wilson's own definition."""
    x, n, z = count.reached, count.tried, _z(confidence)
    seen = x / n

    def rejects(p: float) -> bool:
        return (seen - p) ** 2 * n > z * z * p * (1 - p)

    low = 0.0 if x == 0 else _bisect(0.0, seen, lambda p: not rejects(p))
    high = 1.0 if x == n else _bisect(seen, 1.0, rejects)
    return low, high


def _slow_difference(one: Count, base: Count, confidence: float) -> tuple[float, float]:
    p, q = one.reached / one.tried, base.reached / base.tried
    (l1, u1), (l2, u2) = _slow_bounds(one, confidence), _slow_bounds(base, confidence)
    return (
        p - q - math.sqrt((p - l1) ** 2 + (u2 - q) ** 2),
        p - q + math.sqrt((u1 - p) ** 2 + (q - l2) ** 2),
    )


def _bounds(found: Estimate | None) -> tuple[float, float]:
    assert found is not None
    return found.low, found.high


@pytest.mark.parametrize(
    ("reached", "tried", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_rates_interval_is_that_of_newcombes_table_of_single_proportions(
    reached: int, tried: int, low: float, high: float
) -> None:
    """Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    assert _bounds(rate(Count(reached, tried))) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "base", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_a_differences_interval_is_that_of_newcombes_table(
    one: tuple[int, int], base: tuple[int, int], low: float, high: float
) -> None:
    """Statistics in Medicine 17 (1998) 873-890, table II, method 10."""
    found = difference(Count(*one), Count(*base))
    assert _bounds(found) == pytest.approx((low, high), abs=5e-5)


@given(count=_counts(), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_a_rates_interval_is_what_a_search_finds(count: Count, confidence: float) -> None:
    found = rate(count, confidence=confidence)
    assert _bounds(found) == pytest.approx(_slow_bounds(count, confidence), abs=1e-9)


@given(one=_counts(), base=_counts(), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_a_differences_interval_is_what_a_search_finds(
    one: Count, base: Count, confidence: float
) -> None:
    found = difference(one, base, confidence=confidence)
    slow = _slow_difference(one, base, confidence)
    assert _bounds(found) == pytest.approx(slow, abs=1e-9)


@given(one=_counts(), base=_counts())
def test_intervals_hold_what_was_seen_and_keep_to_the_scale(one: Count, base: Count) -> None:
    for found in (rate(one), rate(base)):
        assert found is not None
        assert 0 <= found.low <= found.value <= found.high <= 1
    apart = difference(one, base)
    assert apart is not None
    assert -1 <= apart.low <= apart.value <= apart.high <= 1


@given(one=_counts(), base=_counts())
def test_a_difference_read_from_the_other_side_is_its_mirror(one: Count, base: Count) -> None:
    ours, theirs = difference(one, base), difference(base, one)
    assert ours is not None
    assert theirs is not None
    assert (ours.low, ours.high) == pytest.approx((-theirs.high, -theirs.low))
    mirrored = {"higher": "lower", "lower": "higher", "undecided": "undecided"}
    assert theirs.verdict == mirrored[ours.verdict]


@given(count=_counts(500), times=st.integers(2, 50))
def test_more_of_the_same_makes_the_interval_narrower(count: Count, times: int) -> None:
    few, many = rate(count), rate(Count(count.reached * times, count.tried * times))
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_nobody_tried_says_nothing() -> None:
    assert rate(Count(0, 0)) is None
    assert difference(Count(0, 0), Count(1, 2)) is None
    assert difference(Count(1, 2), Count(0, 0)) is None


@pytest.mark.parametrize("count", [(-1, 2), (3, 2), (1, 0)])
def test_a_count_that_can_not_be_is_refused(count: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="can't be"):
        Count(*count)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.2, "higher"),
        (-0.2, -0.01, "lower"),
        (-0.1, 0.1, "undecided"),
        (0.0, 0.1, "undecided"),
        (-0.1, 0.0, "undecided"),
    ],
)
def test_a_verdict_needs_an_interval_without_zero(low: float, high: float, verdict: str) -> None:
    assert Estimate((low + high) / 2, low, high).verdict == verdict
