"""How one request for a call ended, as whoever sent it saw it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dialer.rules.proof.answers import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one request ended.

    Attributes:
        kind: `placed`, `refused`, `unknown`, `not_sent` or `gate_closed`.
        why: The client's code, or the gate that closed.
        partner_call_id: The upstream's id, where one could be read.
        status: The HTTP status of a refusal.
        retry_after: Seconds that a refusal asks us to wait, unclamped.
        evidence: What came back, in JSON types.
        fence: What the row carries if this run armed it; None to use the claim's.
        began: When the run began, on this process's monotonic clock.
        rest: How long (campaign time) a closed gate lets the lead wait; None as its kind does.
        said: What a person reads of it beside `why`.
    """

    kind: Kind
    why: str
    partner_call_id: str | None = None
    status: int | None = None
    retry_after: float | None = None
    evidence: Mapping[str, object] | None = None
    fence: int | None = None
    began: float = 0.0
    rest: timedelta | None = None
    said: str | None = None
