"""The log, what follows from it, and the operational state."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and the one row that is the head of the log."""
    op.create_table(
        "binding",
        sa.Column("system", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("uid", TEXT, nullable=False),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("given", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("last_seen", TEXT, nullable=False),
        sa.Column("missing_since", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("system", "kind", "key"),
    )
    op.create_index("ix_binding_uid", "binding", ["uid"], unique=False)
    op.create_table(
        "edge",
        sa.Column("target", TEXT, nullable=False),
        sa.Column("rv", POSITION, nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("target", "rv", "field"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("rv", POSITION, autoincrement=False, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("recorded_at", TEXT, nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("uid", TEXT, nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("valid_until", TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("rv"),
    )
    op.create_index("entry_uid", "entry", ["uid", "rv"], unique=False)
    op.create_table(
        "facet",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("lifecycle", TEXT, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "former_ref",
        sa.Column("ref", TEXT, nullable=False),
        sa.Column("uid", TEXT, nullable=False),
        sa.Column("until", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("ix_former_ref_uid", "former_ref", ["uid"], unique=False)
    op.create_table(
        "log_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", POSITION, nullable=False),
        sa.Column("recorded_at", TEXT, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("indexed", POSITION, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "principal",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("roles", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "record",
        sa.Column("uid", TEXT, nullable=False),
        sa.Column("ref", TEXT, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rv", POSITION, nullable=False),
        sa.PrimaryKeyConstraint("uid"),
        sa.UniqueConstraint("ref"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review",
        sa.Column("system", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("asked_at", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("system", "kind", "key"),
    )
    op.create_table(
        "segment",
        sa.Column("rv", POSITION, nullable=False),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("valid_until", TEXT, nullable=False),
        sa.Column("facet", sa.BigInteger(), nullable=False),
        sa.Column("uid", TEXT, nullable=False),
        sa.Column("ref", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("lifecycle", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("rv", "valid_from"),
        sqlite_with_rowid=False,
    )
    op.create_index("segment_facet", "segment", ["facet", "valid_from", "valid_until"], unique=False)
    op.create_index(
        "segment_owner", "segment", ["owner", "ref", "valid_from", "valid_until", "level", "rv"], unique=False
    )
    op.create_index(
        "segment_ref",
        "segment",
        ["ref", "valid_from", "valid_until", "level", "owner", "rv", "source", "lifecycle"],
        unique=False,
    )
    op.create_index("segment_uid", "segment", ["uid"], unique=False)
    op.create_table(
        "token",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("principal", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("expires_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )

    op.execute("INSERT INTO log_head (id, size, recorded_at, epoch, indexed) VALUES (1, 0, '', 1, 0)")
