"""Commands on rules: is a law file in order, what does it give for a case and why, and do its scenarios hold.

None of them needs a node. Laws come from the folders of `--laws`, else from the rulebook that ships.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.cli import population_runs
from eendracht.cli.rule_options import (
    Data,
    Day,
    LawName,
    Laws,
    Outputs,
    Parameters,
    language,
    list_files,
    load_laws,
    mode_named,
    require_found,
    today_text,
)
from eendracht.kit.commands import Json

if TYPE_CHECKING:
    from eendracht.kernel.errors import Fault
    from eendracht.kernel.explanation import Explanation
    from eendracht.kernel.rules import Case, Evaluation, Library
    from eendracht.kernel.rules.features import FeatureResult, Status
    from eendracht.kernel.rules.fixtures import FixtureResult
    from eendracht.kernel.rules.receipts import Request

app = typer.Typer(
    help="Laws as data: check, evaluate, explain and test them.", no_args_is_help=True, rich_markup_mode=None
)


@app.command()
def check(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Law files, or folders of them.", metavar="FILE...")],
    as_json: Json = False,
) -> None:
    """Check law files, each by itself and all together.

    Every error and warning comes with file, line and what to do. Exit 1 where there is an error.
    """
    from eendracht.kit.output import print_json, say
    from eendracht.kit.rules import print_faults

    count, errors, warnings = _check(files)
    if as_json:
        found = {"errors": [fault.as_dict() for fault in errors], "warnings": [fault.as_dict() for fault in warnings]}
        print_json({"files": count, **found})
    else:
        print_faults([*((fault, True) for fault in errors), *((fault, False) for fault in warnings)], language(context))
        say(f"files: {count}, errors: {len(errors)}, warnings: {len(warnings)}")
    if errors:
        raise typer.Exit(1)


def _check(paths: Sequence[Path]) -> tuple[int, list[Fault], list[Fault]]:
    """Give how many files there are, the errors and the warnings, at the paths as they were typed."""
    from eendracht.kernel.rules.checking import check_library
    from eendracht.kernel.rules.document import Faults
    from eendracht.kernel.rules.library import Library, list_law_files, parse_regulation

    files = {file for _, file in list_law_files(paths)}
    require_found(files, "law files", paths)
    errors, warnings, regulations = [], [], []
    for file in sorted(files):
        faults = Faults(str(file))
        regulation = parse_regulation(file.read_bytes(), str(file), faults)
        errors += faults.errors
        warnings += faults.warnings
        if regulation is not None:
            regulations.append(regulation)
    whole = check_library(Library(regulations))
    return len(files), errors + whole.errors, warnings + whole.warnings


@app.command("eval")
def evaluate_case(
    context: typer.Context,
    law: LawName,
    outputs: Outputs,
    on: Day = "",
    parameters: Parameters = None,
    data: Data = None,
    laws: Laws = None,
    service: Annotated[str, typer.Option(help="Body whose version of the law is meant (service-based format).")] = "",
    mode: Annotated[
        str, typer.Option(help="For what no operation expresses: error, propagate, warn or ignore.")
    ] = "error",
    stage: Annotated[str, typer.Option(help="Stage of the decision, at which other laws fire.")] = "BESLUIT",
    trace: Annotated[bool, typer.Option("--trace", help="Show every step.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Explain in plain words, with what would change it.")] = False,
    as_json: Json = False,
) -> None:
    """Compute outputs of a law for one case.

    A fact that nobody gave makes an output unknown, with the list of what is missing. The result is information, not a
    decision.
    """
    from eendracht.kernel.rules import evaluate
    from eendracht.kernel.rules.answer import describe_evaluation
    from eendracht.kernel.rules.case_files import read_case
    from eendracht.kernel.rules.receipts import Request
    from eendracht.kit.explanation import print_explanation
    from eendracht.kit.output import print_json, say
    from eendracht.kit.rules import print_evaluation

    wanted = mode_named(mode)
    library = load_laws(laws)
    case = read_case(on or today_text(), parameters or (), data or (), library)
    choice = library.select(law, case.on, case.parameters, service)
    found = evaluate(library, law, outputs, case, mode=wanted, stage=stage, is_whole_article=False, service=service)
    reasons = _explain(library, found, outputs, case, Request(law, tuple(outputs), wanted, stage, False, service), why)
    if as_json:
        told = {"explanations": {name: item.as_dict() for name, item in reasons.items()}} if why else {}
        print_json({"date": case.on.isoformat(), **describe_evaluation(found, choice, with_trace=trace), **told})
        return
    print_evaluation(found, choice, language(context), with_trace=trace)
    for item in reasons.values():
        say()
        print_explanation(item, language(context))


def _explain(
    library: Library, found: Evaluation, outputs: Sequence[str], case: Case, request: Request, why: bool
) -> dict[str, Explanation]:
    from eendracht.kernel.rules.sentences import explain

    names = dict.fromkeys((*outputs, *(() if outputs else found.outcomes))) if why else ()
    return {name: explain(library, request, name, case) for name in names}


@app.command()
def needs(
    context: typer.Context,
    law: LawName,
    outputs: Annotated[list[str], typer.Argument(help="Outputs to decide.", metavar="OUTPUT...")],
    on: Day = "",
    parameters: Parameters = None,
    data: Data = None,
    laws: Laws = None,
    service: Annotated[str, typer.Option(help="Body whose version of the law is meant (service-based format).")] = "",
    as_json: Json = False,
) -> None:
    """List the facts that a case still lacks.

    They stand in the best order to ask. What the parameters and registers of the case give is never asked.
    """
    from eendracht.kernel.rules.case_files import read_case
    from eendracht.kernel.rules.needs import needs as find_needs
    from eendracht.kit.needs import print_needs
    from eendracht.kit.output import print_json

    library = load_laws(laws)
    case = read_case(on or today_text(), parameters or (), data or (), library)
    found = find_needs(library, law, outputs, case, service=service)
    if as_json:
        print_json({"date": case.on.isoformat(), "law": law, "outputs": outputs, **found.as_dict()})
    else:
        print_needs(found, language(context))


@app.command("test")
def test_features(
    files: Annotated[list[Path], typer.Argument(help="Feature files, or folders of them.", metavar="FEATURE...")],
    laws: Laws = None,
    as_json: Json = False,
) -> None:
    """Run scenarios in plain words (Gherkin) against the laws.

    Those tagged @wip are skipped and counted. Exit 1 where one fails, with the step, its line and what came instead.
    """
    from eendracht.kernel.errors import InvalidInput
    from eendracht.kernel.rules.features import run_feature_file
    from eendracht.kit.output import print_json, say
    from eendracht.kit.rules import print_features

    library = load_laws(laws)
    results: list[FeatureResult] = []
    faults: list[Fault] = []
    for file in list_files(files, ".feature"):
        try:
            results.append(run_feature_file(library, file))
        except InvalidInput as error:
            faults += error.faults
    names: tuple[Status, ...] = ("passed", "failed", "skipped")
    counts = {name: sum(result.count(name) for result in results) for name in names}
    if as_json:
        print_json({**counts, "features": [result.as_dict() for result in results]})
    else:
        print_features(results)
        say(", ".join(f"{count} {name}" for name, count in counts.items()))
    if faults:
        raise InvalidInput(f"{len(faults)} faults in feature files", faults=faults)
    if counts["failed"]:
        raise typer.Exit(1)


@app.command()
def fixtures(
    files: Annotated[list[Path], typer.Argument(help="Files of fixtures in JSON, or folders.", metavar="FILE...")],
    as_json: Json = False,
) -> None:
    """Run golden fixtures: cases that bring their own law.

    Exit 1 where one fails, with each difference.
    """
    from eendracht.kernel.errors import InvalidInput
    from eendracht.kernel.rules.fixtures import run_fixture_file, summarise
    from eendracht.kit.output import print_json, say
    from eendracht.kit.rules import print_fixtures

    results: dict[str, tuple[FixtureResult, ...]] = {}
    faults: list[Fault] = []
    for file in list_files(files, ".json"):
        try:
            results[str(file)] = run_fixture_file(file)
        except InvalidInput as error:
            faults += error.faults
    counts = summarise([item for items in results.values() for item in items])
    if as_json:
        print_json({**counts, "files": {file: [item.as_dict() for item in items] for file, items in results.items()}})
    else:
        for name, items in results.items():
            print_fixtures(name, items)
        say(", ".join(f"{count} {name}" for name, count in counts.items()))
    if faults:
        raise InvalidInput(f"{len(faults)} faults in files of fixtures", faults=faults)
    if counts["failed"]:
        raise typer.Exit(1)


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(help="Files of recorded cases, JSON Lines.", metavar="CASES.jsonl...")],
    laws: Laws = None,
    as_json: Json = False,
) -> None:
    """Replay recorded cases of the service-based format.

    Exit 1 where one comes out otherwise, with each difference.
    """
    from eendracht.kernel.rules.replays import replay_file
    from eendracht.kit.output import print_json, say
    from eendracht.kit.rules import print_replays

    library = load_laws(laws)
    results = [item for file in list_files(files, ".jsonl") for item in replay_file(library, file)]
    failed = [item for item in results if not item.has_passed]
    counts = {"passed": len(results) - len(failed), "failed": len(failed), "calls": sum(item.calls for item in results)}
    if as_json:
        print_json({**counts, "scenarios": [item.as_dict() for item in results]})
    else:
        print_replays(results)
        say(", ".join(f"{count} {name}" for name, count in counts.items()))
    if failed:
        raise typer.Exit(1)


population_runs.register(app)
