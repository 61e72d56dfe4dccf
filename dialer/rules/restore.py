"""Did the database go back in time? Then what it says of calls is old, and nothing may dial.

Source of the rule: the call protocol; docs/decisions/0014.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    return now >= restored_at + lag
