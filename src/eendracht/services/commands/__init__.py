"""The commands of the wing: one module per part, each of which registers its own."""

from __future__ import annotations

import typer

from eendracht.services.commands import catalogue, door, entitlements, notices, proactive

app = typer.Typer(help="The right door for every question, and service before it is asked for.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """The right door for every question, and service before it is asked for."""


for part in (catalogue, door, entitlements, notices, proactive):
    part.register(app)
