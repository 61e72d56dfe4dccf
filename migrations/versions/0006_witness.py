"""The beat that is kept outside too, and organizations whose lost calls are looked for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "witness",
        sa.Column("id", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "database_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False
        ),
        sa.Column("beat", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("outdial_now()"),
            nullable=False,
        ),
        sa.CheckConstraint("id", name=op.f("ck_witness_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witness")),
        comment="Counts on while workers run; what is kept outside tells when it went back.",
    )
    for name in ("restored_at", "restored_from", "recovered_at"):
        op.add_column("organizations", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("recovered_at", "restored_from", "restored_at"):
        op.drop_column("organizations", name)
    op.drop_table("witness")
