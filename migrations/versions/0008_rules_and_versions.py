"""Rules over all campaigns and versions of each plan; what a call was claimed under."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_EMPTY = sa.text("'{}'::jsonb")
_NOW = sa.text("outdial_now()")
_KEPT = ("campaign_versions", "rulebooks")


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=_NOW)


def upgrade() -> None:
    op.add_column("organizations", _whole("rulebook", 0))
    _extend_campaigns()
    _extend_calls()
    op.create_table(
        "campaign_versions",
        sa.Column("campaign_id", sa.Uuid(), sa.ForeignKey("campaigns.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("organization_id", sa.Uuid(), sa.ForeignKey("organizations.id"), nullable=False),
        sa.Column("plan", JSONB(), nullable=False, server_default=_EMPTY),
        sa.Column("by", sa.Text(), nullable=True),
        _instant("at"),
        comment="What a campaign's plan was, edit by edit; a call names the version of its own.",
    )
    op.create_table(
        "rulebooks",
        sa.Column(
            "organization_id", sa.Uuid(), sa.ForeignKey("organizations.id"), primary_key=True
        ),
        sa.Column("version", sa.Integer(), primary_key=True),
        sa.Column("calling_hours", sa.Text(), nullable=True),
        sa.Column("outcomes", sa.Text(), nullable=True),
        sa.Column("limits", JSONB(), nullable=False, server_default=_EMPTY),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        _instant("at"),
        comment="An organization's rules over all campaigns, edit by edit; none: as shipped.",
    )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION outdial_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION outdial_append_only()"
        )


def _whole(name: str, default: int | None) -> sa.Column[object]:
    shown = None if default is None else sa.text(str(default))
    return sa.Column(name, sa.Integer(), nullable=default is None, server_default=shown)


def _extend_campaigns() -> None:
    for column in (
        _whole("version", 1),
        sa.Column("purpose", sa.Text(), nullable=False, server_default="ai_voice"),
        sa.Column("holidays", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("closed_dates", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("consent", sa.Text(), nullable=False, server_default="not_needed"),
        sa.Column("consent_attestation", sa.Text(), nullable=True),
        _whole("expire_after_hours", None),
    ):
        op.add_column("campaigns", column)
    op.create_check_constraint(
        "purpose", "campaigns", "purpose IN ('sales', 'ai_voice', 'debt', 'informational')"
    )
    op.create_check_constraint(
        "consent", "campaigns", "consent IN ('not_needed', 'required', 'attested')"
    )


def _extend_calls() -> None:
    for column in (
        _whole("campaign_version", 1),
        _whole("rulebook", 0),
        _whole("most_in_24h", None),
        _whole("most_in_7d", None),
        _whole("gap_seconds", 0),
        sa.Column("counted", sa.Boolean(), nullable=True),
    ):
        op.add_column("calls", column)
    op.create_index(
        "ix_calls_phone_armed",
        "calls",
        ["organization_id", "phone", "armed_at"],
        unique=False,
        postgresql_where=sa.text("armed_at IS NOT NULL"),
    )


def downgrade() -> None:
    for table in _KEPT:
        op.drop_table(table)
    op.drop_index("ix_calls_phone_armed", table_name="calls")
    for name in (
        "campaign_version",
        "rulebook",
        "most_in_24h",
        "most_in_7d",
        "gap_seconds",
        "counted",
    ):
        op.drop_column("calls", name)
    for name in ("purpose", "consent"):
        op.drop_constraint(name, "campaigns", type_="check")
    for name in (
        "version",
        "purpose",
        "holidays",
        "closed_dates",
        "consent",
        "consent_attestation",
        "expire_after_hours",
    ):
        op.drop_column("campaigns", name)
    op.drop_column("organizations", "rulebook")
