"""The tables, described once for both engines; Alembic migrates them.

`entry` is the log: append-only, `rv` is position and leaf index. Everything else follows from it and can be made
again: `record` and `former_ref` (who is called what), `segment` (what is known now, by valid time), `facet` (the
combinations of values by which segments are counted), `edge` (what points at what), `unindexed`
(versions of a kind that the follower did not know), `vocabulary` and `word_trigram`
(which words there are). The text index itself, `search_text`, is made in the way of each engine by its migration.
Operational state (`principal`, `token`, `session`, `sign_in`, `job`, `job_step`, `binding`, `review`, `mapping_answer`,
`intake`, `wing_off`, `service_case`, `handover`, `case_consent`, `built_in_case`, `exercise` with `exercise_event`,
`exercise_participant` and `exercise_delivery`) is mutable and not ledgered.
"""

from __future__ import annotations

import sqlalchemy
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Table

metadata = MetaData()
Text = sqlalchemy.Text().with_variant(sqlalchemy.Text(collation="C"), "postgresql")
"""Text that sorts and compares byte by byte on both engines, whatever the language of the database."""
Position = BigInteger().with_variant(Integer, "sqlite")

log_head = Table(
    "log_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", Position, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("indexed", Position, nullable=False),
)

entry = Table(
    "entry",
    metadata,
    Column("rv", Position, primary_key=True, autoincrement=False),
    Column("type", SmallInteger, nullable=False),
    Column("recorded_at", Text, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("uid", Text),
    Column("level", SmallInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("valid_until", Text, nullable=False),
    Column("body", LargeBinary),
    Index("entry_uid", "uid", "rv"),
)

record = Table(
    "record",
    metadata,
    Column("uid", Text, primary_key=True),
    Column("ref", Text, nullable=False, unique=True),
    Column("generation", Integer, nullable=False),
    Column("rv", Position, nullable=False),
    sqlite_with_rowid=False,
)

former_ref = Table(
    "former_ref",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("uid", Text, nullable=False, index=True),
    Column("until", Text, nullable=False),
)

segment = Table(
    "segment",
    metadata,
    Column("rv", Position, primary_key=True),
    Column("valid_from", Text, primary_key=True),
    Column("valid_until", Text, nullable=False),
    Column("facet", BigInteger, nullable=False),
    Column("uid", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("lifecycle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Index("segment_uid", "uid"),
    Index("segment_ref", "ref", "valid_from", "valid_until", "level", "owner", "rv", "source", "lifecycle"),
    Index("segment_owner", "owner", "ref", "valid_from", "valid_until", "level", "rv"),
    Index("segment_facet", "facet", "valid_from", "valid_until"),
    sqlite_with_rowid=False,
)

facet = Table(
    "facet",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("lifecycle", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

edge = Table(
    "edge",
    metadata,
    Column("target", Text, primary_key=True),
    Column("rv", Position, primary_key=True),
    Column("field", Text, primary_key=True),
    sqlite_with_rowid=False,
)

principal = Table(
    "principal",
    metadata,
    Column("name", Text, primary_key=True),
    Column("roles", Text, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("principal", Text, nullable=False, index=True),
    Column("way", Text, nullable=False),
    Column("begun_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
)

sign_in = Table(
    "sign_in",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("expires_at", Text, nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("result", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("cancel", SmallInteger, nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    Index("job_asked", "asked_at"),
    Index("job_state", "state"),
)

job_step = Table(
    "job_step",
    metadata,
    Column("job", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("result", Text, nullable=False),
    sqlite_with_rowid=False,
)

binding = Table(
    "binding",
    metadata,
    Column("system", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("uid", Text, nullable=False, index=True),
    Column("place", Text, nullable=False),
    Column("given", LargeBinary, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("last_seen", Text, nullable=False),
    Column("missing_since", Text),
)

review = Table(
    "review",
    metadata,
    Column("system", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("details", LargeBinary, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("asked_at", Text, nullable=False),
    Column("answer", Text),
)

mapping_answer = Table(
    "mapping_answer",
    metadata,
    Column("system", Text, primary_key=True),
    Column("source_column", Text, primary_key=True),
    Column("setting", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("answered_at", Text, nullable=False),
    sqlite_with_rowid=False,
)

intake = Table(
    "intake",
    metadata,
    Column("system", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("report", LargeBinary, nullable=False),
    Column("begun_at", Text, nullable=False),
)

wing_off = Table(
    "wing_off",
    metadata,
    Column("wing", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
)

unindexed = Table(
    "unindexed",
    metadata,
    Column("rv", Position, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

vocabulary = Table(
    "vocabulary",
    metadata,
    Column("word", Text, primary_key=True),
    Column("stem", Text, nullable=False),
    Index("vocabulary_stem", "stem", "word"),
    sqlite_with_rowid=False,
)

word_trigram = Table(
    "word_trigram",
    metadata,
    Column("trigram", Text, primary_key=True),
    Column("word", Text, primary_key=True, index=True),
    sqlite_with_rowid=False,
)

service_case = Table(
    "service_case",
    metadata,
    Column("id", Text, primary_key=True),
    Column("matter", Text, nullable=False),
    Column("ask_key", Text, nullable=False),
    Column("controller", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_owner", SmallInteger, nullable=False),
    Column("submission", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("address_hash", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Index("service_case_key", "ask_key"),
    Index("service_case_address", "address_hash"),
    Index("service_case_reference", "reference"),
    Index("service_case_state", "state", "next_try_at"),
    # One body is responsible at each moment.
    Index(
        "service_case_owner",
        "matter",
        unique=True,
        sqlite_where=sqlalchemy.text("is_owner = 1"),
        postgresql_where=sqlalchemy.text("is_owner = 1"),
    ),
)

handover = Table(
    "handover",
    metadata,
    Column("id", Text, primary_key=True),
    Column("matter", Text, nullable=False, index=True),
    Column("sender_case", Text, nullable=False),
    Column("receiver_case", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("consent", Text, nullable=False),
    Column("first_received_on", Text, nullable=False),
    Column("offered_on", Text, nullable=False),
    Column("escalates_on", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Index("handover_receiver", "receiver", "state"),
    Index("handover_sender", "sender", "state"),
)

case_consent = Table(
    "case_consent",
    metadata,
    Column("id", Text, primary_key=True),
    Column("item", Text, nullable=False),
    Column("matter", Text, nullable=False, index=True),
    Column("receiver", Text, nullable=False),
    Column("revoked_on", Text, nullable=False),
)

built_in_case = Table(
    "built_in_case",
    metadata,
    Column("controller", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("item", Text, nullable=False),
)

exercise = Table(
    "exercise",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("key_item", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("known_at", Position, nullable=False),
)

exercise_event = Table(
    "exercise_event",
    metadata,
    Column("exercise", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("offset_ms", Position, nullable=False),
    Column("type", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("participant", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=True),
    # What happens once in an exercise has a name for it, so that no process lets it happen twice.
    Index(
        "exercise_event_step",
        "exercise",
        "step",
        unique=True,
        sqlite_where=sqlalchemy.text("step <> ''"),
        postgresql_where=sqlalchemy.text("step <> ''"),
    ),
    sqlite_with_rowid=False,
)

exercise_participant = Table(
    "exercise_participant",
    metadata,
    Column("exercise", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("organisation", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("joined_at", Text, nullable=False),
    Index("exercise_participant_principal", "principal", "exercise"),
    sqlite_with_rowid=False,
)

exercise_delivery = Table(
    "exercise_delivery",
    metadata,
    Column("exercise", Text, primary_key=True),
    # A message to three thousand players is written in one place, not in three thousand.
    Column("message", Text, primary_key=True),
    Column("participant", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("organisation", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("delivered_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False),
    Column("acknowledged_at", Text, nullable=False),
    Column("next_try_at", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("is_late", SmallInteger, nullable=False),
    Index(
        "exercise_delivery_waiting",
        "exercise",
        "next_try_at",
        sqlite_where=sqlalchemy.text("state = 'waiting'"),
        postgresql_where=sqlalchemy.text("state = 'waiting'"),
    ),
    sqlite_with_rowid=False,
)
