"""Queues by urgency, variants, segments, schedules, runs, budgets and the do-not-call registry."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_EMPTY = sa.text("'{}'::jsonb")
_NOW = sa.text("outdial_now()")


def upgrade() -> None:
    _create_variants()
    _create_runs()
    _create_lists()
    _extend_leads()
    _extend_calls()
    _extend_campaigns()
    op.add_column("organizations", sa.Column("dnc_scrubbed_at", sa.DateTime(timezone=True)))
    op.add_column(
        "pacers", sa.Column("share", sa.Double(), nullable=False, server_default=sa.text("0"))
    )


def _key() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), primary_key=True)


def _ref(name: str, table: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id"), nullable=nullable)


def _organization() -> sa.Column[object]:
    return _ref("organization_id", "organizations")


def _words(name: str, default: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=default is None, server_default=default)


def _name() -> sa.Column[object]:
    return sa.Column("name", sa.Text(), nullable=False)


def _instant(name: str, *, now: bool = False) -> sa.Column[object]:
    default = _NOW if now else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not now, server_default=default)


def _members(name: str) -> sa.Column[object]:
    return sa.Column(name, JSONB(), nullable=False, server_default=_EMPTY)


def _small(name: str, default: int) -> sa.Column[object]:
    shown = sa.text(str(default))
    return sa.Column(name, sa.SmallInteger(), nullable=False, server_default=shown)


def _big(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0"))


def _create_variants() -> None:
    op.create_table(
        "variants",
        _key(),
        _organization(),
        _ref("campaign_id", "campaigns"),
        _name(),
        _small("weight", 1),
        _ref("agent_id", "agents", nullable=True),
        _words("context_template"),
        _words("additional_info_template"),
        _instant("retired_at"),
        _instant("created_at", now=True),
        sa.UniqueConstraint("campaign_id", "name", name="uq_variants_campaign_id_name"),
        comment="One way of calling among those that a campaign compares; a lead keeps its own.",
    )
    op.create_index("ix_variants_agent_id", "variants", ["agent_id"])


def _create_runs() -> None:
    op.create_table(
        "segments",
        _key(),
        _organization(),
        _name(),
        _members("filter"),
        _instant("created_at", now=True),
        sa.UniqueConstraint("organization_id", "name", name="uq_segments_organization_id_name"),
        comment="A saved choice among the organization's leads, read anew whenever it is used.",
    )
    op.create_table(
        "schedules",
        _key(),
        _organization(),
        _name(),
        _ref("campaign_id", "campaigns"),
        _ref("segment_id", "segments"),
        _members("rule"),
        sa.Column(
            "blackout_dates", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")
        ),
        _words("state", "active"),
        _words("problem"),
        _instant("next_run_at"),
        _instant("last_run_at"),
        _instant("created_at", now=True),
        sa.UniqueConstraint("organization_id", "name", name="uq_schedules_organization_id_name"),
        sa.CheckConstraint("state IN ('active', 'paused')", name="state"),
        comment="A campaign that is run again and again, with whoever is in a segment by then.",
    )
    op.create_index(
        "ix_schedules_due",
        "schedules",
        ["next_run_at"],
        postgresql_where=sa.text("state = 'active'"),
    )
    op.create_table(
        "runs",
        _key(),
        _organization(),
        _ref("campaign_id", "campaigns"),
        _ref("parent_id", "campaigns"),
        _ref("schedule_id", "schedules", nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        _instant("occurrence"),
        _members("filter"),
        _words("state", "filling"),
        _words("problem"),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("start", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        _instant("created_at", now=True),
        _instant("filled_at"),
        sa.UniqueConstraint("campaign_id", name="uq_runs_campaign_id"),
        sa.UniqueConstraint("schedule_id", "occurrence", name="uq_runs_schedule_id_occurrence"),
        sa.CheckConstraint("kind IN ('redial', 'schedule')", name="kind"),
        sa.CheckConstraint("state IN ('filling', 'filled')", name="state"),
        comment="A campaign made of another one's leads: copied batch by batch, each once.",
    )
    op.create_index(
        "ix_runs_filling", "runs", ["id"], postgresql_where=sa.text("state = 'filling'")
    )


def _create_lists() -> None:
    op.create_table(
        "tallies",
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaigns.id"), primary_key=True),
        _organization(),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        _big("calls"),
        _big("talk_ms"),
        comment="What a campaign's calls up to an instant come to, so that they aren't added up "
        "anew.",
    )
    op.create_table(
        "dnc_numbers",
        sa.Column(
            "organization_id", sa.Uuid(), sa.ForeignKey("organizations.id"), primary_key=True
        ),
        sa.Column("phone", sa.Text(), primary_key=True),
        _instant("listed_at", now=True),
        comment="Numbers that the organization's do-not-call registry lists, as last scrubbed.",
    )


def _computed(name: str, kind: sa.types.TypeEngine[Any], how: str) -> sa.Column[object]:
    return sa.Column(name, kind, sa.Computed(how, persisted=True), nullable=True)


def _extend_leads() -> None:
    for column in (
        _small("urgency", 0),
        sa.Column("variant_id", sa.Uuid(), sa.ForeignKey("variants.id"), nullable=True),
        sa.Column("lane_variant_id", sa.Uuid(), nullable=True),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        _words("stop_word"),
    ):
        op.add_column("leads", column)
    op.add_column("leads", _computed("rank", sa.SmallInteger(), "-(urgency * 1000 + priority)"))
    op.add_column(
        "leads", _computed("queue_id", sa.Uuid(), "coalesce(lane_variant_id, campaign_id)")
    )
    op.drop_index("ix_leads_waiting", table_name="leads")
    op.create_index(
        "ix_leads_waiting",
        "leads",
        ["queue_id", "rank", "due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "uq_leads_origin_id",
        "leads",
        ["campaign_id", "origin_id"],
        unique=True,
        postgresql_where=sa.text("origin_id IS NOT NULL"),
    )


def _extend_calls() -> None:
    op.add_column(
        "calls", sa.Column("variant_id", sa.Uuid(), sa.ForeignKey("variants.id"), nullable=True)
    )
    op.create_index(
        "ix_calls_campaign_armed",
        "calls",
        ["campaign_id", "armed_at"],
        postgresql_where=sa.text("armed_at IS NOT NULL"),
    )


def _extend_campaigns() -> None:
    for column in (
        _words("dnc", "not_needed"),
        _words("precall_url"),
        sa.Column("precall_secret", sa.LargeBinary(), nullable=True),
        _small("weight", 1),
        sa.Column("max_calls_per_day", sa.Integer(), nullable=True),
        sa.Column("max_calls", sa.Integer(), nullable=True),
        _words("day_zone", "America/New_York"),
        sa.Column("price_per_minute", sa.Numeric(12, 4), nullable=True),
        sa.Column("budget", sa.Numeric(14, 2), nullable=True),
        sa.Column("parent_id", sa.Uuid(), sa.ForeignKey("campaigns.id"), nullable=True),
    ):
        op.add_column("campaigns", column)
    op.create_check_constraint("dnc", "campaigns", "dnc IN ('not_needed', 'required')")


def downgrade() -> None:
    op.drop_column("pacers", "share")
    op.drop_column("organizations", "dnc_scrubbed_at")
    op.drop_constraint("dnc", "campaigns", type_="check")
    for name in (
        "dnc",
        "precall_url",
        "precall_secret",
        "weight",
        "max_calls_per_day",
        "max_calls",
        "day_zone",
        "price_per_minute",
        "budget",
        "parent_id",
    ):
        op.drop_column("campaigns", name)
    op.drop_index("ix_calls_campaign_armed", table_name="calls")
    op.drop_column("calls", "variant_id")
    op.drop_index("ix_leads_waiting", table_name="leads")
    op.drop_index("uq_leads_origin_id", table_name="leads")
    for name in ("rank", "queue_id"):
        op.drop_column("leads", name)
    for name in ("urgency", "variant_id", "lane_variant_id", "origin_id", "stop_word"):
        op.drop_column("leads", name)
    op.create_index(
        "ix_leads_waiting",
        "leads",
        ["campaign_id", sa.text("priority DESC"), "due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    for table in ("dnc_numbers", "tallies", "runs", "schedules", "segments", "variants"):
        op.drop_table(table)
