"""Sources, deliveries, keys, the do-not-call list and credentials as they come in and go out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from service.http.paging import Page
from service.shapes.leads import RowReceipt
from service.shapes.parts import Input, Instant, Secret, Sentence, View, Word

SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_\-]{0,63}$")]
FieldMapInput = dict[str, str | list[str] | None]
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_MAP: dict[str, Any] = {"phone": ["contact.phone", "contact.mobile"], "context": "answers[0].text"}


class SourcePost(Input):
    """A door for a CRM's webhooks, into one campaign."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "website-form",
                    "campaign_id": "0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b10",
                    "field_map": _MAP,
                }
            ]
        },
    )

    name: SourceName = Field(description="Part of the address: POST /v1/hooks/{name}.")
    campaign_id: UUID
    field_map: FieldMapInput = Field(
        default_factory=dict,
        description="Lead field, or attributes.NAME -> a path such as `a.b[0].c`, several to try "
        "in order, or null for never. Fields left out are found under the usual names. "
        "`stop_word` names where a won, lost or do-not-call stands, which ends the lead.",
    )


class SourcePatch(Input):
    """What changes of a source; absent (or null) parts stay."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"state": "paused"}, {"field_map": _MAP}]}
    )

    state: Literal["active", "paused"] | None = Field(
        default=None, description="A paused source stores what comes and makes no leads."
    )
    campaign_id: UUID | None = None
    field_map: FieldMapInput | None = None


class SourceView(View):
    """A door that leads come through."""

    id: UUID
    name: str
    kind: str = Field(description="`hook`, or the built-in `api` and `file`.")
    state: str
    campaign_id: UUID | None
    field_map: dict[str, Any]
    needs_attention: int | None = Field(
        default=None, description="Deliveries that need attention; in the list only."
    )
    created_at: datetime


class SourceMade(View):
    """A source just made, with the only sight of its key."""

    source: SourceView
    key: str = Field(description="Write-only: it can post to this source and nothing else.")
    hook: str = Field(description="Where to post, below this server's address.")


class SourceList(View):
    """All sources."""

    items: list[SourceView]


class DeliveryProblem(View):
    """Why a delivery needs attention."""

    code: str
    detail: str


class DeliveryReceipt(View):
    """What became of a delivery; it is stored, whatever this says."""

    delivery_id: UUID
    status: Literal["accepted", "partial", "needs_attention"]
    lead_id: UUID | None = Field(default=None, description="For a single lead that was taken.")
    leads: list[RowReceipt] = Field(description="What became of each row.")
    problem: DeliveryProblem | None = None


class DeliveryView(View):
    """A stored delivery."""

    id: UUID
    source_id: UUID
    received_at: datetime
    content_type: str | None
    dedupe_key: str | None = Field(description="The Idempotency-Key that it came with.")
    state: str
    problem: dict[str, Any]
    size: int = Field(description="Bytes of its body.")


class DeliveryDetail(DeliveryView):
    """A stored delivery with its body and what became of it."""

    body: str = Field(description="As text, at most 64 KiB of it.")
    truncated: bool
    leads: list[RowReceipt]


class DeliveryPage(Page):
    """A page of deliveries."""

    items: list[DeliveryView]


class KeyPost(Input):
    """A new API key."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "importer", "scopes": ["leads:write", "leads:read"]}]
        },
    )

    name: Word
    scopes: list[Annotated[str, StringConstraints(max_length=50)]] = Field(
        min_length=1, max_length=20, description="What it may do; see the API's documentation."
    )
    source_id: UUID | None = Field(
        default=None, description="For another write-only key of a source: leads:write alone."
    )


class KeyView(View):
    """An API key, without its secret."""

    id: UUID
    name: str
    prefix: str = Field(description="The public part: odk_PREFIX_…")
    scopes: list[str]
    source_id: UUID | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyMade(View):
    """A key just made, with the only sight of its secret."""

    id: UUID
    secret: str


class KeyList(View):
    """All keys."""

    items: list[KeyView]


class SuppressionPost(Input):
    """A number that nobody may call."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"phone": "(412) 555-0151", "reason": "asked on the phone"}]
        },
    )

    phone: Annotated[str, StringConstraints(max_length=100)] = Field(description="As typed.")
    reason: Sentence = Field(description="For people.")
    until: Instant | None = Field(default=None, description="When it lapses; absent: never.")
    campaign_id: UUID | None = Field(default=None, description="Only for this campaign.")


class SuppressionView(View):
    """An entry of the do-not-call list."""

    id: UUID
    phone: str
    reason: str
    until: datetime | None
    campaign_id: UUID | None
    created_at: datetime


class SuppressionPage(Page):
    """A page of the do-not-call list."""

    items: list[SuppressionView]


class PartnerPut(Input):
    """The Partner API's address and credentials: a static key, or a client id with its secret."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"base_url": "https://partner.example.com/api/partner/v1", "api_key": "pk_example"}
            ]
        },
    )

    base_url: Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[!-~]+$")] = (
        Field(description="https; http only on this machine.")
    )
    api_key: Secret | None = None
    client_id: Secret | None = None
    client_secret: Secret | None = None

    @model_validator(mode="after")
    def _is_sound(self) -> "PartnerPut":
        parts = urlsplit(self.base_url)
        if parts.username or (parts.scheme != "https" and parts.hostname not in _THIS_MACHINE):
            raise ValueError("base_url must be a plain https address (http only on this machine)")
        pair = (self.client_id is not None, self.client_secret is not None)
        if (self.api_key is not None) == all(pair) or any(pair) != all(pair):
            raise ValueError("send api_key, or client_id together with client_secret")
        return self


class PartnerView(View):
    """Where calls are placed; the credentials are never shown."""

    base_url: str | None
    kind: Literal["static_key", "client_credentials"] | None = Field(
        description="What kind of credentials is kept; null for none."
    )
