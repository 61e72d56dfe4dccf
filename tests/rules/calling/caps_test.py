"""Caps of a number: rolling spans, the lower of two, and a gap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.calling.caps import DAY, WEEK, Caps, Full, full

NOW = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def _ago(*hours: float) -> list[datetime]:
    return sorted(NOW - timedelta(hours=h) for h in hours)


@pytest.mark.parametrize(
    ("caps", "rings", "found"),
    [
        (Caps(), _ago(1, 2, 3), None),
        (Caps(in_24h=3), [], None),
        (Caps(in_24h=3), _ago(1, 2), None),
        (Caps(in_24h=3), _ago(1, 2, 23), Full(NOW + HOUR, "number_cap_24h")),
        (Caps(in_24h=3), _ago(1, 2, 24), None),
        (Caps(in_24h=1), _ago(5, 20), Full(NOW + 19 * HOUR, "number_cap_24h")),
        (Caps(in_7d=2), _ago(1, 100), Full(NOW + 68 * HOUR, "number_cap_7d")),
        (Caps(in_24h=1, in_7d=2), _ago(1, 100), Full(NOW + 68 * HOUR, "number_cap_7d")),
        (Caps(gap=HOUR), _ago(0.5), Full(NOW + HOUR / 2, "number_gap")),
        (Caps(gap=HOUR), _ago(1), None),
        (Caps(gap=HOUR), [], None),
    ],
)
def test_when_a_number_may_ring_again(
    caps: Caps, rings: list[datetime], found: Full | None
) -> None:
    assert full(caps, rings, NOW) == found


def test_the_lower_of_two_caps_binds() -> None:
    caps = Caps(in_24h=3, in_7d=None, gap=MINUTE)
    assert caps.narrowed(in_24h=1, in_7d=7) == Caps(1, 7, MINUTE)
    assert caps.narrowed(in_24h=None, in_7d=None) == caps
    assert Caps().narrowed(in_24h=4, in_7d=None) == Caps(4)


@given(
    caps=st.builds(
        Caps,
        st.none() | st.integers(1, 5),
        st.none() | st.integers(1, 8),
        st.integers(0, 90).map(lambda m: timedelta(minutes=m)),
    ),
    tries=st.lists(st.integers(1, 2000), min_size=1, max_size=60),
)
def test_who_heeds_it_never_breaks_a_cap(caps: Caps, tries: list[int]) -> None:
    rings: list[datetime] = []
    now = NOW
    for minutes in tries:
        now += timedelta(minutes=minutes)
        recent = [ring for ring in rings if ring > now - WEEK]
        verdict = full(caps, recent, now)
        if verdict is not None:
            # One minute sooner some cap would be broken, and then none is.
            assert not _fits(caps, rings, verdict.until - timedelta(microseconds=1))
            now = verdict.until
        assert _fits(caps, rings, now)
        rings.append(now)


def _fits(caps: Caps, rings: list[datetime], at: datetime) -> bool:
    with_it = [*rings, at]
    day = sum(ring > at - DAY for ring in with_it)
    week = sum(ring > at - WEEK for ring in with_it)
    return (
        (caps.in_24h is None or day <= caps.in_24h)
        and (caps.in_7d is None or week <= caps.in_7d)
        and all(at - ring >= caps.gap for ring in rings)
    )
