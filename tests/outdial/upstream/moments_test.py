"""Moments for filters: dates, times with a zone, and how long ago; nothing is guessed."""

from datetime import UTC, datetime

import pytest

from outdial.speaking.coded import CodedError
from outdial.speaking.speech import Exit
from outdial.upstream.moments import read

NOW = datetime(2026, 1, 5, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05", datetime(2026, 1, 5, tzinfo=UTC)),
        ("2026-01-05T09:30:00-05:00", datetime(2026, 1, 5, 14, 30, tzinfo=UTC)),
        ("2026-01-05T09:30:00Z", datetime(2026, 1, 5, 9, 30, tzinfo=UTC)),
        ("90m", datetime(2026, 1, 5, 16, 0, tzinfo=UTC)),
        ("2h", datetime(2026, 1, 5, 15, 30, tzinfo=UTC)),
        (" 7d ", datetime(2025, 12, 29, 17, 30, tzinfo=UTC)),
    ],
)
def test_what_can_be_read(text: str, moment: datetime) -> None:
    assert read(text, option="--since", now=NOW) == moment


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-01-05T09:30:00", "2026-02-30", "-2h", "2w", "99999d" * 9]
)
def test_what_is_not_guessed_at(text: str) -> None:
    with pytest.raises(CodedError, match="--until") as caught:
        read(text, option="--until", now=NOW)
    assert (caught.value.code, caught.value.reason) == (Exit.USAGE, "usage")


def test_a_time_before_the_calendar_is_told() -> None:
    with pytest.raises(CodedError):
        read("99999d", option="--since", now=datetime(2, 1, 1, tzinfo=UTC))
