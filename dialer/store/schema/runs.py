"""What a campaign is split and repeated by: variants, segments, schedules, runs; what it spent."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from dialer.store.columns import instant, key, members, organization, ref, whole, words
from dialer.store.schema.base import metadata

variants = Table(
    "variants",
    metadata,
    key(),
    organization(),
    ref("campaign_id", "campaigns"),
    words("name", required=True),
    Column("weight", SmallInteger(), nullable=False, server_default=text("1")),
    ref("agent_id", "agents", required=False),
    words("context_template"),
    words("additional_info_template"),
    instant("retired_at"),
    instant("created_at", now=True),
    UniqueConstraint("campaign_id", "name"),
    Index(None, "agent_id"),
    comment="One way of calling among those that a campaign compares; a lead keeps its own.",
)

segments = Table(
    "segments",
    metadata,
    key(),
    organization(),
    words("name", required=True),
    members("filter"),
    instant("created_at", now=True),
    UniqueConstraint("organization_id", "name"),
    comment="A saved choice among the organization's leads, read anew whenever it is used.",
)

schedules = Table(
    "schedules",
    metadata,
    key(),
    organization(),
    words("name", required=True),
    ref("campaign_id", "campaigns"),
    ref("segment_id", "segments"),
    members("rule"),
    Column("blackout_dates", JSONB(), nullable=False, server_default=text("'[]'::jsonb")),
    words("state", default="active"),
    words("problem"),
    instant("next_run_at"),
    instant("last_run_at"),
    instant("created_at", now=True),
    UniqueConstraint("organization_id", "name"),
    CheckConstraint("state IN ('active', 'paused')", name="state"),
    Index("ix_schedules_due", "next_run_at", postgresql_where=text("state = 'active'")),
    comment="A campaign that is run again and again, with whoever is in a segment by then.",
)

runs = Table(
    "runs",
    metadata,
    key(),
    organization(),
    ref("campaign_id", "campaigns"),
    ref("parent_id", "campaigns"),
    ref("schedule_id", "schedules", required=False),
    words("kind", required=True),
    instant("occurrence"),
    members("filter"),
    words("state", default="filling"),
    words("problem"),
    Column("cursor", Uuid()),
    whole("taken", default=0),
    Column("start", Boolean(), nullable=False, server_default=text("false")),
    instant("created_at", now=True),
    instant("filled_at"),
    UniqueConstraint("campaign_id"),
    UniqueConstraint("schedule_id", "occurrence"),
    CheckConstraint("kind IN ('redial', 'schedule')", name="kind"),
    CheckConstraint("state IN ('filling', 'filled')", name="state"),
    Index("ix_runs_filling", "id", postgresql_where=text("state = 'filling'")),
    comment="A campaign made of another one's leads: copied batch by batch, each once.",
)

tallies = Table(
    "tallies",
    metadata,
    Column("campaign_id", Uuid(), ForeignKey("campaigns.id"), primary_key=True),
    organization(),
    instant("through", required=True),
    Column("calls", BigInteger(), nullable=False, server_default=text("0")),
    Column("talk_ms", BigInteger(), nullable=False, server_default=text("0")),
    comment="What a campaign's calls up to an instant come to, so that they aren't added up anew.",
)
