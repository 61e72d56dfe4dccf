"""Tells the commands what time it is on this machine."""

from datetime import UTC, datetime

from dialer import clock


def now() -> datetime:
    """The present by this machine's clock, in UTC; `outdial doctor` says how wrong it is."""
    return datetime.fromtimestamp(clock.wall(), UTC)
