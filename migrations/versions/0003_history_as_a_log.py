"""The history read as a log, and when each call was looked for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("calls", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("history", sa.Column("log_scope", sa.Text(), nullable=True))
    op.add_column("history", sa.Column("log_start", sa.DateTime(timezone=True), nullable=True))
    op.add_column("history", sa.Column("log_page", sa.Integer(), nullable=True))
    op.add_column("history", sa.Column("unordered_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("unordered_at", "log_page", "log_start", "log_scope"):
        op.drop_column("history", name)
    for name in ("asked_at", "looked_at"):
        op.drop_column("calls", name)
