"""The commands on one proof for many accounts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.resilience.evidence.accounts import Standing
    from eendracht.resilience.evidence.matrix import Matrix

_MOST_ORGANISATIONS: Final = 40
_MOST_LINES: Final = 60
TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "nl": {
        "columns": "organisatie|verantwoording|voldaan|loopt af|uitgelegd|n.v.t.|verlopen|ontbreekt|onbekend",
        "none": "Er is geen bewijs en geen antwoord vastgelegd dat u mag zien. Onbekend is niet goed.",
        "synthetic": "Dit zijn verzonnen gegevens.",
        "silent": "Organisaties waarvan niets is vastgelegd: {n}.",
        "shared": "Bewijsstukken die in meer dan één verantwoording tellen: {n}.",
        "lacks": "Wat er ontbreekt: {n}",
        "lines": "onderdeel|onderwerp|toestand|waarom",
        "wanted": "Wat het meeste oplost (stap voor stap gekozen; de indeling is van ons, niet officieel):",
        "fills": "vult|bewijs|telt in",
        "more": "… en nog {n}",
        "expired": "verlopen",
        "missing": "ontbreekt",
        "unknown": "onbekend",
        "no-owner": "het bewijs heeft geen eigenaar",
        "no-end": "niemand zei tot wanneer het bewijs geldt",
        "not-yet": "het bewijs geldt nog niet",
        "only-said": "alleen gezegd, niet bewezen",
        "explanation-ended": "de termijn van de uitleg is voorbij",
        "said-no": "de organisatie zegt nee",
        "said-unknown": "de organisatie weet het niet",
        "": "",
        "imported": "{version}: {n} maatregelen, waarvan {empty} zonder inhoud; {new} nieuw vastgelegd.",
        "proposed": "Vastgelegd en misschien bewijs (het telt pas als iemand het overneemt):",
        "proposal": "sinds|record|voor",
    },
    "en": {
        "columns": "organisation|account|met|expiring|explained|n/a|expired|missing|unknown",
        "none": "No evidence and no answer is recorded that you may see. Unknown is not good.",
        "synthetic": "These data are made up.",
        "silent": "Organisations of which nothing is recorded: {n}.",
        "shared": "Pieces of evidence that count in more than one account: {n}.",
        "lacks": "What is lacking: {n}",
        "lines": "control|subject|state|why",
        "wanted": "What would fill most (chosen step by step; which evidence fits what is ours, and not official):",
        "fills": "fills|evidence|counts in",
        "more": "… and {n} more",
        "expired": "expired",
        "missing": "missing",
        "unknown": "unknown",
        "no-owner": "the evidence has no owner",
        "no-end": "nobody said until when the evidence holds",
        "not-yet": "the evidence does not hold yet",
        "only-said": "only said, not shown",
        "explanation-ended": "the term of the explanation has passed",
        "said-no": "the organisation says no",
        "said-unknown": "the organisation does not know",
        "": "",
        "imported": "{version}: {n} measures, of which {empty} are empty; {new} newly recorded.",
        "proposed": "Recorded, and perhaps evidence (it counts once somebody takes it over):",
        "proposal": "since|record|for",
    },
}
evidence = typer.Typer(help="One proof for many accounts: which account still lacks what.")


def register(app: typer.Typer) -> None:
    """Add the commands to the wing's."""
    app.add_typer(evidence, name="evidence", invoke_without_command=True)


@evidence.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    organisation: Annotated[str, typer.Option(help="Code or ref of one organisation, such as gm0344.")] = "",
    framework: Annotated[str, typer.Option(help="bio2, ensia, cbw or open-standards.")] = "",
    as_json: Json = False,
) -> None:
    """Show each account against the evidence there is: what is met, what is lacking, and what would fill most."""
    if context.invoked_subcommand:
        return
    from eendracht.kernel.disclosure import require_insider
    from eendracht.kit.output import print_json
    from eendracht.resilience.evidence.matrix import build_matrix
    from eendracht.resilience.evidence.proposals import propose_evidence
    from eendracht.resilience.evidence.telling import tell_matrix

    frame = frame_of(context)
    with frame.opened() as instance:
        asker = frame.principal(instance)
        require_insider(asker)
        matrix = build_matrix(instance.store, asker, organisation, framework)
        lacking = [item for account in matrix.accounts for item in account.lacking]
        single = matrix.organisations[0] if len(matrix.organisations) == 1 else ""
        proposals = propose_evidence(instance.store, asker, single, lacking) if single else []
        if as_json:
            print_json(tell_matrix(matrix, proposals, with_names=True))
            return
        language = "nl" if instance.settings.language == "nl" else "en"
        _print(matrix, language)
        if single:
            _print_lacking(lacking, language)
        if proposals:
            from eendracht.kit.output import print_table, say

            say("\n" + TEXTS[language]["proposed"])
            rows = [(item.held_from, item.ref, ", ".join(item.satisfies)) for item in proposals[:_MOST_LINES]]
            print_table(TEXTS[language]["proposal"].split("|"), rows)


def _print(matrix: Matrix, language: str) -> None:
    from eendracht.kernel.errors import InvalidInput
    from eendracht.kit.output import complain, print_table, say
    from eendracht.resilience.evidence.matrix import NAMES

    texts, at = TEXTS[language], 0 if language == "nl" else 1
    if not matrix.accounts:
        say(texts["none"])
        return
    if matrix.is_synthetic:
        say(texts["synthetic"])
    most = _MOST_ORGANISATIONS * 4
    rows = [
        (matrix.names[account.organisation], NAMES[account.framework][at], *account.counts.values())
        for account in matrix.accounts[:most]
    ]
    print_table(texts["columns"].split("|"), rows, widest=40)
    if len(matrix.accounts) > most:
        say(texts["more"].format(n=len(matrix.accounts) - most))
    say(texts["shared"].format(n=matrix.shared))
    if matrix.silent:
        say(texts["silent"].format(n=matrix.silent))
    if matrix.faults:
        complain(InvalidInput("Evidence that counts nowhere", faults=matrix.faults), language)


def _print_lacking(lacking: list[Standing], language: str) -> None:
    from eendracht.kit.output import print_table, say
    from eendracht.resilience.evidence.gaps import list_wanted
    from eendracht.resilience.evidence.matrix import NAMES

    texts, at = TEXTS[language], 0 if language == "nl" else 1
    say("\n" + texts["lacks"].format(n=len(lacking)))
    rows = [
        (item.control.key, item.control.subject(language), texts[item.state], texts[item.why])
        for item in lacking[:_MOST_LINES]
    ]
    if rows:
        print_table(texts["lines"].split("|"), rows, widest=50)
    if len(lacking) > _MOST_LINES:
        say(texts["more"].format(n=len(lacking) - _MOST_LINES))
    found = list_wanted(lacking)
    if found.wanted:
        say("\n" + texts["wanted"])
        print_table(
            texts["fills"].split("|"),
            [
                (len(item.fills), item.topic.name(language), ", ".join(NAMES[name][at] for name in item.frameworks))
                for item in found.wanted
            ],
        )


@evidence.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="BIO2 in JSON: versie, maatregelen.", metavar="FILE")],
    organisation: Annotated[str, typer.Option(help="Who keeps it, such as gm0344.")],
    as_json: Json = False,
) -> None:
    """Record the measures of BIO2 from the file that you have; what is there stays."""
    from eendracht.kernel.errors import UnreadableFile
    from eendracht.kit.output import print_json, say
    from eendracht.resilience.evidence.importing import MOST_BYTES, import_controls
    from eendracht.resilience.evidence.matrix import find_organisation

    frame = frame_of(context)
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"{file}: {error.strerror}") from error
    with frame.opened() as instance:
        author = frame.principal(instance)
        owner = find_organisation(instance.store, author, organisation).ref
        found = import_controls(instance.store, author, owner, content)
        counts = {"controls": found.controls, "empty": found.empty, "recorded": found.recorded}
        if as_json:
            print_json({"version": found.version, **counts})
            return
        texts = TEXTS["nl" if instance.settings.language == "nl" else "en"]
        say(texts["imported"].format(version=found.version, n=found.controls, empty=found.empty, new=found.recorded))
