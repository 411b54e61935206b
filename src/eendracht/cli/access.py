"""Commands on who may look and write: principals with roles for organisations, and their tokens."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from eendracht.kit.commands import Json, frame_of

app = typer.Typer(help="Who may look and write, and with which token.", no_args_is_help=True, rich_markup_mode=None)

Name = Annotated[str, typer.Argument(help="Name of the principal: a role or system, never a person.")]


class TokenScope(StrEnum):
    """What a token allows."""

    READ = "read"
    WRITE = "write"


@app.command()
def grant(
    context: typer.Context,
    name: Name,
    roles: Annotated[list[str], typer.Argument(help="Roles for organisations, such as editor@organisation:gm0344.")],
    as_json: Json = False,
) -> None:
    """Make a principal, or give an existing one other roles.

    The roles come in the place of those that it had.
    """
    from eendracht.kernel.credentials import create_principal
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        principal = create_principal(instance.store, name, roles)
        instance.audit.note("principal-granted", "operator", about=name)
        held = sorted(f"{role}@{organisation}" for role, organisation in principal.roles)
        if as_json:
            print_json({"name": principal.name, "roles": held})
        else:
            say(f"{principal.name}: {', '.join(held)}")


@app.command()
def token(
    context: typer.Context,
    name: Name,
    scope: Annotated[TokenScope, typer.Option(help="What it allows.")] = TokenScope.READ,
    days: Annotated[int, typer.Option(help="How long it is valid.")] = 365,
    as_json: Json = False,
) -> None:
    """Make a token for the API.

    It is shown once, and only its hash is kept.
    """
    from eendracht.kernel.credentials import issue_token
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        secret = issue_token(instance.store, name, scope.value, days)
        instance.audit.note("token-issued", "operator", about=name, reason=scope.value)
        if as_json:
            print_json({"name": name, "scope": scope.value, "days": days, "token": secret})
        else:
            say(secret)


@app.command()
def revoke(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Make every token of a principal worthless."""
    from eendracht.kernel.credentials import revoke_tokens
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        revoke_tokens(instance.store, name)
        instance.audit.note("tokens-revoked", "operator", about=name)
        if as_json:
            print_json({"name": name, "revoked": True})
        else:
            say(f"Every token of {name} is worthless now.")


@app.command()
def remove(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """Take a principal away, with its tokens and sessions.

    What it recorded keeps its name.
    """
    from eendracht.kernel.credentials import remove_principal
    from eendracht.kit.output import print_json, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        remove_principal(instance.store, name)
        instance.audit.note("principal-removed", "operator", about=name)
        if as_json:
            print_json({"name": name, "removed": True})
        else:
            say(f"{name} is gone, and so are its tokens and sessions.")


@app.command("list")
def list_access(context: typer.Context, as_json: Json = False) -> None:
    """List who holds which roles and tokens, to review them."""
    from eendracht.kernel.credentials import list_principals
    from eendracht.kit.output import print_json, print_table, say

    frame = frame_of(context)
    frame.require_operator()
    with frame.opened() as instance:
        held = list_principals(instance.store)
    if as_json:
        print_json([{"name": item.name, "roles": list(item.roles), "tokensUntil": list(item.tokens)} for item in held])
    elif held:
        rows = [(item.name, ", ".join(item.roles), len(item.tokens), (item.tokens or ("",))[-1][:10]) for item in held]
        print_table(("name", "roles", "tokens", "last until"), rows)
    else:
        say("Nobody holds a role yet.")
