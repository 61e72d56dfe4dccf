"""How far a lane or an organization has come back since it was parked, and how often it failed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("organizations", sa.Column("ramp", sa.Integer(), nullable=True))
    for table in ("organizations", "agents"):
        op.add_column(
            table,
            sa.Column("probation_from", sa.DateTime(timezone=True), nullable=True),
        )
        op.add_column(
            table,
            sa.Column("breaker_trips", sa.Integer(), server_default=sa.text("0"), nullable=False),
        )


def downgrade() -> None:
    for table in ("agents", "organizations"):
        op.drop_column(table, "breaker_trips")
        op.drop_column(table, "probation_from")
    op.drop_column("organizations", "ramp")
