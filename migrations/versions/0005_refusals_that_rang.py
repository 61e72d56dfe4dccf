"""Answers that counted as refusals and had rung, and which refused calls were looked for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("history", sa.Column("refusals_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_calls_refused_unseen",
        "calls",
        ["organization_id", "closed_at"],
        unique=False,
        postgresql_where=sa.text(
            "state = 'refused' AND swept_at IS NULL AND answer <> 'not_sent'"
        ),
    )
    op.create_table(
        "disbelieved",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("outdial_now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_disbelieved_call_id_calls")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_disbelieved_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "answer", name=op.f("pk_disbelieved")),
        comment="Answers that counted as refusals until a call so answered was found to have rung.",
    )


def downgrade() -> None:
    op.drop_table("disbelieved")
    op.drop_index("ix_calls_refused_unseen", table_name="calls")
    op.drop_column("history", "refusals_at")
