"""Exercises: what happened in each, who takes part, and what was delivered to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "exercise",
        *_texts("id", "owner", "record", "scenario", "key_item", "state", "created_at"),
        sa.Column("known_at", POSITION, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "exercise_event",
        *_texts("exercise"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_texts("at"),
        sa.Column("offset_ms", POSITION, nullable=False),
        *_texts("type", "organisation", "participant", "step", "body"),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("exercise", "position"),
        sqlite_with_rowid=False,
    )
    has_step = sa.text("step <> ''")
    op.create_index(
        "exercise_event_step",
        "exercise_event",
        ["exercise", "step"],
        unique=True,
        sqlite_where=has_step,
        postgresql_where=has_step,
    )
    op.create_table(
        "exercise_participant",
        *_texts("exercise", "id", "organisation", "role", "principal", "joined_at"),
        sa.PrimaryKeyConstraint("exercise", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("exercise_participant_principal", "exercise_participant", ["principal", "exercise"])
    op.create_table(
        "exercise_delivery",
        *_texts("exercise", "message", "participant", "channel", "organisation"),
        *_texts("state", "due_at", "delivered_at", "seen_at", "acknowledged_at", "next_try_at"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("is_late", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("exercise", "message", "participant", "channel", "organisation"),
        sqlite_with_rowid=False,
    )
    is_waiting = sa.text("state = 'waiting'")
    op.create_index(
        "exercise_delivery_waiting",
        "exercise_delivery",
        ["exercise", "next_try_at"],
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )
