"""Did the database go back? Then nothing dials until the history shows what it lost."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.rules.restore import Beat, may_dial_again, went_back

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
