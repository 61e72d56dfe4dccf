"""Did the database go back in time? Then what it says of calls is old, and nothing may dial.

Source of the rule: the call protocol; docs/decisions/0014.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

Waits = Literal["credentials", "first_look", "lag", "complete_look"]
"""What a quarantine waits for before it ends by itself."""

WAITS: Mapping[Waits, str] = MappingProxyType(
    {
        "credentials": "It waits for credentials of the Partner API: without them the platform's "
        "history can't be read.",
        "first_look": "The platform's history is about to be read for calls that this copy of "
        "the database doesn't know.",
        "lag": "The platform's history was looked at once, and is read once more when every call "
        "must have appeared in it.",
        "complete_look": "The platform's history is being read, every few seconds, until a "
        "reading is complete.",
    }
)
"""Each of them in a sentence."""

BEFORE = timedelta(seconds=60)
"""How long before the restored instant calls are looked for: clocks differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """How far the counter of a database had come.

    Attributes:
        count: It only grows, at least once a second while a worker runs.
        cluster: The server's identity and its timeline when it was counted; None where unknown.
    """

    count: int
    cluster: str | None


def went_back(inside: Beat, outside: Iterable[int], *, cluster: str | None) -> bool:
    """Whether the database is an older copy, or another server's.

    Args:
        inside: What the database says.
        outside: Counts that were kept elsewhere, each after the database had committed it.
        cluster: The server's identity and timeline now; None where it can't be known.
    """
    if any(count > inside.count for count in outside):
        return True
    return None not in (inside.cluster, cluster) and inside.cluster != cluster


def may_dial_again(*, now: datetime, restored_at: datetime, lag: timedelta) -> bool:
    """Whether a complete sweep made now shows every call that was made before the restore."""
    return now >= ends_at(restored_at=restored_at, lag=lag)


def ends_at(*, restored_at: datetime, lag: timedelta) -> datetime:
    """The earliest instant at which a quarantine may end."""
    return restored_at + lag


def waits_for(
    *,
    now: datetime,
    restored_at: datetime,
    looked_at: datetime | None,
    lag: timedelta,
    connected: bool,
) -> Waits:
    """Say what a quarantine waits for.

    Args:
        now: Campaign time.
        restored_at: When the restore was noticed.
        looked_at: When the history was last looked at since; None: not yet.
        lag: How late a call appears in the list.
        connected: Whether there are credentials to read the history with.
    """
    if not connected:
        return "credentials"
    if may_dial_again(now=now, restored_at=restored_at, lag=lag):
        return "complete_look"
    return "first_look" if looked_at is None else "lag"
