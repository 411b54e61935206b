"""The commands of the wing: one module per part, each of which registers its own."""

from __future__ import annotations

import typer

from eendracht.resilience.commands import (
    advisories,
    cbom,
    cutsets,
    envelope,
    evidence,
    quantum,
    recovery,
    scan,
    suppliers,
    whatif,
)

app = typer.Typer(help="What breaks, on whom we depend, and what comes back first.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """What breaks, on whom we depend, and what comes back first."""


for part in (whatif, suppliers, cutsets, recovery, envelope, scan, cbom, quantum, advisories, evidence):
    part.register(app)
