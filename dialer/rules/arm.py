"""May the first byte leave? The last look at both clocks after a call was armed.

Source of the rule: the call protocol, "Arm". A process can be frozen and a laptop can sleep
between the gates' transaction and the first byte; what the gates said is then out of date.
"""

from dataclasses import dataclass
from typing import Literal

from dialer.rules.pacing import LATEST

ARM_SECONDS = 3.0
"""An arm that took longer, by either clock, sends nothing: this process may have slept."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Both clocks of the sending process, read together, in seconds."""

    monotonic: float
    wall: float


def too_late(
    began: Clocks, now: Clocks, *, slot: float, paced: bool
) -> Literal["frozen", "late"] | None:
    """Say why an armed call must not be sent any more; None when it may be.

    Args:
        began: The clocks as the arm began.
        now: The clocks after its commit, immediately before the first byte.
        slot: When the call's slot begins, on the monotonic clock.
        paced: Whether a limit of calls a minute holds for the call.
    """
    if max(now.monotonic - began.monotonic, abs(now.wall - began.wall)) > ARM_SECONDS:
        return "frozen"
    if paced and now.monotonic > slot + LATEST.total_seconds():
        return "late"
    return None
