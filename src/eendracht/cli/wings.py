"""The wings of a node: their command groups, each loaded when it is called, and the switches of each wing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from eendracht.kit.commands import Frame, Json, frame_of

if TYPE_CHECKING:
    from eendracht.kernel.wing import Wing

app = typer.Typer(help="Which priorities are on, and for whom.", no_args_is_help=True, rich_markup_mode=None)

WingName = Annotated[str, typer.Argument(help="Name of the wing, such as cloud.", metavar="WING")]
Organisation = Annotated[
    str, typer.Argument(help="Ref of an organisation; default: the whole node.", metavar="[ORGANISATION]")
]


class WingGroup(TyperGroup):
    """A command group of one wing; its commands load when it is called, and not where only its name is listed."""

    def __init__(self, wing: Wing, name: str) -> None:
        about, self._app = wing.command_groups[name]
        super().__init__(name=name, help=about, no_args_is_help=True, rich_markup_mode=None)
        self._wing = wing

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the names of the commands."""
        return self._load().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give a command; None where there is none of that name."""
        return self._load().get_command(ctx, cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Run a command where the wing is on for whoever asks; raises WingOff.

        Without a node, or with one that does not open, nothing is off: a command that needs one says so itself.
        """
        if self._is_off(ctx.find_object(Frame)):
            from eendracht.kernel.store.switches import WingOff

            raise WingOff(f"{self._wing.name} is off")
        return super().invoke(ctx)

    def _is_off(self, frame: Frame) -> bool:
        from eendracht.kernel.errors import EendrachtError

        try:
            with frame.opened_if_any() as instance:
                return instance is not None and not instance.store.switches.is_open(
                    self._wing.name, frame.principal(instance)
                )
        except (EendrachtError, OSError):
            return False

    def _load(self) -> TyperGroup:
        loaded = typer.main.get_command(self._app())
        assert isinstance(loaded, TyperGroup), "commands of a wing are a Typer with several commands or a callback"
        return loaded


class RootGroup(TyperGroup):
    """The root of the command line: the commands of the frame, and the groups of each wing."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the names of commands and groups."""
        return [*super().list_commands(ctx), *(name for wing in _wings_of(ctx) for name in wing.command_groups)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Give a command or group; None where there is none of that name."""
        for wing in _wings_of(ctx):
            if cmd_name in wing.command_groups:
                return WingGroup(wing, cmd_name)
        return super().get_command(ctx, cmd_name)


def _wings_of(context: Any) -> tuple[Wing, ...]:
    frame = context.find_object(Frame)
    return frame.wiring.wings if frame is not None else ()


@app.command("list")
def list_wings(context: typer.Context, as_json: Json = False) -> None:
    """List the wings, and for whom each is off."""
    from eendracht.kernel.priorities import PRIORITIES
    from eendracht.kit.output import print_json, print_table

    frame = frame_of(context)
    with frame.opened() as instance:
        there = {wing.name for wing in instance.wings}
        off = instance.store.switches.list_off()
    rows = []
    for name in PRIORITIES:
        organisations = sorted(organisation for wing, organisation in off if wing == name and organisation)
        rows.append({"wing": name, "isThere": name in there, "isOn": (name, "") not in off, "offFor": organisations})
    if as_json:
        print_json(rows)
    else:
        print_table(("wing", "state", "off for"), [_row(row) for row in rows])


def _row(row: dict[str, Any]) -> tuple[str, str, str]:
    state = ("on" if row["isOn"] else "off") if row["isThere"] else "not in this release"
    return row["wing"], state, ", ".join(row["offFor"])


@app.command("on")
def switch_on(context: typer.Context, wing: WingName, organisation: Organisation = "", as_json: Json = False) -> None:
    """Switch a wing on, for an organisation or for the whole node.

    What it held before is there again.
    """
    _switch(context, wing, organisation, True, as_json)


@app.command("off")
def switch_off(context: typer.Context, wing: WingName, organisation: Organisation = "", as_json: Json = False) -> None:
    """Switch a wing off, for an organisation or for the whole node.

    Its pages, routes, rows, findings and tasks are gone then; nothing is deleted.
    """
    _switch(context, wing, organisation, False, as_json)


def _switch(context: typer.Context, wing: str, organisation: str, is_on: bool, as_json: bool) -> None:
    from eendracht.kernel.errors import UsageFault
    from eendracht.kernel.store.switches import switch_wing
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        names = [item.name for item in instance.wings]
        if wing not in names:
            known = f"Choose one of: {', '.join(names)}." if names else "This release has no wings yet."
            raise UsageFault(f"There is no wing '{wing[:40]}'", hint=known)
        changed = switch_wing(instance.store, wing, organisation, is_on)
        if changed:
            reason = f"{wing}-{'on' if is_on else 'off'}"
            instance.audit.note("switched", "operator", organisation=organisation, reason=reason)
    if as_json:
        print_json({"wing": wing, "organisation": organisation, "isOn": is_on, "changed": changed})
    else:
        say(f"{wing} is {'on' if is_on else 'off'} for {organisation or 'the whole node'}.")
