"""Counts requests by route and by how they were answered."""

from collections import Counter

UNANSWERED = "none"
HISTORY_MARK = "/calls"


class Stats:
    """Counters since the start of the process."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str]] = Counter()

    def count(self, route: str, status: str) -> None:
        """Note one request: ``GET /path/{with}/names`` and a status, or ``none``."""
        self._requests[route, status] += 1

    def requests(self) -> dict[str, dict[str, int]]:
        """How many requests, by route and status."""
        shown: dict[str, dict[str, int]] = {}
        for (route, status), number in sorted(self._requests.items()):
            shown.setdefault(route, {})[status] = number
        return shown

    def history_requests(self) -> int:
        """How many requests asked for call history, lists and single calls."""
        return sum(number for (route, _), number in self._requests.items() if _is_history(route))


def _is_history(route: str) -> bool:
    return HISTORY_MARK in route and "/sandbox/" not in route
