"""Reads the moments that filters are given: a date, a time with its zone, or how long ago."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from outdial.speaking.coded import CodedError
from outdial.speaking.speech import Exit

_AGO: Final = re.compile(r"(?P<count>[0-9]{1,5}) ?(?P<unit>[mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def read(text: str, *, option: str, now: datetime) -> datetime:
    """Reads one moment.

    Args:
        text: `2026-01-05` (midnight, UTC), `2026-01-05T09:30:00-05:00`, or `90m`, `2h`, `7d` ago.
        option: The option that it came by, for the message.
        now: The present.

    Returns:
        The moment, aware.

    Raises:
        CodedError: It can't be read, or has no zone.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago is not None:
            return now - timedelta(**{_UNITS[ago["unit"]]: int(ago["count"])})
        found = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError) as error:
        raise _unreadable(text, option) from error
    if _DATE.fullmatch(text.strip()):
        return found.replace(tzinfo=UTC)
    # A time without a zone is one of 24 moments: a guess would show another day's calls.
    if found.tzinfo is None:
        raise _unreadable(text, option)
    return found


def _unreadable(text: str, option: str) -> CodedError:
    return CodedError(
        f'{option} "{text}": write a date (2026-01-05, from midnight UTC), a time with its zone '
        "(2026-01-05T09:30:00-05:00), or how long ago (90m, 2h, 7d)",
        reason="usage",
        code=Exit.USAGE,
    )
