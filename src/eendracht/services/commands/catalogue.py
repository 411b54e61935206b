"""Commands of the service catalogue: take one in, and give it out as others read it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.services.exports import Catalogue

_IN: Final = ("upl", "sdg", "cpsv-ap", "sc")
_OUT: Final = ("cpsv-ap", "sc")
_SYNTAXES: Final = ("turtle", "rdfxml", "jsonld", "ntriples")


def register(app: typer.Typer) -> None:
    """Add the commands of the catalogue to the wing's."""
    app.command("import")(import_catalogue)
    app.command("export")(export_catalogue)


def import_catalogue(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="Uniforme Productnamenlijst or its SDG areas (CSV), CPSV-AP, Samenwerkende Catalogi.")
    ],
    owner: Annotated[
        str, typer.Option(help="Code of the organisation whose services they are, such as gm0344.", metavar="CODE")
    ],
    format: Annotated[
        str, typer.Option(help=f"What the file is, where its content does not tell: {', '.join(_IN)}.")
    ] = "",
    system: Annotated[
        str, typer.Option(help="Name of the source, where two files of one sort come from two systems.", metavar="NAME")
    ] = "",
    public: Annotated[bool, typer.Option("--public", help="Let everybody see the services that are new.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Record without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Read a catalogue, and record it after a yes.

    What it changes is shown first. Of the national list the products of the level of the organisation become its
    services; what it recorded itself stays.
    """
    from eendracht.kit.delivery import record_plan
    from eendracht.services.imports import plan_catalogue

    _require_one_of(format, ("", *_IN))
    frame = frame_of(context)
    owner_ref = owner if ":" in owner else f"organisation:{owner}"
    with frame.opened() as instance:
        principal = frame.principal(instance)
        chosen: Any = format
        store = instance.store
        reading, plan = plan_catalogue(store, file, owner_ref, principal, chosen, is_public=public, system=system)
        record_plan(instance, plan, reading, principal, is_agreed=yes, as_json=as_json)


def _require_one_of(chosen: str, choices: tuple[str, ...]) -> None:
    from eendracht.kernel.errors import UsageFault

    if chosen not in choices:
        raise UsageFault(f"There is no {chosen}", hint=f"Choose one of: {', '.join(filter(None, choices))}.")


def export_catalogue(
    context: typer.Context,
    format: Annotated[str, typer.Option(help=f"What to write: {' or '.join(_OUT)}.")] = "cpsv-ap",
    out: Annotated[Path | None, typer.Option(help="File to write; else it is printed.", metavar="FILE")] = None,
    organisation: Annotated[
        str, typer.Option(help="Only the services of this organisation, such as gm0344.", metavar="REF")
    ] = "",
    syntax: Annotated[str, typer.Option(help=f"Of CPSV-AP: {', '.join(_SYNTAXES)}.")] = "turtle",
    as_json: Json = False,
) -> None:
    """Write the recorded services as a catalogue.

    As CPSV-AP 3.2.0 or Samenwerkende Catalogi. Only services that were recorded and that may be seen go along; a
    product that a body may have is no service.
    """
    from eendracht.kit.output import print_json
    from eendracht.services.exports import collect_catalogue

    _require_one_of(format, _OUT)
    _require_one_of(syntax, _SYNTAXES)
    frame = frame_of(context)
    ref = organisation if ":" in organisation or not organisation else f"organisation:{organisation}"
    with frame.opened() as instance:
        principal = frame.principal(instance)
        if ref:
            ref = instance.store.get(ref, principal).ref
        catalogue = collect_catalogue(instance.store, principal, ref)
        dutch = instance.settings.language == "nl"
    content, left_out = _write(catalogue, format, syntax)
    if out is not None:
        out.write_bytes(content)
    elif not as_json:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    told = _tell(catalogue, format, left_out, dutch)
    if as_json:
        where = {"file": str(out)} if out is not None else {"content": content.decode()}
        print_json({"format": format, **where, "services": len(catalogue.offers) - len(left_out), **told})
        return
    for line in told["notes"]:
        sys.stderr.write(line + "\n")


def _write(catalogue: Catalogue, format: str, syntax: Any) -> tuple[bytes, list[str]]:
    """Give the file, and the refs of services that the format cannot carry."""
    from eendracht.services.exports.cpsv_ap import write_cpsv_ap
    from eendracht.services.exports.sc import list_unfit, write_sc

    if format == "sc":
        return write_sc(catalogue), [offer.ref for offer in list_unfit(catalogue)]
    return write_cpsv_ap(catalogue, syntax), []


def _tell(catalogue: Catalogue, format: str, left_out: list[str], dutch: bool) -> dict[str, Any]:
    """Say what went into the file and what was filled in."""
    count = len(catalogue.offers) - len(left_out)
    notes = [f"{count} vastgelegde diensten geschreven." if dutch else f"{count} recorded services written."]
    if not catalogue.offers:
        notes.append(
            "Er zijn geen diensten vastgelegd die u mag zien. Begin met: eendracht services import"
            if dutch
            else "No services are recorded that you may see. Begin with: eendracht services import"
        )
    told = {
        "no-authority": (
            "{n} zeggen niet wie ze geeft: de eigenaar van het record staat als bevoegde organisatie.",
            "{n} do not say who gives them: the owner of the record stands as competent authority.",
        ),
        "no-description": (
            "{n} hebben geen omschrijving; het bestand zegt dat zo.",
            "{n} have no description; the file says so.",
        ),
    }
    # Samenwerkende Catalogi obliges no description.
    filled = {code: n for code, n in catalogue.notes.items() if format == "cpsv-ap" or code != "no-description"}
    notes += [told[code][0 if dutch else 1].format(n=n) for code, n in filled.items()]
    if left_out:
        notes.append(
            f"{len(left_out)} weggelaten: ze noemen geen product van de Uniforme Productnamenlijst."
            if dutch
            else f"{len(left_out)} left out: they name no product of the Uniforme Productnamenlijst."
        )
    return {"leftOut": left_out, "filledIn": filled, "notes": notes}
