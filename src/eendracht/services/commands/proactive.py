"""The command that finds who is entitled to something and does not use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of, read_ground

if TYPE_CHECKING:
    from eendracht.kernel.rules.library import Library
    from eendracht.services.proactive.request import ProactiveRequest
    from eendracht.services.proactive.results import ProactiveResult


def register(app: typer.Typer) -> None:
    """Add the command to the wing's."""
    app.command("proactive")(find_unused)


def find_unused(
    context: typer.Context,
    law: Annotated[
        list[str],
        typer.Option(
            "--law",
            help="Law and output with the amount; :12 or :4 where it is a month or a quarter, :shared or :own for"
            " partners. May be repeated.",
            metavar="LAW:OUTPUT[:TIMES][:own]",
        ),
    ],
    population: Annotated[Path, typer.Option("--population", help="Folder of Parquet files.", metavar="DIR")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the list and the counts.", metavar="DIR")],
    on: Annotated[str, typer.Option("--date", help="Date on which the laws are asked; default: today.")] = "",
    laws: Annotated[
        list[Path] | None,
        typer.Option("--laws", help="Folder or file of laws, may be repeated; default: the rulebook.", metavar="DIR"),
    ] = None,
    ground: Annotated[
        list[str] | None,
        typer.Option(
            "--ground", help="Ground of a law: a ref, or a JSON or YAML file. May be repeated.", metavar="REF_OR_FILE"
        ),
    ] = None,
    purpose: Annotated[str, typer.Option(help="For what the data are used, as the grounds say it.")] = "",
    controller: Annotated[str, typer.Option(help="Ref of the organisation that uses the data.")] = "",
    dpia: Annotated[str, typer.Option(help="Ref of the processing activity of which the DPIA was done.")] = "",
    approver: Annotated[str, typer.Option(help="Role that approves, as role:gm0344/teammanager.")] = "",
    threshold: Annotated[str, typer.Option(help="List amounts from so many euros a year.")] = "0",
    estimate: Annotated[
        list[str] | None, typer.Option("--estimate", help="Column whose value is an estimate. May be repeated.")
    ] = None,
    estimate_flag: Annotated[str, typer.Option(help="Column that says for whom it is an estimate.")] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column", help="Name of a table or column, as deceased=overleden; empty: none.", metavar="WHAT=NAME"
        ),
    ] = None,
    subjects: Annotated[str, typer.Option(help="Table that lists everybody.")] = "",
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="The people are made up; then no ground, DPIA or approver is needed.")
    ] = False,
    memory: Annotated[str, typer.Option("--memory", help="How much memory may be used, such as 6GiB.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Write the list as CSV too.")] = False,
    as_json: Json = False,
) -> None:
    """Find who is entitled to something and does not use it.

    The list is by the pseudonyms of the population: amount, certainty, what is missing, and the risk of paying back.
    Whoever objected, died or is a minor is left out, and counted. It is information, not a decision. Data about real
    people need a ground for each law, a DPIA and a role that approves, and a node, which keeps the processing log and
    knows who objected.
    """
    from eendracht.kernel.clock import SystemClock, today
    from eendracht.kernel.rules import Library
    from eendracht.kernel.rules.case_files import read_day
    from eendracht.kit.output import print_json
    from eendracht.rulebook import rulebook_folder
    from eendracht.services.proactive.asking import read_registers
    from eendracht.services.proactive.request import ProactiveRequest, read_laws, with_grounds

    library = Library.load(list(laws or (rulebook_folder(),)))
    day = read_day(on) if on else today(SystemClock())
    grounds = [read_ground(frame_of(context), name) for name in ground or ()]
    asked = with_grounds(read_laws(law), grounds, library, day)
    request = ProactiveRequest(
        tuple(asked),
        day,
        population,
        out.absolute(),
        purpose,
        controller,
        dpia,
        approver,
        _read_euros(threshold),
        subjects,
        read_registers(_read_columns(column or ())),
        tuple(estimate or ()),
        estimate_flag,
        is_synthetic=synthetic,
        memory_limit=memory,
    )
    result = _carry_out(context, library, request)
    if as_csv:
        _write_csv(out.absolute())
    if as_json:
        print_json({**result.as_dict(), "out": str(out)})
    else:
        _print(result, out)


def _carry_out(context: typer.Context, library: Library, request: ProactiveRequest) -> ProactiveResult:
    """Run it; over real people only with a node, which keeps its processing lines and knows who objected.

    Raises NotFound without a node, Denied for who is no editor of the controller, ProactiveRefused.
    """
    from eendracht.kernel.errors import NotFound
    from eendracht.kernel.rules.runs import read_manifest
    from eendracht.services.proactive.noted import run_noted
    from eendracht.services.proactive.running import run_proactive

    if request.is_synthetic or (request.population.exists() and read_manifest(request.population).is_synthetic):
        return run_proactive(library, request)
    frame = frame_of(context)
    with frame.opened_if_any() as instance:
        if instance is None:
            raise NotFound(
                "There is no node here, and data about real people are used with one only",
                hint="Name it with --folder: it keeps the processing log and the objections. For made-up people, add"
                " --synthetic.",
            )
        return run_noted(instance, frame.principal(instance), library, request)


def _read_euros(text: str) -> int:
    from decimal import Decimal, InvalidOperation

    from eendracht.kernel.errors import UsageFault

    try:
        amount = Decimal(text.replace(",", ".")) * 100
        if not amount.is_finite() or amount != int(amount) or not 0 <= amount < 2**53:
            raise InvalidOperation
    except InvalidOperation:
        raise UsageFault(f"'{text[:30]}' is no amount", hint="Write euros a year, such as 100 or 99,50.") from None
    return int(amount)


def _read_columns(words: Sequence[str]) -> Mapping[str, str]:
    from eendracht.kernel.errors import UsageFault

    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign:
            raise UsageFault(f"'{word[:60]}' names no column", hint="Write what=name, as deceased=overleden.")
        found[name.strip()] = value.strip()
    return found


def _write_csv(out: Path) -> None:
    import os

    from eendracht.kernel.rules.columns import duck
    from eendracht.services.proactive.running import RANKING
    from eendracht.services.proactive.tables import text

    target = out / "ranking.csv"
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with duck.connect() as connection:
        source = f"SELECT * FROM read_parquet({text(str(out / RANKING))}) ORDER BY rank"
        connection.execute(f"COPY ({source}) TO {text(str(target))} (FORMAT csv, HEADER, USE_TMP_FILE false)")
    target.chmod(0o600)


def _print(result: ProactiveResult, out: Path) -> None:
    from eendracht.kit.output import print_table, say
    from eendracht.services.proactive.results import REASONS

    say(f"{result.people} people, {result.lines} lines, {result.seconds:.1f} s. Information, not a decision.")
    if result.is_synthetic:
        say("The people are made up.")
    rows = [
        (f"{law.title}, art. {law.article}", reason, law.reasons[reason])
        for law in result.laws
        for reason in REASONS
        if law.reasons.get(reason)
    ]
    print_table(("law", "reason", "people"), rows)
    for law in result.laws:
        low, high = law.share
        if low:
            say(f"{law.title}: non-use {low} to {high}; EUR {law.unused // 100} a year is left unused.")
    say(f"Columns read: {', '.join(result.columns_read)}")
    say(f"Written to {out}: ranking.parquet, outcomes.parquet, summary.json, for their owner only.")
