"""Long work: what was asked, how far it is, and which of its steps were applied."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "job",
        sa.Column("id", TEXT, nullable=False),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("kind", "arguments", "asked_by", "organisation", "state", "stage")
        ),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("error", TEXT, nullable=False),
        sa.Column("cancel", sa.SmallInteger(), nullable=False),
        sa.Column("asked_at", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("job_asked", "job", ["asked_at"])
    op.create_index("job_state", "job", ["state"])
    op.create_table(
        "job_step",
        sa.Column("job", TEXT, nullable=False),
        sa.Column("step", TEXT, nullable=False),
        sa.Column("result", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("job", "step"),
        sqlite_with_rowid=False,
    )
