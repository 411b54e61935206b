"""How Alembic reaches the database: online only, one connection, one transaction, one process at a time."""

from alembic import context
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from eendracht.kernel.store.tables import metadata

MIGRATION_LOCK = 7_133_326

engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=NullPool)
if engine.dialect.name == "sqlite":
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
with engine.connect() as connection:
    if engine.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
