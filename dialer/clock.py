"""The only module that reads this machine's clocks.

Rows carry the database's time (`outdial_now()`); these readings serve durations, identifiers
and tokens, never a comparison with a row.
"""

import os
import time
from uuid import UUID

_RANDOM_BITS = 74


def monotonic() -> float:
    """Seconds on a clock that never goes back; only differences mean anything."""
    return time.monotonic()


def wall() -> float:
    """Seconds since 1970 by this machine's clock, which may be wrong or jump."""
    return time.time()


def new_id() -> UUID:
    """A time-ordered random identifier (UUID version 7, RFC 9562 section 5.7)."""
    random = int.from_bytes(os.urandom(10)) & ((1 << _RANDOM_BITS) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    value = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low
    return UUID(int=value)
