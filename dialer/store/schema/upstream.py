"""What is known of the upstream's history, and of this database's own past."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Table,
    Text,
    Uuid,
    text,
)

from dialer.store.columns import (
    instant,
    ref,
    whole,
    words,
)
from dialer.store.schema.base import metadata

history = Table(
    "history",
    metadata,
    Column("organization_id", Uuid(), ForeignKey("organizations.id"), primary_key=True),
    instant("polled_at"),
    instant("next_poll_at"),
    whole("skew_ms", default=0),
    instant("skew_at"),
    words("problem"),
    words("log_scope"),
    instant("log_start"),
    whole("log_page"),
    instant("unordered_at"),
    instant("refusals_at"),
    comment="How far the upstream's history has been read, an organization a row.",
)

disbelieved = Table(
    "disbelieved",
    metadata,
    Column("organization_id", Uuid(), ForeignKey("organizations.id"), primary_key=True),
    Column("answer", Text(), primary_key=True),
    ref("call_id", "calls"),
    instant("at", now=True),
    comment="Answers that counted as refusals until a call so answered was found to have rung.",
)

witness = Table(
    "witness",
    metadata,
    Column("id", Boolean(), primary_key=True, server_default=text("true")),
    Column("database_id", Uuid(), nullable=False, server_default=text("gen_random_uuid()")),
    Column("beat", BigInteger(), nullable=False, server_default=text("0")),
    words("cluster"),
    instant("at", now=True),
    CheckConstraint("id", name="one_row"),
    comment="Counts on while workers run; what is kept outside tells when it went back.",
)
