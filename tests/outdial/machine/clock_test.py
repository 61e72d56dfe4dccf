"""The machine's clock, aware and in UTC."""

from datetime import UTC, timedelta

from dialer.clock import wall
from outdial.machine.clock import now


def test_it_is_this_machines_time_in_utc() -> None:
    assert now().tzinfo is UTC
    assert abs(now().timestamp() - wall()) < timedelta(minutes=1).total_seconds()
