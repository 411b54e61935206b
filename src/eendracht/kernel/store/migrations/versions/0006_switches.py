"""Which wing is switched off for which organisation, or (empty) for the whole node."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "wing_off",
        sa.Column("wing", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("wing", "organisation"),
    )
