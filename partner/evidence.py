"""Keeps what an answer looked like, small and clean enough to store beside a call for good."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

BODY_CHARS: Final = 2_000
"""How much of a body is kept as evidence, in characters."""

_HEADER_CHARS: Final = 300
_HEADERS: Final = ("date", "retry-after", "content-type", "x-request-id", "server")
_SECONDS: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What came back for one request, even if it broke off half-way.

    Attributes:
        status: The HTTP status, or None when no status line arrived.
        headers: The headers of interest that were present, by lower-case name: date,
            retry-after, content-type, x-request-id, server.
        body: The first 2,000 characters of what arrived of the body. Never contains NUL (which
            PostgreSQL refuses) or the credentials that the request carried.
        elapsed_ms: Milliseconds from the start (waiting for a connection included) to the last
            byte or to the failure.
        server_date: The upstream's clock by its Date header, aware and in UTC.
    """

    status: int | None
    headers: Mapping[str, str]
    body: str
    elapsed_ms: int
    server_date: datetime | None

    def as_dict(self) -> dict[str, object]:
        """Everything as JSON types; the date as ISO 8601."""
        return {
            "status": self.status,
            "headers": dict(self.headers),
            "body": self.body,
            "elapsed_ms": self.elapsed_ms,
            "server_date": None if self.server_date is None else self.server_date.isoformat(),
        }


def make_evidence(
    *,
    status: int | None,
    headers: Mapping[str, str],
    body: bytes,
    elapsed: float,
    secrets: Iterable[str],
) -> Evidence:
    """Evidence from the raw parts of an answer.

    Args:
        status: The HTTP status, or None.
        headers: All headers of the answer, looked up by lower-case name.
        body: What arrived of the body.
        elapsed: Seconds since the request was begun.
        secrets: Texts to blot out, since error pages like to echo the request.
    """
    hidden = tuple(secrets)
    kept = {
        name: clean(blot(headers[name], hidden))[:_HEADER_CHARS]
        for name in _HEADERS
        if name in headers
    }
    # Blotted before it is cut: a secret that straddles the cut would survive in part.
    text = blot(body[: BODY_CHARS * 8].decode("utf-8", "replace"), hidden)
    return Evidence(
        status=status,
        headers=kept,
        body=clean(text)[:BODY_CHARS],
        elapsed_ms=max(0, round(elapsed * 1000)),
        server_date=http_date(headers.get("date")),
    )


def clean(text: str) -> str:
    """The text without NUL and lone surrogates, neither of which a UTF-8 database can hold."""
    return (
        text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    )


def blot(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced by ``[secret]``."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[secret]")
    return text


def http_date(text: str | None) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7) as aware UTC, or None if it can't be read."""
    if text is None:
        return None
    try:
        parsed = parsedate_to_datetime(text[:_HEADER_CHARS])
        # The "-0000" zone gives a naive time; HTTP dates are in GMT by definition.
        aware = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def retry_after(evidence: Evidence) -> float | None:
    """How long the upstream asks us to wait, in seconds, unclamped; None if it didn't say.

    A date is measured against the Date header of the same answer, never against our clock,
    which may be wrong; without a Date header it says nothing. A date in the past is 0.
    """
    text = evidence.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = http_date(text) if text else None
    if until is None or evidence.server_date is None:
        return None
    return max(0.0, (until - evidence.server_date).total_seconds())
