"""The command that looks at endpoints from outside: which versions and groups of TLS they offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eendracht.kit.commands import Frame
    from eendracht.resilience.tls.guideline import Outcome
    from eendracht.resilience.tls.probe import Endpoint

scans = typer.Typer(help="Look at what endpoints offer, without logging in to them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the wing's."""
    app.add_typer(scans, name="scan")


@scans.callback()
def root() -> None:
    """Look at what endpoints offer, without logging in to them."""


@scans.command("tls")
def scan_tls(
    context: typer.Context,
    target: Annotated[list[str], typer.Argument(help="Endpoints, each as HOST:PORT.", metavar="HOST:PORT")],
    record: Annotated[
        str, typer.Option(help="Record what is seen, as endpoints of this organisation.", metavar="CODE")
    ] = "",
    serves: Annotated[
        list[str] | None, typer.Option(help="What people reach over them; with --record.", metavar="REF")
    ] = None,
    later: Annotated[bool, typer.Option("--later", help="Leave it to a worker; with --record.")] = False,
    as_json: Json = False,
) -> None:
    """Show the versions of TLS and the key exchange groups, quantum-safe ones among them, in order of preference.

    No handshake is finished, in nine connections at most. Only what scan_targets allows is looked at, and this machine.
    """
    from eendracht.kernel.errors import UsageFault
    from eendracht.kit.output import print_json
    from eendracht.resilience.tls.guideline import judge_endpoint
    from eendracht.resilience.tls.targets import read_targets, scan

    frame = frame_of(context)
    if record:
        _record(frame, target, record if ":" in record else f"organisation:{record}", serves or (), later, as_json)
        return
    if serves or later:
        raise UsageFault("Whose endpoints are they?", hint="Add --record CODE, such as --record gm0344.")
    settings = frame.wiring.settings(frame.folder)
    found = [(endpoint, judge_endpoint(endpoint)) for endpoint in scan(read_targets(target), settings.scan_targets)]
    if as_json:
        told = [{**endpoint.as_dict(), "guideline": outcome.as_dict()} for endpoint, outcome in found]
        print_json(told[0] if len(told) == 1 else told)
        return
    for endpoint, outcome in found:
        _print(endpoint, outcome, is_dutch=settings.language == "nl")


def _record(
    frame: Frame, targets: list[str], organisation: str, serves: Sequence[str], later: bool, as_json: bool
) -> None:
    from eendracht.kernel.errors import UsageFault
    from eendracht.kit.output import print_json, say
    from eendracht.resilience.tls.jobs import ask_scan
    from eendracht.resilience.tls.recording import record_endpoints
    from eendracht.resilience.tls.targets import read_targets, scan

    if later and serves:
        raise UsageFault("A worker cannot tell what the endpoints serve", hint="Leave --serves or --later out.")
    with frame.opened() as instance:
        principal = frame.principal(instance)
        if later:
            job = ask_scan(instance, principal, targets, organisation)
            print_json({"job": job}) if as_json else say(job)
            return
        found = scan(read_targets(targets), instance.settings.scan_targets)
        refs = record_endpoints(instance.store, principal, found, organisation, serves)
        instance.store.catch_up()
        instance.history.sign()
        if as_json:
            records = [instance.store.get(ref, principal) for ref in refs]
            print_json([{"ref": one.ref, **one.spec(instance.store.registry)} for one in records])
            return
        for ref in refs:
            say(ref)


def _print(endpoint: Endpoint, outcome: Outcome, *, is_dutch: bool) -> None:
    from eendracht.kit.output import print_table, say

    say(f"{endpoint.host}:{endpoint.port}")
    if endpoint.fault:
        say(f"  {endpoint.fault}")
        return
    safe = {
        True: ("ja", "yes"),
        False: ("nee", "no"),
        None: ("onbekend", "unknown"),
    }[endpoint.is_quantum_safe][0 if is_dutch else 1]
    level = {"good": "goed", "sufficient": "voldoende", "phase-out": "uit te faseren", "insufficient": "onvoldoende"}
    judged = {item.name: item.level for item in outcome.judged}
    said = level.get(outcome.level, "onbekend") if is_dutch else outcome.level
    say(f"  {'Kwantumveilige sleuteluitwisseling' if is_dutch else 'Quantum-safe key exchange'}: {safe}")
    say(f"  NCSC-NL TLS {outcome.date}: {said}")
    versions = ", ".join(endpoint.as_dict()["versions"])
    say(f"  {'Versies' if is_dutch else 'Versions'}: {versions}")
    quantum = {"hybrid": "hybride", "pure": "ja", "draft": "concept", "none": "nee", "unknown": "onbekend"}
    rows = [
        (
            at,
            group["name"],
            quantum[group["quantum"]] if is_dutch else group["quantum"],
            level[judged[group["name"]]] if is_dutch else judged[group["name"]],
        )
        for at, group in enumerate(endpoint.as_dict()["groups"], 1)
    ]
    if rows:
        say()
        print_table(
            ("", "groep", "kwantumveilig", "NCSC-NL") if is_dutch else ("", "group", "quantum", "NCSC-NL"), rows
        )
    whose = {
        "server": ("De server kiest deze volgorde.", "This is the order of the server."),
        "client": ("De server volgt de bezoeker.", "The server follows the visitor."),
        "unknown": ("Wiens volgorde dit is, is niet te zien.", "Whose order this is cannot be seen."),
    }[endpoint.preference][0 if is_dutch else 1]
    say(f"  {whose}")
    if not endpoint.is_complete:
        say("  " + ("Er zijn er misschien meer." if is_dutch else "There may be more."))
