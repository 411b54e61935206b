"""Commands of the right door: find the service for a question, and measure how well that goes.

Without a node both work on the list of products alone; with one its public services count too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from eendracht.services.door.answer import Answer
    from eendracht.services.door.finder import RightDoor

_AUDIENCES = ("citizen", "business")


def register(app: typer.Typer) -> None:
    """Add the commands of the door to the wing's."""
    app.command("find")(find)
    app.command("evaluate-door")(evaluate_door)


def find(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What somebody asks, in Dutch or English.", metavar="TEXT")],
    municipality: Annotated[
        str, typer.Option(help="Code of the municipality where they live, such as gm0344.", metavar="gmXXXX")
    ] = "",
    audience: Annotated[str, typer.Option(help="Who asks: citizen or business.")] = "",
    as_json: Json = False,
) -> None:
    """Find the service that a question is about.

    With it comes the public body that gives it. Nothing of the text is kept. Where nothing is sure enough it says so,
    and where a person can help.
    """
    from eendracht.kernel.errors import UsageFault
    from eendracht.kit.output import print_json

    if audience not in ("", *_AUDIENCES):
        raise UsageFault(f"There is no audience {audience}", hint=f"Choose one of: {', '.join(_AUDIENCES)}.")
    answer = _open_door(context).find(text, municipality=municipality, audience=audience)
    if as_json:
        print_json(answer.as_dict())
    else:
        _print_answer(answer)


def evaluate_door(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help='JSON Lines {"q": text, "upl": [names]}.', metavar="FILE.jsonl")],
    as_json: Json = False,
) -> None:
    """Measure the door on questions with known answers.

    An empty list of products means that the question is out of scope and should be refused. A refusal of one that is in
    scope is a miss.
    """
    from eendracht.kit.output import print_json, say
    from eendracht.services.door.evaluation import measure, read_questions

    questions = read_questions(file)
    found = measure(_open_door(context), questions)
    if as_json:
        print_json(found.as_dict())
        return
    for label, share in (
        ("right product first", found.top_1),
        ("right product among the first five", found.top_5),
        ("out of scope refused", found.abstained),
    ):
        say(f"{label:<36}{'-' if share is None else f'{share:8.1%}'}")
    say(f"{'95 % answered within':<36}{found.p95_ms:7.1f} ms")
    say(f"{'questions':<36}{found.n:8}")


def _open_door(context: typer.Context) -> RightDoor:
    """Give the door of the node, or of the products alone where there is no node in the usual place."""
    from eendracht.services.door.finder import open_reference_door
    from eendracht.services.door.recorded import build_door

    frame = frame_of(context)
    with frame.opened_if_any() as instance:
        if instance is None:
            return open_reference_door()
        return build_door(instance.store, frame.principal(instance))


def _print_answer(answer: Answer) -> None:
    from eendracht.kit.output import say

    for remark in answer.remarks:
        say(remark.en)
    if answer.hand_over:
        say(answer.hand_over.en)
    if answer.is_none and answer.hits:
        say("\nNearest, though not sure:")
    for number, hit in enumerate(answer.hits, 1):
        code = f" ({hit.authority.code})" if hit.authority.code else ""
        say(f"{number}. {hit.name}  {hit.score:.0%}")
        say(f"   {hit.authority.name.en}{code} · {hit.reason.en}")
        if hit.others:
            say(f"   also: {', '.join(other.name.en for other in hit.others)}")
        if hit.service:
            say(f"   {hit.service}")
