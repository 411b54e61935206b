"""The words of the records, the vocabulary they make, and an index that answers for a position by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the text index in the way of the engine, and the tables that both share."""
    op.create_table(
        "vocabulary",
        sa.Column("word", TEXT, nullable=False),
        sa.Column("stem", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("word"),
        sqlite_with_rowid=False,
    )
    op.create_index("vocabulary_stem", "vocabulary", ["stem", "word"], unique=False)
    op.create_table(
        "word_trigram",
        sa.Column("trigram", TEXT, nullable=False),
        sa.Column("word", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("trigram", "word"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_word_trigram_word", "word_trigram", ["word"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        # Words arrive folded and split, so the cheapest tokenizer will do; ranking is done outside, so no positions
        # and no lengths are kept.
        op.execute(
            "CREATE VIRTUAL TABLE search_text USING fts5(name, label, rest, tokenize = 'ascii', detail = column, columnsize = 0)"
        )
        op.execute("INSERT INTO search_text (search_text, rank) VALUES ('hashsize', 67108864)")
    else:
        op.create_table(
            "search_text",
            sa.Column("rv", POSITION, autoincrement=False, nullable=False),
            sa.Column("name", TEXT, nullable=False),
            sa.Column("label", TEXT, nullable=False),
            sa.Column("rest", TEXT, nullable=False),
            sa.Column("document", sa.dialects.postgresql.TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("rv"),
        )
        op.create_index("search_text_document", "search_text", ["document"], unique=False, postgresql_using="gin")
    # The followers index the log again: a database of the release before gets its words this way.
    op.execute("DELETE FROM edge")
    op.execute("UPDATE log_head SET indexed = 0")
