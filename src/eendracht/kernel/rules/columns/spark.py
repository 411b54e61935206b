"""Runs compiled rules on Spark, where a population outgrows one machine: the same query, in Spark's words.

Needs the extra `spark` (PySpark 4) and Java. What Spark cannot carry exactly is refused by name.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlglot import exp

from eendracht.kernel.errors import EendrachtError, UsageFault
from eendracht.kernel.rules.columns import sql
from eendracht.kernel.rules.columns.duck import Run


class NotOnSpark(EendrachtError):
    """A rule that Spark cannot carry exactly; it still runs on DuckDB."""

    code = "not-on-spark"
    status = 422
    title_nl = "Deze regel kan niet op Spark worden uitgevoerd"
    title_en = "This rule cannot be run on Spark"
    default_hint = "Run it with --engine duckdb."


def write_spark_sql(run: Run) -> str:
    """Give the query of a run for Spark: its tables by name; raises NotOnSpark for whole numbers beyond 64 bits."""
    query = run.query.copy()
    for cast in query.find_all(exp.Cast):
        if cast.to.this == exp.DType.INT128:
            raise NotOnSpark("A whole number beyond 64 bits, which Spark does not have")
    if query.find(exp.Try) is not None:
        raise NotOnSpark("An amount that can pass 64 bits")
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            table.set("this", exp.to_identifier(table.alias, quoted=True))
            table.set("alias", None)
    return query.sql("spark", pretty=True)


def run_spark(run: Run, out: Path, session: Any = None) -> int:
    """Run on Spark and write one Parquet file, whole or not at all; gives the number of rows.

    `session` is a SparkSession; without one a session on this machine is started and ended. Raises UsageFault where
    PySpark is not installed, NotOnSpark for what Spark cannot carry.
    """
    query = write_spark_sql(run)
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageFault(
            "PySpark is not installed", hint="Install the extra: pip install 'eendracht[spark]'."
        ) from error
    own = session is None
    if session is None:
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        local = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        session = builder.config(map=local).getOrCreate()
    folder = out.with_name(f".{out.name}.spark")
    try:
        for name, table in run.population.tables.items():
            path = next(table.source.find_all(exp.Literal)).this
            session.read.parquet(path).createOrReplaceTempView(sql.column(name).sql("spark").strip("`"))
        session.sql(query).coalesce(1).write.mode("overwrite").parquet(str(folder))
        (part,) = folder.glob("part-*.parquet")
        part.chmod(0o600)
        part.replace(out)
        return int(session.read.parquet(str(out)).count())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if own:
            session.stop()
