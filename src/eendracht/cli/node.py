"""Commands on the node itself: init, serve, demo, adoption, bench."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eendracht.kit.commands import Frame, Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.instance import Instance

DEMO_SEED = 2026


class DemoSize(StrEnum):
    """How large the synthetic landscape is."""

    SMALL = "small"
    NATIONAL = "national"


def register(app: typer.Typer) -> None:
    """Add the commands to the root."""
    for command in (init, serve, demo, adoption, bench):
        app.command()(command)


def init(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Option(help="Name of the node: a host and path, such as gm0344.example/node.")
    ] = None,
    database: Annotated[str | None, typer.Option(help="PostgreSQL address; default: a SQLite file.")] = None,
    as_json: Json = False,
) -> None:
    """Make a node that knows the Dutch public bodies."""
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    with frame.wiring.create(frame.folder, name, database) as instance:
        count = _load_bodies(instance, as_json)
        signed = instance.history.sign()
        folder = str(instance.settings.folder)
        if as_json:
            print_json({"folder": folder, "bodies": count, "verifierKey": instance.history.verifier_key})
        else:
            say(f"Made a node in {folder}: {count} public bodies, history signed at {signed.checkpoint.size}.")
            say(f"Its public key: {instance.history.verifier_key}")
            say("Next: eendracht import FILE --owner CODE --profile NAME, or eendracht demo in another folder.")


def _load_bodies(instance: Instance, quiet: bool) -> int:
    from eendracht.kernel.loading import load_bodies
    from eendracht.kit.output import progress_bar

    return load_bodies(instance.store, progress_bar("public bodies", quiet))


def serve(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="Port; default: as the settings say.", min=1, max=65_535)] = None,
    as_json: Json = False,
) -> None:
    """Serve pages and API on loopback until stopped."""
    from dataclasses import replace

    from eendracht.kit.output import print_json

    frame = frame_of(context)
    with frame.opened() as instance:
        settings = instance.settings if port is None else replace(instance.settings, port=port)
        if as_json:
            print_json({"host": settings.host, "port": settings.port})
        frame.wiring.serve(replace(instance, settings=settings))


def demo(
    context: typer.Context,
    size: Annotated[DemoSize, typer.Option(help="Size of the synthetic landscape.")] = DemoSize.SMALL,
    seed: Annotated[int, typer.Option(help="The same seed gives the same landscape.")] = DEMO_SEED,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop after the briefing.")] = False,
    planted: Annotated[Path | None, typer.Option(help="Write the hidden weak points to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Try it: the real public bodies and a SYNTHETIC landscape.

    Prints the briefing, and then serves. A node that holds records of your own is refused.
    """
    from eendracht.kernel.access import OPERATOR
    from eendracht.kernel.briefing import make_briefing
    from eendracht.kit.briefing import print_briefing
    from eendracht.kit.i18n import words_for
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    with _open_or_create(frame) as instance:
        _refuse_own_records(instance)
        _load_bodies(instance, as_json)
        _load_landscape(instance, size, seed, planted, as_json)
        instance = _let_personas_in(instance)
        instance.history.sign()
        made = make_briefing(instance, OPERATOR)
        if as_json:
            print_json(made.as_dict())
        else:
            print_briefing(made, words_for(instance))
        if not no_serve:
            say()
            frame.wiring.serve(instance)


def _let_personas_in(instance: Instance) -> Instance:
    """Make the personas, and let the pages of this node offer them."""
    from dataclasses import replace

    from eendracht.config import write_settings
    from eendracht.kernel.wing import load_parts
    from eendracht.kit.personas import PERSONAS, create_personas

    create_personas(instance, (*PERSONAS, *load_parts(instance.wings, "personas")))
    more: dict[str, Any] = {}
    for wing in instance.wings:
        if wing.demo:
            more |= wing.load("demo")(instance) or {}
    settings = replace(instance.settings, mode="demo", **more)
    write_settings(settings)
    return replace(instance, settings=settings)


def _open_or_create(frame: Frame) -> Instance:
    from eendracht.kernel.errors import NotFound

    try:
        return frame.wiring.open(frame.folder)
    except NotFound:
        return frame.wiring.create(frame.folder)


def _refuse_own_records(instance: Instance) -> None:
    """Keep invented records, which can never be taken out, away from real ones."""
    from eendracht.kernel.access import OPERATOR
    from eendracht.kernel.errors import Occupied
    from eendracht.kernel.store import Query

    own = instance.store.facets(Query(), OPERATOR).source.keys() - {"reference", "synthetic"}
    if own:
        raise Occupied(
            f"The node in {instance.settings.folder} holds records of your own",
            hint="Try it in another folder: eendracht --folder demo-data demo.",
        )


def _load_landscape(instance: Instance, size: DemoSize, seed: int, planted: Path | None, quiet: bool) -> None:
    from eendracht.demo import generate_estate, write_planted
    from eendracht.kernel.store import load
    from eendracht.kit.output import progress_bar
    from eendracht.reference import OBSERVED_ON, load_public_bodies

    bodies = [body for body in load_public_bodies() if body.is_valid_on(OBSERVED_ON) is not False]
    estate = generate_estate(size.value, seed, bodies)
    bar = progress_bar("synthetic landscape", quiet)
    load(instance.store, estate.drafts, only_new=True, progress=bar, total=estate.draft_count)
    if planted is not None:
        write_planted(planted, estate.planted)


class PageLanguage(StrEnum):
    """Languages of what is printed for people."""

    DUTCH = "nl"
    ENGLISH = "en"


def adoption(
    context: typer.Context,
    target: Annotated[Path, typer.Argument(help="Folder to write; it must not exist.")],
    language: Annotated[PageLanguage | None, typer.Option(help="Language; default: that of the node.")] = None,
    as_json: Json = False,
) -> None:
    """Write what a privacy officer and a CISO ask of this node.

    From its own settings and content: data flows, processing activities, retention, a pre-filled DPIA, evidence for
    BIO2 and the exit plan, in one page.
    """
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        chosen = language.value if language else instance.settings.language
        facts = frame.wiring.write_adoption_file(instance, target, "en" if chosen == "en" else "nl")
    if as_json:
        print_json(facts.as_dict())
        return
    counts = {state: sum(item.state == state for item in facts.evidence) for state in ("seen", "missing", "yours")}
    say(f"Wrote {target}: the page and its facts.")
    say(
        f"Evidence for BIO2: {counts['seen']} seen in this node, {counts['missing']} missing in it,"
        f" {counts['yours']} for your organisation to show."
    )


def bench(
    context: typer.Context,
    records: Annotated[int, typer.Option(help="How many records to write.", min=20)] = 5_000,
    as_json: Json = False,
) -> None:
    """Measure what a node on this machine can do.

    The records go into a folder of its own, which is removed.
    """
    import tempfile

    from eendracht.kernel.access import PUBLIC
    from eendracht.kit.measure import measure_node
    from eendracht.kit.output import print_json, print_table

    with tempfile.TemporaryDirectory(prefix="eendracht-bench-") as folder:
        frame = frame_of(context)
        with frame.wiring.create(Path(folder) / "node") as instance:
            figures = measure_node(instance, records, PUBLIC)
    if as_json:
        print_json([{"name": f.name, "value": round(f.value, 2), "unit": f.unit, "n": f.n} for f in figures])
    else:
        print_table(("what", "value", "unit", "n"), [(f.name, f"{f.value:.2f}", f.unit, f.n) for f in figures])
