"""Commands on rules for everyone at once: the query, a run over a population, and the impact of a change of law."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from eendracht.cli.rule_options import Day, LawName, Laws, Outputs, Parameters, language, load_laws, today_text
from eendracht.kit.commands import Json, frame_of, read_ground

PopulationPath = Annotated[
    str,
    typer.Option(
        "--population",
        help="Parquet or Arrow file, folder of them, DuckDB file, or postgresql:// address.",
        metavar="DIR_OR_FILE",
    ),
]
GroundFile = Annotated[
    str,
    typer.Option("--ground", help="Ref of the record of the ground, or a JSON or YAML file.", metavar="REF_OR_FILE"),
]
Purpose = Annotated[str, typer.Option(help="For what the data are used, as the ground says it.")]
Controller = Annotated[str, typer.Option(help="Ref of the organisation that uses the data.")]
Synthetic = Annotated[bool, typer.Option("--synthetic", help="The people are made up; then no ground is needed.")]
Subjects = Annotated[str, typer.Option(help="Table that lists who is asked about.")]
Service = Annotated[str, typer.Option(help="Body whose version of the law is meant (service-based format).")]
Memory = Annotated[str, typer.Option("--memory", help="How much memory may be used, such as 6GiB.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group of rules."""
    app.command("sql")(print_sql)
    app.command("run")(run_everyone)
    app.command("impact")(compare_laws)


def print_sql(
    law: LawName,
    outputs: Outputs,
    on: Day = "",
    parameters: Parameters = None,
    laws: Laws = None,
    population: Annotated[
        Path | None,
        typer.Option("--population", help="Take types and ranges from these tables.", metavar="DIR_OR_FILE"),
    ] = None,
    dialect: Annotated[str, typer.Option(help="duckdb or spark.")] = "duckdb",
    service: Service = "",
    as_json: Json = False,
) -> None:
    """Print the query that computes outputs for everyone.

    It has a named part for each article.

    Without a population every fact is taken to be there, as a column of the type that the law declares.
    """
    from eendracht.kernel.rules.case_files import read_case
    from eendracht.kernel.rules.columns import duck
    from eendracht.kernel.rules.runs import RunRequest, prepare_run, write_sql
    from eendracht.kit.output import print_json, say

    library = load_laws(laws)
    case = read_case(on or today_text(), parameters or (), (), library)
    request = RunRequest(law, tuple(outputs), case.on, population or Path(), Path(), case.parameters, service=service)
    if population is None:
        query = write_sql(library, request, dialect)
    else:
        with duck.working() as connection:
            query = prepare_run(connection, library, request).query.sql(dialect, pretty=True)
    if as_json:
        print_json({"dialect": dialect, "query": query})
    else:
        say(query)


def run_everyone(
    context: typer.Context,
    law: LawName,
    outputs: Outputs,
    population: PopulationPath,
    out: Annotated[Path, typer.Option("--out", help="Parquet file to write.", metavar="FILE")],
    on: Day = "",
    parameters: Parameters = None,
    laws: Laws = None,
    ground: GroundFile = "",
    purpose: Purpose = "",
    controller: Controller = "",
    synthetic: Synthetic = False,
    subjects: Subjects = "",
    memory: Memory = "",
    service: Service = "",
    engine: Annotated[str, typer.Option(help="duckdb, or spark for what outgrows one machine.")] = "duckdb",
    as_json: Json = False,
) -> None:
    """Compute outputs of a law for everyone in a population.

    The result has a row for each subject: the key, each output, and beside it whether it is known, null, unknown,
    untranslatable or an error (service-based format: not-entitled too, where the requirements are not met). It is
    information, not a decision. Data about real people need a ground.
    """
    from dataclasses import replace

    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.rules.runs import run_population
    from eendracht.kit.output import print_json
    from eendracht.kit.rules import print_run

    request = _request(
        context,
        law,
        outputs,
        on,
        parameters,
        laws,
        population,
        out,
        ground,
        purpose,
        controller,
        synthetic,
        subjects,
        memory,
        service,
    )
    if engine not in ("duckdb", "spark"):
        raise UsageFault(f"There is no engine '{engine[:40]}'", hint="Choose duckdb or spark.")
    result = run_population(load_laws(laws), replace(request, engine=engine))
    if as_json:
        print_json({**result.as_dict(), "out": str(out)})
    else:
        print_run(result, out, language(context))


def compare_laws(
    context: typer.Context,
    law: LawName,
    output: Annotated[str, typer.Argument(help="Output to compare.", metavar="OUTPUT")],
    before: Annotated[Path, typer.Option("--before", help="Laws as they are.", metavar="DIR")],
    after: Annotated[Path, typer.Option("--after", help="Laws as they would be.", metavar="DIR")],
    population: PopulationPath,
    on: Day = "",
    on_after: Annotated[str, typer.Option("--date-after", help="Date under the laws after; default: the same.")] = "",
    by: Annotated[str, typer.Option("--by", help="Column of the subjects by which to group.")] = "",
    parameters: Parameters = None,
    ground: GroundFile = "",
    purpose: Purpose = "",
    controller: Controller = "",
    synthetic: Synthetic = False,
    subjects: Subjects = "",
    memory: Memory = "",
    service: Service = "",
    as_json: Json = False,
) -> None:
    """Show what a change of law does: who gains and who loses.

    Person by person under the laws before and after: how many, how much, and in which groups.
    """
    import tempfile

    from eendracht.kernel.rules import Library
    from eendracht.kernel.rules.case_files import read_day
    from eendracht.kernel.rules.impact import assess_law_impact
    from eendracht.kit.output import print_json
    from eendracht.kit.rules import print_law_impact

    with tempfile.TemporaryDirectory() as folder:
        request = _request(
            context,
            law,
            [output],
            on,
            parameters,
            [before],
            population,
            Path(folder) / "changes.parquet",
            ground,
            purpose,
            controller,
            synthetic,
            subjects,
            memory,
            service,
        )
        later = read_day(on_after) if on_after else None
        found = assess_law_impact(Library.load([before]), Library.load([after]), request, on_after=later, by=by)
    if as_json:
        print_json(found.as_dict())
    else:
        print_law_impact(found, language(context))


def _request(
    context: typer.Context,
    law: str,
    outputs: Sequence[str],
    on: str,
    parameters: Sequence[str] | None,
    laws: Sequence[Path] | None,
    population: str,
    out: Path,
    ground: str,
    purpose: str,
    controller: str,
    synthetic: bool,
    subjects: str,
    memory: str,
    service: str,
) -> Any:
    """Give what is asked over a population, with the ground that is named."""
    from eendracht.kernel.rules.case_files import read_case
    from eendracht.kernel.rules.runs import RunRequest

    case = read_case(on or today_text(), parameters or (), (), load_laws(laws))
    is_database = population.startswith(("postgresql://", "postgres://"))
    return RunRequest(
        law,
        tuple(outputs),
        case.on,
        Path() if is_database else Path(population),
        out.absolute(),
        case.parameters,
        read_ground(frame_of(context), ground) if ground else None,
        purpose,
        controller,
        synthetic,
        subjects,
        memory_limit=memory,
        service=service,
        database=population if is_database else "",
    )
