"""The tables. Migrations are the truth of a database; a test shows that both agree."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.schema import SchemaItem

from dialer.rules.call import OPEN, CallState
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
NOW = text("outdial_now()")
EMPTY = text("'{}'::jsonb")


def _id() -> Column[object]:
    return Column("id", Uuid(), primary_key=True)


def _org() -> Column[object]:
    return Column("organization_id", Uuid(), ForeignKey("organizations.id"), nullable=False)


def _ref(name: str, table: str, *, required: bool = True) -> Column[object]:
    return Column(name, Uuid(), ForeignKey(f"{table}.id"), nullable=not required)


def _at(name: str, *, required: bool = False, now: bool = False) -> Column[object]:
    return Column(
        name,
        DateTime(timezone=True),
        nullable=not (required or now),
        server_default=NOW if now else None,
    )


def _text(name: str, *, required: bool = False, default: str | None = None) -> Column[object]:
    return Column(
        name,
        Text(),
        nullable=not (required or default is not None),
        server_default=default,
    )


def _int(name: str, *, default: int | None = None) -> Column[object]:
    shown = None if default is None else text(str(default))
    return Column(name, Integer(), nullable=default is None, server_default=shown)


def _json(name: str) -> Column[object]:
    return Column(name, JSONB(none_as_null=True), nullable=False, server_default=EMPTY)


def _is_one_of(states: type[CallState | CampaignState | LeadState]) -> SchemaItem:
    listed = ", ".join(f"'{state}'" for state in states)
    return CheckConstraint(f"state IN ({listed})", name="state")


clock = Table(
    "clock",
    metadata,
    Column("id", Boolean(), primary_key=True, server_default=text("true")),
    _at("virtual_start", required=True),
    _at("real_start", required=True),
    Column("speed", Double(), nullable=False),
    CheckConstraint("id", name="one_row"),
    CheckConstraint("speed > 0", name="forward"),
    comment="Present only in a rehearsal against the sandbox: time is sped up or shifted.",
)

organizations = Table(
    "organizations",
    metadata,
    _id(),
    _text("name", required=True),
    _text("partner_base_url"),
    Column("partner_secret", LargeBinary()),
    _at("paused_at"),
    _text("parked_reason"),
    _at("parked_until"),
    _at("created_at", now=True),
)

businesses = Table(
    "businesses",
    metadata,
    _id(),
    _org(),
    _text("partner_business_id", required=True),
    _text("name", required=True),
    _at("paused_at"),
    _at("created_at", now=True),
    UniqueConstraint("organization_id", "partner_business_id"),
)

agents = Table(
    "agents",
    metadata,
    _id(),
    _org(),
    _ref("business_id", "businesses"),
    _text("partner_agent_id", required=True),
    _text("name", required=True),
    _text("kind"),
    Column("deployed", Boolean()),
    Column("on_duty", Boolean()),
    _at("checked_at"),
    _at("paused_at"),
    _text("parked_reason"),
    _at("parked_at"),
    _at("probe_at"),
    _int("ramp"),
    _at("created_at", now=True),
    UniqueConstraint("business_id", "partner_agent_id"),
    Index(None, "organization_id"),
    comment="A lane: the unit of pacing. Duty and deployment are read from the upstream.",
)

pacers = Table(
    "pacers",
    metadata,
    _id(),
    _org(),
    _text("level", required=True),
    Column("subject_id", Uuid(), nullable=False),
    _int("calls_per_minute"),
    _int("concurrency"),
    _at("next_at"),
    Column("factor", Double(), nullable=False, server_default=text("1")),
    _at("factor_at"),
    UniqueConstraint("subject_id"),
    CheckConstraint("level IN ('organization', 'business', 'agent', 'campaign')", name="level"),
)

campaigns = Table(
    "campaigns",
    metadata,
    _id(),
    _org(),
    _ref("business_id", "businesses"),
    _ref("agent_id", "agents"),
    _text("name", required=True),
    _text("state", default="draft"),
    _json("hours"),
    _at("starts_at"),
    _at("ends_at"),
    _json("cadence"),
    _text("context_template"),
    _text("additional_info_template"),
    Column("priority", SmallInteger(), nullable=False, server_default=text("0")),
    _text("absence_proof", default="strict"),
    _text("same_number", default="once"),
    Column("call_without_lead", Boolean(), nullable=False, server_default=text("true")),
    _text("parked_reason"),
    _int("unexplained_refusals", default=0),
    _at("created_at", now=True),
    _at("started_at"),
    _at("finished_at"),
    _is_one_of(CampaignState),
    CheckConstraint("absence_proof IN ('strict', 'balanced')", name="absence_proof"),
    CheckConstraint("same_number IN ('once', 'each')", name="same_number"),
    Index(None, "organization_id", "id"),
    Index(None, "agent_id", "state"),
)

sources = Table(
    "sources",
    metadata,
    _id(),
    _org(),
    _ref("campaign_id", "campaigns", required=False),
    _text("name", required=True),
    _text("kind", required=True),
    _text("state", default="active"),
    _json("field_map"),
    _at("created_at", now=True),
    UniqueConstraint("organization_id", "name"),
    CheckConstraint("kind IN ('api', 'file', 'hook')", name="kind"),
    CheckConstraint("state IN ('active', 'paused')", name="state"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _id(),
    _org(),
    _ref("source_id", "sources", required=False),
    _text("name", required=True),
    _text("prefix", required=True),
    Column("digest", LargeBinary(), nullable=False),
    Column("scopes", ARRAY(Text()), nullable=False),
    _at("created_at", now=True),
    _at("last_used_at"),
    _at("revoked_at"),
    UniqueConstraint("prefix"),
    Index(None, "organization_id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("organization_id", Uuid(), ForeignKey("organizations.id"), primary_key=True),
    Column("scope", Text(), primary_key=True),
    Column("key", Text(), primary_key=True),
    Column("request_digest", LargeBinary(), nullable=False),
    _int("status", default=0),
    _json("answer"),
    _at("created_at", now=True),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _org(),
    _ref("source_id", "sources"),
    _at("received_at", now=True),
    _text("content_type"),
    Column("body", LargeBinary(), nullable=False),
    _text("dedupe_key"),
    _text("state", required=True),
    _json("problem"),
    _json("answer"),
    CheckConstraint("state IN ('accepted', 'partial', 'needs_attention')", name="state"),
    Index(None, "organization_id", "state", "id"),
    Index(
        "uq_deliveries_source_id_dedupe_key",
        "source_id",
        "dedupe_key",
        unique=True,
        postgresql_where=text("dedupe_key IS NOT NULL"),
    ),
)

leads = Table(
    "leads",
    metadata,
    _id(),
    _org(),
    _ref("campaign_id", "campaigns"),
    _ref("source_id", "sources"),
    _text("external_id"),
    _text("phone", required=True),
    _text("raw_phone", required=True),
    _text("phone_code", required=True),
    _text("number_key"),
    _text("name"),
    _text("email"),
    _text("partner_lead_id"),
    _text("context"),
    _text("additional_info"),
    Column("image_urls", JSONB(), nullable=False, server_default=text("'[]'::jsonb")),
    _json("attributes"),
    _text("timezone"),
    _text("postal_code"),
    _text("us_state"),
    Column("priority", SmallInteger(), nullable=False, server_default=text("0")),
    _at("not_before"),
    _at("expires_at"),
    _json("consent"),
    _text("state", default="waiting"),
    _at("due_at", now=True),
    _int("attempts", default=0),
    _text("reason"),
    _text("last_outcome"),
    _at("created_at", now=True),
    _at("updated_at", now=True),
    _is_one_of(LeadState),
    Index(None, "organization_id", "id"),
    Index(None, "organization_id", "phone"),
    Index(
        "ix_leads_waiting",
        "campaign_id",
        text("priority DESC"),
        "due_at",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(None, "campaign_id", "state"),
    Index(
        "uq_leads_open_number",
        "campaign_id",
        "number_key",
        unique=True,
        postgresql_where=text("state IN ('waiting', 'calling', 'held')"),
    ),
    Index(
        "uq_leads_external_id",
        "campaign_id",
        "source_id",
        "external_id",
        unique=True,
        postgresql_where=text("external_id IS NOT NULL"),
    ),
)

_OPEN = ", ".join(f"'{state}'" for state in sorted(OPEN))

calls = Table(
    "calls",
    metadata,
    _id(),
    _org(),
    _ref("business_id", "businesses"),
    _ref("agent_id", "agents"),
    _ref("campaign_id", "campaigns"),
    _ref("lead_id", "leads"),
    _text("phone", required=True),
    _int("attempt", default=1),
    _text("state", default="claimed"),
    Column("fence", BigInteger(), nullable=False, server_default=text("1")),
    _text("worker"),
    _at("claimed_at", now=True),
    _at("place_at", required=True),
    _at("claim_expires_at", required=True),
    _at("window_until", required=True),
    Column("paced", Boolean(), nullable=False, server_default=text("false")),
    _at("armed_at"),
    _at("closed_at"),
    _text("closed_by"),
    _at("slot_until"),
    _text("answer"),
    _text("partner_call_id"),
    _at("answered_at"),
    _at("seen_at"),
    _at("swept_at"),
    _int("sweeps", default=0),
    _text("partner_status"),
    _text("outcome"),
    _text("ended_reason"),
    _text("summary"),
    _text("transcript"),
    _text("recording_url"),
    _json("structured_data"),
    Column("duration_ms", BigInteger()),
    _at("started_at"),
    _at("ended_at"),
    _at("finished_at"),
    _is_one_of(CallState),
    Index(None, "organization_id", "id"),
    Index(None, "lead_id"),
    Index(
        "uq_calls_one_open_per_number",
        "organization_id",
        "phone",
        unique=True,
        postgresql_where=text(f"state IN ({_OPEN})"),
    ),
    Index(
        "uq_calls_partner_call_id",
        "organization_id",
        "partner_call_id",
        unique=True,
        postgresql_where=text("partner_call_id IS NOT NULL"),
    ),
    Index(
        "ix_calls_unfinished",
        "agent_id",
        "state",
        postgresql_where=text("finished_at IS NULL"),
    ),
    Index("ix_calls_agent_closed", "agent_id", "closed_at"),
    comment="One attempt to reach a lead: one row, at most one ring.",
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", BigInteger(), Identity(always=True), primary_key=True),
    _org(),
    _ref("call_id", "calls"),
    _at("at", now=True),
    _text("kind", required=True),
    _json("body"),
    Index(None, "call_id"),
    comment="What the upstream answered, appended and never overwritten.",
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger(), Identity(always=True), primary_key=True),
    _org(),
    Column("campaign_id", Uuid()),
    Column("lead_id", Uuid()),
    Column("call_id", Uuid()),
    _at("at", now=True),
    _text("name", required=True),
    _json("body"),
    Index(None, "organization_id", "id"),
    Index(None, "lead_id", "id"),
    comment="The timeline: every change of a lead, a call and a campaign, in order.",
)

suppressions = Table(
    "suppressions",
    metadata,
    _id(),
    _org(),
    _ref("campaign_id", "campaigns", required=False),
    _text("phone", required=True),
    _text("reason", required=True),
    _at("until"),
    _at("created_at", now=True),
    Index(None, "organization_id", "phone"),
)

history = Table(
    "history",
    metadata,
    Column("organization_id", Uuid(), ForeignKey("organizations.id"), primary_key=True),
    _at("polled_at"),
    _at("next_poll_at"),
    _int("skew_ms", default=0),
    _text("problem"),
    comment="How far the upstream's history has been read, an organization a row.",
)
