"""Keeps the ring ledger: the outside witness of every phone that rang."""

from typing import Any

from sandbox.clock import VirtualClock, iso
from sandbox.journal import Lines


class RingLedger:
    """An append-only record; a ring stands in it before the answer is written.

    Args:
        clock: Stamps each ring, in virtual and in real time.
        lines: Where rings are kept; those already there are read back.
    """

    def __init__(self, *, clock: VirtualClock, lines: Lines) -> None:
        self._clock = clock
        self._lines = lines
        self._rings: list[dict[str, Any]] = list(lines.read())

    def __len__(self) -> int:
        return len(self._rings)

    @property
    def last_seq(self) -> int:
        """The number of the last ring; 0 before the first."""
        return int(self._rings[-1]["seq"]) if self._rings else 0

    def record(
        self,
        *,
        phone: str,
        business_id: str,
        agent_id: str,
        call_id: str,
        request_id: str | None,
        answered: str,
    ) -> None:
        """Write down that a phone rings now.

        Args:
            phone: Whose phone, E.164.
            business_id: On whose behalf.
            agent_id: The agent that calls.
            call_id: The call's record.
            request_id: The ``X-Request-Id`` of the request that made it ring.
            answered: The status that the request is about to be answered with, or ``none``.
        """
        ring = {
            "seq": self.last_seq + 1,
            "at": iso(self._clock.now()),
            "real": self._clock.real(),
            "phone": phone,
            "business_id": business_id,
            "agent_id": agent_id,
            "call_id": call_id,
            "request_id": request_id,
            "answered": answered,
        }
        self._lines.append(ring)
        self._rings.append(ring)

    def after(self, seq: int, limit: int) -> list[dict[str, Any]]:
        """At most ``limit`` rings numbered above ``seq``, oldest first."""
        first = max(0, seq - self.last_seq + len(self._rings))
        return self._rings[first : first + limit]

    def latest(self, count: int) -> list[dict[str, Any]]:
        """The last ``count`` rings, newest first."""
        return self._rings[: -count - 1 : -1]
