"""Dates that may be anything, and secrets at the edge of what is kept."""

from datetime import UTC, datetime

import pytest

from partner.evidence import Evidence, clean, http_date, make_evidence, retry_after


def _evidence(headers: dict[str, str], body: bytes = b"", secret: str = "") -> Evidence:
    return make_evidence(status=429, headers=headers, body=body, elapsed=1.2344, secrets=(secret,))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 15 Jan 2024 10:00:00 GMT", datetime(2024, 1, 15, 10, tzinfo=UTC)),
        ("Mon, 15 Jan 2024 10:00:00 -0000", datetime(2024, 1, 15, 10, tzinfo=UTC)),
        ("Mon, 15 Jan 2024 12:00:00 +0200", datetime(2024, 1, 15, 10, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 -0800", None),
        ("Mon, 99 Jan 2024 10:00:00 GMT", None),
        ("2024-01-15T10:00:00Z", None),
        ("x" * 100_000, None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_read_or_left_alone(text: str | None, moment: datetime | None) -> None:
    assert http_date(text) == moment


def test_a_date_to_wait_for_means_nothing_without_the_upstreams_own_clock() -> None:
    assert retry_after(_evidence({"retry-after": "Mon, 15 Jan 2024 10:00:00 GMT"})) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(" 7 ", 7.0), ("1.5", 1.5), ("9" * 10, None), ("9" * 5_000, None), ("٣", None), ("", None)],
)
def test_seconds_to_wait(text: str, seconds: float | None) -> None:
    assert retry_after(_evidence({"retry-after": text})) == seconds


def test_no_header_means_no_wait() -> None:
    assert retry_after(_evidence({})) is None


def test_a_secret_across_the_cut_leaves_no_part_of_itself() -> None:
    kept = _evidence({}, body=b"x" * 1_990 + b"secret-value" + b"y" * 100, secret="secret-value")
    assert kept.body == "x" * 1_990 + "[secret]yy"


def test_evidence_is_rounded_and_plain() -> None:
    assert _evidence({"server": "a", "set-cookie": "b"}).as_dict() == {
        "status": 429,
        "headers": {"server": "a"},
        "body": "",
        "elapsed_ms": 1234,
        "server_date": None,
    }


def test_text_is_cleaned_of_what_utf_8_databases_refuse() -> None:
    assert (
        clean("a\0b\ud800c\N{GRINNING FACE}") == "a\N{REPLACEMENT CHARACTER}b?c\N{GRINNING FACE}"
    )
