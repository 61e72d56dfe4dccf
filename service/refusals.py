"""Counts the rows that were refused since this process started, by organization and code.

A refused row leaves nothing in the database, so this tally is all that a page can show of it.
"""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

_MAX_ORGANIZATIONS = 1_000


class Refusals:
    """The tally; bounded, since codes come from a closed list and organizations are capped."""

    def __init__(self) -> None:
        self._counts: dict[UUID, Counter[str]] = {}

    def add(self, organization_id: UUID, codes: Iterable[str]) -> None:
        """Count refusals."""
        if organization_id not in self._counts and len(self._counts) >= _MAX_ORGANIZATIONS:
            return
        self._counts.setdefault(organization_id, Counter()).update(codes)

    def of(self, organization_id: UUID, most: int = 20) -> dict[str, int]:
        """The organization's commonest refusals, most first."""
        return dict(self._counts.get(organization_id, Counter()).most_common(most))
