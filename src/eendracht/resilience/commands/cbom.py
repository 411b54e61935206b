"""Commands about the cryptographic inventory: take in bills and certificates, search them, and write a bill."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.resilience.crypto.inventories import Outcome, ToldInventory
    from eendracht.resilience.crypto.search import Answer

bills = typer.Typer(help="The cryptographic inventory: what is used where.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the wing's."""
    app.add_typer(bills, name="cbom")


@bills.command("import")
def import_inventory(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CycloneDX 1.6 or 1.7 (JSON); or certificates: PEM, DER, PKCS#7, PKCS#12, JKS.")
    ],
    subject: Annotated[
        str, typer.Option(help="What it is the inventory of, such as application:gm0344/zaaksysteem.", metavar="REF")
    ] = "",
    organisation: Annotated[
        str, typer.Option(help="Code of the organisation; left out, that of the subject.", metavar="CODE")
    ] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="File with the password of a keystore; else it is asked for.", metavar="FILE")
    ] = None,
    as_json: Json = False,
) -> None:
    """Record an inventory: what is new or changed, and the end of what went since the last one of the same subject.

    Of a private key is kept only that one was there.
    """
    from eendracht.kernel.errors import UsageFault
    from eendracht.kit.output import print_json
    from eendracht.resilience.crypto.inventories import record_inventory

    if not subject and not organisation:
        raise UsageFault("Whose is it?", hint="Add --subject REF or --organisation CODE.")
    told = _read(file, password_file)
    owner = organisation if ":" in organisation or not organisation else f"organisation:{organisation}"
    frame = frame_of(context)
    with frame.opened() as instance:
        principal = frame.principal(instance)
        outcome = record_inventory(instance.store, principal, told, organisation=owner, subject=subject)
        instance.store.catch_up()
        instance.history.sign()
        if as_json:
            print_json({**outcome.as_dict(), "leftOut": dict(told.left_out), "dangling": told.dangling})
            return
        _print_outcome(outcome, told, is_dutch=instance.settings.language == "nl")


def _read(file: Path, password_file: Path | None) -> ToldInventory:
    """Read a file as what its first bytes say it is."""
    from eendracht.kernel.imports.bounds import read_bytes

    data = read_bytes(file)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        from eendracht.resilience.crypto.bills import read_cbom
        from eendracht.resilience.crypto.told import tell_bill

        return tell_bill(read_cbom(data, file.name), file.name)
    from eendracht.resilience.crypto.certificates import read_certificates

    def ask() -> str:
        if password_file is not None:
            lines = read_bytes(password_file, 10_000).decode("utf-8", "replace").splitlines()
            return lines[0] if lines else ""
        return str(typer.prompt("Password", hide_input=True, err=True, default="", show_default=False))

    return read_certificates(data, file.name, ask)


def _print_outcome(outcome: Outcome, told: ToldInventory, *, is_dutch: bool) -> None:
    from eendracht.kit.output import print_number, say

    say(outcome.inventory)
    counted = [
        (outcome.assets, "cryptografische onderdelen", "cryptographic assets"),
        (outcome.new, "nieuw", "new"),
        (outcome.changed, "gewijzigd", "changed"),
        (outcome.unchanged, "ongewijzigd", "unchanged"),
        (outcome.ended, "vervallen", "ended"),
        (outcome.unresolved, "met een doel dat niet vaststaat", "whose purpose is not certain"),
    ]
    for count, dutch, english in counted:
        say(f"  {print_number(count, is_dutch=is_dutch):>6} {dutch if is_dutch else english}")
    reasons = {
        "secret": ("geheime waarden niet overgenomen", "secret values not taken over"),
        "person-name": (
            "namen van misschien een persoon niet overgenomen",
            "names that may be of a person left out",
        ),
        "email": ("e-mailadressen niet overgenomen", "e-mail addresses left out"),
    }
    for reason, count in told.left_out.items():
        dutch, english = reasons.get(reason, (reason, reason))
        say(f"  {print_number(count, is_dutch=is_dutch):>6} {dutch if is_dutch else english}")
    if told.dangling:
        said = ("verwijzingen leiden nergens heen", "references lead nowhere")[0 if is_dutch else 1]
        say(f"  {print_number(told.dangling, is_dutch=is_dutch):>6} {said}")


@bills.command("find")
def find_cryptography(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(help='Such as "RSA-2048 or ECDH", or: where is sha1.')],
    limit: Annotated[int, typer.Option(help="The most assets to list.", min=1, max=100_000)] = 20,
    as_json: Json = False,
) -> None:
    """Tell where an algorithm is used, by whom, for which service, and how many people rely on that."""
    from eendracht.kernel.disclosure import require_insider
    from eendracht.kit.output import print_json
    from eendracht.resilience.crypto.search import describe_answer, search_cryptography

    frame = frame_of(context)
    with frame.opened() as instance:
        principal = frame.principal(instance)
        require_insider(principal)
        answer = search_cryptography(instance.store, principal, " ".join(query))
        if as_json:
            print_json(describe_answer(answer, limit))
            return
        _print_answer(answer, limit, is_dutch=instance.settings.language == "nl")


_CLASSES = {
    "broken": ("gebroken", "broken"),
    "weakened": ("verzwakt", "weakened"),
    "safe": ("geen aanval bekend", "no attack known"),
    "unknown": ("onbekend", "unknown"),
}


def _print_answer(answer: Answer, limit: int, *, is_dutch: bool) -> None:
    from eendracht.kit.output import print_number, say

    at = 0 if is_dutch else 1
    count_of = partial(print_number, is_dutch=is_dutch)
    people = _print_bounds(answer.persons.low, answer.persons.high, is_dutch=is_dutch)
    say(f"{count_of(len(answer.found))} " + ("cryptografische onderdelen", "cryptographic assets")[at])
    for family, of, count in answer.families:
        say(f"  {count_of(count):>7} {family or '?'}: {_CLASSES[of][at]}")
    counted = (
        (len(answer.organisations), ("organisatie", "organisation"), ("organisaties", "organisations")),
        (len(answer.services), ("dienst", "service"), ("diensten", "services")),
    )
    parts = [f"{count_of(count)} {(one if count == 1 else many)[at]}" for count, one, many in counted]
    say(", ".join([*parts, f"{people} {('mensen', 'people')[at]}"]))
    if answer.unplaced:
        said = ("Van {} onderdelen is geen dienst bekend.", "Of {} assets no service is known.")[at]
        say(said.format(count_of(answer.unplaced)))
    if answer.is_synthetic:
        say(("Verzonnen gegevens zijn meegeteld.", "Made-up records are counted in.")[at])
    if answer.services:
        say()
        _print_services(answer, limit, is_dutch=is_dutch)
    if answer.found:
        say()
        _print_found(answer, limit, is_dutch=is_dutch)
    left = len(answer.found) - limit
    if left > 0:
        say(("En nog {}; meer met --limit.", "And {} more; see them with --limit.")[at].format(count_of(left)))


def _print_services(answer: Answer, limit: int, *, is_dutch: bool) -> None:
    from eendracht.kit.output import print_number, print_table

    dutch = ("dienst", "organisatie", "onderdelen", "algoritmen", "mensen")
    rows = [
        (
            use.name,
            answer.names.get(use.owner, use.owner),
            use.assets,
            ", ".join(use.labels[:4]),
            "?" if use.persons is None else print_number(use.persons, is_dutch=is_dutch),
        )
        for use in answer.services[:limit]
    ]
    print_table(dutch if is_dutch else ("service", "organisation", "assets", "algorithms", "people"), rows)


def _print_found(answer: Answer, limit: int, *, is_dutch: bool) -> None:
    from eendracht.kit.output import print_table

    dutch = ("onderdeel", "waar", "gebruikt door", "organisatie", "kwantum")
    rows = [
        (
            one.label,
            next(iter(one.spec.get("locations", ())), ""),
            ", ".join(answer.names.get(ref, ref) for ref in one.spec.get("usedBy", ())),
            answer.names.get(one.owner, one.owner),
            _CLASSES[one.quantum_class][0 if is_dutch else 1],
        )
        for one in answer.found[:limit]
    ]
    print_table(dutch if is_dutch else ("asset", "where", "used by", "organisation", "quantum"), rows, 40)


def _print_bounds(low: int, high: int | None, *, is_dutch: bool) -> str:
    """Give how many people it is, as a number or as what it lies between."""
    from eendracht.kit.output import print_number

    least = print_number(low, is_dutch=is_dutch)
    if high is None:
        return ("ten minste " if is_dutch else "at least ") + least
    most = print_number(high, is_dutch=is_dutch)
    return least if low == high else (f"{least} tot {most}" if is_dutch else f"{least} to {most}")


@bills.command("export")
def export_inventory(
    context: typer.Context,
    inventory: Annotated[str, typer.Argument(help="Ref of an inventory.", metavar="REF")],
    out: Annotated[Path | None, typer.Option(help="Write it here; left out, to the screen.", metavar="FILE")] = None,
) -> None:
    """Write an inventory as a bill of materials (CycloneDX), with all that its source said of each asset."""
    import json

    from eendracht.kernel.disclosure import require_insider
    from eendracht.kit.output import print_json
    from eendracht.resilience.crypto.writing import write_cbom

    frame = frame_of(context)
    with frame.opened() as instance:
        principal = frame.principal(instance)
        require_insider(principal)
        bill = write_cbom(instance.store, principal, inventory)
    if out is None:
        print_json(bill)
        return
    out.write_text(json.dumps(bill, ensure_ascii=False, indent=2) + "\n", "utf-8")
