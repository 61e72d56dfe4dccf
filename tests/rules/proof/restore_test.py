"""Did the database go back? Then nothing dials until the history shows what it lost."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from dialer.rules.proof.restore import (
    WAITS,
    Beat,
    Waits,
    ends_at,
    may_dial_again,
    waits_for,
    went_back,
)

NOW = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("inside", "outside", "cluster", "back"),
    [
        (Beat(count=7, cluster="1/1"), [7, 0, 6], "1/1", False),
        (Beat(count=7, cluster="1/1"), [], "1/1", False),
        (Beat(count=7, cluster="1/1"), [0, 8], "1/1", True),
        (Beat(count=7, cluster="1/1"), [7], "1/2", True),
        (Beat(count=7, cluster="1/1"), [7], "2/1", True),
        (Beat(count=7, cluster=None), [7], "1/1", False),
        (Beat(count=7, cluster="1/1"), [7], None, False),
        (Beat(count=7, cluster=None), [8], None, True),
    ],
)
def test_an_older_count_or_another_timeline_is_a_restore(
    inside: Beat, outside: list[int], cluster: str | None, back: object
) -> None:
    assert went_back(inside, outside, cluster=cluster) is back


@pytest.mark.parametrize(("minutes", "may"), [(9.99, False), (10, True)])
def test_dialing_waits_until_the_list_must_show_every_call_made_before(
    minutes: float, may: object
) -> None:
    now = NOW + timedelta(minutes=minutes)
    assert may_dial_again(now=now, restored_at=NOW, lag=timedelta(minutes=10)) is may


LAG = timedelta(minutes=10)


@pytest.mark.parametrize(
    ("minutes", "looked", "connected", "waits"),
    [
        (0, None, False, "credentials"),
        (60, 1, False, "credentials"),
        (0, None, True, "first_look"),
        (1, 1, True, "lag"),
        (9.99, 1, True, "lag"),
        (10, 1, True, "complete_look"),
        (10, None, True, "complete_look"),
    ],
)
def test_what_a_quarantine_waits_for(
    minutes: float, looked: float | None, *, connected: bool, waits: Waits
) -> None:
    found = waits_for(
        now=NOW + timedelta(minutes=minutes),
        restored_at=NOW,
        looked_at=None if looked is None else NOW + timedelta(minutes=looked),
        lag=LAG,
        connected=connected,
    )
    assert found == waits


def test_each_wait_is_a_sentence_and_the_earliest_end_is_one_lag_later() -> None:
    assert tuple(WAITS) == get_args(Waits)
    assert all(told.endswith(".") for told in WAITS.values())
    assert ends_at(restored_at=NOW, lag=LAG) == NOW + LAG
