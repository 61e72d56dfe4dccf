"""The do-not-call registry: for how long a copy of it may be called by.

Source: 16 CFR 310.4(b)(3)(iv) and 47 CFR 64.1200(c)(2)(i)(D): a version obtained no more than
31 days prior to the date on which the call is made. Here a copy counts from the first instant
(UTC) of the day of which it is, so it lapses up to a day sooner than the law demands.
"""

from datetime import UTC, date, datetime, time, timedelta

from dialer.rules.errors import Fault

FRESH = timedelta(days=31)
"""A copy older than this closes the gate."""

_POINTER = "/on"


def as_instant(day: date) -> datetime:
    """The instant that a copy of a day counts from."""
    return datetime.combine(day, time(), UTC)


def is_fresh(scrubbed_at: datetime | None, now: datetime) -> bool:
    """Whether calls may be made by a copy at `now`; by none at all they may not."""
    return scrubbed_at is not None and now < scrubbed_at + FRESH


def expires_on(scrubbed_at: datetime) -> date:
    """The first day (UTC) on which the copy is too old."""
    return (scrubbed_at + FRESH).date()


def faults(day: date, *, now: datetime, present: datetime | None) -> tuple[Fault, ...]:
    """Name what is wrong with declaring that the copy is of a day; empty when nothing is.

    Args:
        day: Of which the copy is said to be.
        now: Aware.
        present: What was declared before; None for nothing.
    """
    if as_instant(day) > now:
        message = f"{day} has not begun (UTC); give the day on which the copy was obtained"
        return (Fault(_POINTER, "in_the_future", message),)
    if not is_fresh(as_instant(day), now):
        message = f"a copy of {day} is older than {FRESH.days} days; load a newer one"
        return (Fault(_POINTER, "too_old", message),)
    if present is not None and as_instant(day) < present:
        message = f"the copy is of {present:%Y-%m-%d} already; clear it to load an older one"
        return (Fault(_POINTER, "older_than_present", message),)
    return ()
