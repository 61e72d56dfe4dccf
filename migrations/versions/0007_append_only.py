"""Evidence and the timeline are only added to; decided calls and old skews are kept in mind."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLES = ("events", "evidence")
_REFUSE = """
CREATE FUNCTION outdial_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$
"""


def upgrade() -> None:
    op.execute(_REFUSE)
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION outdial_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION outdial_append_only()"
        )
    op.add_column("organizations", sa.Column("recovery_problem", sa.Text(), nullable=True))
    op.add_column("history", sa.Column("skew_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("calls", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_calls_decided",
        "calls",
        ["decided_at"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_calls_decided", table_name="calls")
    op.drop_column("calls", "decided_at")
    op.drop_column("history", "skew_at")
    op.drop_column("organizations", "recovery_problem")
    for table in _TABLES:
        op.execute(f"DROP TRIGGER append_only_whole ON {table}")
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.execute("DROP FUNCTION outdial_append_only()")
