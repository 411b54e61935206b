"""What people answered about columns, how far the intake of a very large file is, and what is yet to be indexed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "mapping_answer",
        sa.Column("system", TEXT, nullable=False),
        sa.Column("source_column", TEXT, nullable=False),
        sa.Column("setting", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("answered_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("system", "source_column", "setting", "value"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "intake",
        sa.Column("system", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("system"),
    )
    op.create_table(
        "unindexed",
        sa.Column("rv", POSITION, autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rv"),
    )
