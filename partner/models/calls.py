"""What is sent to place a call and to ask for history, and what comes back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from partner.evidence import Evidence
from partner.models.base import Instant, Listed, Received, Sent, Text


class CallRequest(Sent):
    """The body of a call; fields that are None are left out.

    Attributes:
        phone_number: Whom to ring, ``+1XXXXXXXXXX``; the upstream checks it.
        name: The person's name, for the agent to use.
        lead_id: A lead in the upstream's own platform, never an id of ours; unknown ones are 404.
        context: What the agent should know; used where there is no ``lead_id``.
        additional_info: Added to the context in either case.
        image_urls: Shown to the agent once the call has started.
    """

    phone_number: Annotated[Text, Field(min_length=1, max_length=32)]
    name: Text | None = None
    lead_id: Text | None = None
    context: Text | None = None
    additional_info: Text | None = None
    image_urls: tuple[Text, ...] | None = None

    def body(self) -> bytes:
        """The request as JSON."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlaced:
    """The upstream's word that a call was placed.

    Attributes:
        call_id: Its id in the history.
        phone_number: The number rung, as the upstream states it; else the one asked for.
        status: The upstream's word, "initiated" in the guide; None where it gave none.
        evidence: The answer.
    """

    call_id: str
    phone_number: str
    status: str | None
    evidence: Evidence


class CallQuery(Sent):
    """Which calls to list.

    Attributes:
        page: From 1.
        page_size: 1 to 100.
        type: INBOUND or OUTBOUND.
        status: SCHEDULED, IN_PROGRESS, COMPLETED or FAILED.
        start: Calls that started after this moment (the guide leaves open whether inclusive).
        end: Calls that started before this moment (likewise). Both go out in whole
            milliseconds, rounded down, so that adjoining slices still adjoin.
        lead_id: A lead in the upstream's own platform.
        order_by: What to sort by. How the upstream reads it is not documented: never rely on it.
        direction: asc or desc.
        business_id: For the list of an organization only.
    """

    page: Annotated[int, Field(ge=1)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 100
    type: Literal["INBOUND", "OUTBOUND"] | None = None
    status: Literal["SCHEDULED", "IN_PROGRESS", "COMPLETED", "FAILED"] | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    lead_id: Text | None = None
    order_by: Literal["startedAt", "endedAt", "durationMs"] | None = None
    direction: Literal["asc", "desc"] | None = None
    business_id: Text | None = None

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The query, name by name, as the guide spells it."""
        given = (
            ("page", str(self.page)),
            ("page_size", str(self.page_size)),
            ("type", self.type),
            ("status", self.status),
            ("start", _iso(self.start)),
            ("end", _iso(self.end)),
            ("leadId", self.lead_id),
            ("orderBy[field]", self.order_by),
            ("orderBy[direction]", self.direction),
            ("businessId", self.business_id),
        )
        return tuple((name, value) for name, value in given if value is not None)


class LeadContext(Received):
    """What the agent was told about the person."""

    context: str | None = None
    generated_from_lead_id: str | None = None
    additional_info: str | None = None
    name: str | None = None
    image_urls: tuple[str, ...] | None = None


class CallRecord(Listed):
    """A call in the history; everything but the id may be missing.

    Attributes:
        phone_number: The agent's number, for an outbound call.
        customer_number: The person's number.
        status: SCHEDULED, IN_PROGRESS, COMPLETED, FAILED, or a word the guide doesn't know.
        ended_reason: Free text; nothing states whether a human answered.
        duration_ms: Milliseconds.
        started_at: UTC; may be missing until the call has started.
        ended_at: UTC.
    """

    business_id: str | None = None
    agent_id: str | None = None
    lead_id: str | None = None
    type: str | None = None
    phone_number: str | None = None
    customer_number: str | None = None
    status: str | None = None
    ended_reason: str | None = None
    summary: str | None = None
    transcript: str | None = None
    recording_url: str | None = None
    duration_ms: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    structured_data: dict[str, Any] | None = None
    lead_context: LeadContext | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
