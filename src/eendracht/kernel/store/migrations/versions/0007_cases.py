"""Cases by id: whose each is, how far a hand-over is, which consents hold, and the built-in store of a demonstration."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "service_case",
        *_texts("id", "matter", "ask_key", "controller", "state"),
        sa.Column("is_owner", sa.SmallInteger(), nullable=False),
        *_texts("submission", "reference", "address_hash"),
        *_numbers("tries"),
        *_texts("next_try_at", "changed_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("service_case_key", "service_case", ["ask_key"])
    op.create_index("service_case_address", "service_case", ["address_hash"])
    op.create_index("service_case_reference", "service_case", ["reference"])
    op.create_index("service_case_state", "service_case", ["state", "next_try_at"])
    is_owner = sa.text("is_owner = 1")
    op.create_index(
        "service_case_owner",
        "service_case",
        ["matter"],
        unique=True,
        sqlite_where=is_owner,
        postgresql_where=is_owner,
    )
    op.create_table(
        "handover",
        *_texts("id", "matter", "sender_case", "receiver_case", "sender", "receiver", "state", "item", "consent"),
        *_texts("first_received_on", "offered_on", "escalates_on", "reason", "delivery"),
        *_numbers("tries"),
        *_texts("next_try_at", "changed_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_handover_matter", "handover", ["matter"])
    op.create_index("handover_receiver", "handover", ["receiver", "state"])
    op.create_index("handover_sender", "handover", ["sender", "state"])
    op.create_table(
        "case_consent",
        *_texts("id", "item", "matter", "receiver", "revoked_on"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_case_consent_matter", "case_consent", ["matter"])
    op.create_table(
        "built_in_case",
        *_texts("controller", "number", "part"),
        *_numbers("position"),
        *_texts("item"),
        sa.PrimaryKeyConstraint("controller", "number", "part", "position"),
    )
