"""Commands of the crisis envelope: make one, open one, and make the key of somebody who may open it.

Opening needs no node, no settings and no network. A passphrase is typed, or read from a file, a descriptor or the
environment; it never stands on the command line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eendracht.kit.commands import Json, frame_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eendracht.config import Settings
    from eendracht.resilience.envelope.keeping import Made
    from eendracht.resilience.envelope.sealing import PublicKey, SecretKey

_MOST_PASSPHRASE_BYTES = 10_000

envelope = typer.Typer(
    help="What people need when all is down, in one encrypted file.", no_args_is_help=True, rich_markup_mode=None
)

PassphraseFile = Annotated[Path | None, typer.Option(help="File with a passphrase on its first line.", metavar="FILE")]
PassphraseFd = Annotated[int | None, typer.Option(help="Open descriptor that gives a passphrase.", metavar="N")]
PassphraseEnv = Annotated[str, typer.Option(help="Variable that holds a passphrase.", metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the commands of the envelope to the wing's."""
    app.add_typer(envelope, name="envelope")


@envelope.command()
def build(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Write it here; default: the folder of envelopes.")] = None,
    recipients: Annotated[
        Path | None, typer.Option(help="File with public keys; default: that of the settings.", metavar="FILE")
    ] = None,
    ask: Annotated[bool, typer.Option("--passphrase", help="Ask for a passphrase too.")] = False,
    passphrase_file: PassphraseFile = None,
    passphrase_fd: PassphraseFd = None,
    passphrase_env: PassphraseEnv = "",
    as_json: Json = False,
) -> None:
    """Make a crisis envelope of the records as they are now.

    It opens with a passphrase, or with the secret key of one of the recipients. Where there are no recipients, a
    passphrase is asked for.
    """
    from eendracht.kernel.jobs import Jobs
    from eendracht.resilience.envelope.keeping import KIND, keep_envelope, make_envelope, write_whole

    frame = frame_of(context)
    if out is None:
        frame.require_operator()
    with frame.opened() as instance:
        keys = _read_keys(recipients, instance.settings)
        passphrase = _read_passphrase(passphrase_file, passphrase_fd, passphrase_env)
        if not passphrase and (ask or not keys):
            passphrase = _ask_for_passphrase(twice=True)
        made = make_envelope(instance, frame.principal(instance), passphrase=passphrase, keys=keys)
        if out is not None:
            write_whole(out, made.sealed)
        else:
            out = keep_envelope(instance.settings.envelopes_folder, made)
            Jobs(instance.store).note_done(KIND, {**made.about, "file": str(out)}, frame.principal(instance))
    _say_made(out, made, as_json)


def _say_made(out: Path, made: Made, as_json: bool) -> None:
    from eendracht.kit.output import print_json, say

    if as_json:
        print_json({**made.about, "file": str(out)})
        return
    about = made.about
    counts = f"contacts {about['contacts']}, steps {about['steps']}, critical services {about['services']}"
    say(f"Wrote {out}: {counts}.")
    if about["withoutPaper"]:
        say(f"Without a procedure on paper: {about['withoutPaper']} of {about['services']}.")
    if not about["contacts"]:
        say("There are no contacts in it: record crisis-contact records first.")


@envelope.command("open")
def open_envelope(
    file: Annotated[Path, typer.Argument(help="The envelope.")],
    out: Annotated[Path, typer.Option(help="Folder for what comes out.", metavar="FOLDER")] = Path(),
    key: Annotated[Path | None, typer.Option(help="File with the secret key of a recipient.", metavar="FILE")] = None,
    passphrase_file: PassphraseFile = None,
    passphrase_fd: PassphraseFd = None,
    passphrase_env: PassphraseEnv = "",
    as_json: Json = False,
) -> None:
    """Open a crisis envelope; this needs no node and no network.

    It leaves a page to print and the same as JSON, readable for you alone. With --json it writes no file, and prints
    the content.
    """
    from eendracht.kit.output import say
    from eendracht.resilience.envelope.sealing import MOST_BYTES, MOST_HEADER_BYTES, open_file, read_header

    with file.open("rb") as source:
        data = source.read(MOST_BYTES + 2 * MOST_HEADER_BYTES)
    read_header(data)
    secrets = [_read_secret(key)] if key is not None else []
    passphrase = _read_passphrase(passphrase_file, passphrase_fd, passphrase_env)
    if not secrets and not passphrase:
        passphrase = _ask_for_passphrase(twice=False)
    opened = open_file(data, passphrase=passphrase, keys=secrets)
    if as_json:
        sys.stdout.write(opened.files.get("crisis-envelope.json", "{}") + "\n")
        return
    say(f"Envelope of {opened.header.get('node', '?')}, made at {opened.header.get('madeAt', '?')}.")
    _write_files(out, opened.files)
    say("These files are not encrypted: delete them when you are done.")


def _write_files(folder: Path, files: Mapping[str, str]) -> None:
    from eendracht.kernel.errors import StorageFailure
    from eendracht.kit.output import say
    from eendracht.resilience.envelope.keeping import write_whole

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageFailure(f"{folder}: {error.strerror}") from error
    for name, text in sorted(files.items()):
        # A name from the file leads to no other folder.
        target = folder / Path(name).name
        write_whole(target, text.encode())
        say(f"Wrote {target}")


@envelope.command("make-key")
def make_key(
    name: Annotated[str, typer.Argument(help="A role or desk, never a person: gm0344-crisis-lead.")],
    out: Annotated[Path, typer.Option(help="File for the secret key; keep it off the node.", metavar="FILE")],
    as_json: Json = False,
) -> None:
    """Make the key of somebody who may open envelopes.

    It writes the secret key and prints the public one, of which the node gets the line.
    """
    from eendracht.kernel.errors import Occupied
    from eendracht.kit.output import print_json, say
    from eendracht.resilience.envelope.keeping import write_whole
    from eendracht.resilience.envelope.sealing import SecretKey

    secret = SecretKey.make(name)
    if out.exists():
        raise Occupied(f"{out} is there already", hint="A key that is lost is lost: choose another file.")
    write_whole(out, f"{secret.text()}\n".encode())
    if as_json:
        print_json({"name": name, "keyId": secret.public.key_id, "publicKey": secret.public.text()})
    else:
        say(secret.public.text())


def _read_keys(recipients: Path | None, settings: Settings) -> list[PublicKey]:
    from eendracht.resilience.envelope.keeping import read_recipients

    path = recipients or settings.envelope_recipients_file
    return read_recipients(path) if path is not None else []


def _read_secret(path: Path) -> SecretKey:
    from eendracht.resilience.envelope.sealing import SecretKey

    with path.open("rb") as source:
        return SecretKey.parse(source.read(_MOST_PASSPHRASE_BYTES).decode("utf-8", "replace"))


def _read_passphrase(file: Path | None, descriptor: int | None, variable: str) -> str:
    """Give the passphrase that was named; empty where none was. Raises UsageFault for two, or for an empty one."""
    from eendracht.kernel.errors import UsageFault

    if sum((file is not None, descriptor is not None, bool(variable))) > 1:
        raise UsageFault("A passphrase comes from one place", hint="Keep one of the --passphrase options.")
    if file is not None:
        with file.open("rb") as source:
            return _first_line(source.read(_MOST_PASSPHRASE_BYTES))
    if descriptor is not None:
        try:
            with os.fdopen(descriptor, "rb", closefd=False) as source:
                return _first_line(source.read(_MOST_PASSPHRASE_BYTES))
        except (OSError, ValueError):
            raise UsageFault(f"Descriptor {descriptor} cannot be read") from None
    if variable:
        return _first_line(os.environ.get(variable, "").encode("utf-8", "surrogateescape"))
    return ""


def _first_line(data: bytes) -> str:
    from eendracht.kernel.errors import UsageFault

    text = data.decode("utf-8", "replace").partition("\n")[0].strip()
    if not text:
        raise UsageFault("The passphrase is empty")
    return text


def _ask_for_passphrase(*, twice: bool) -> str:
    from eendracht.kernel.errors import UsageFault

    if not sys.stdin.isatty():
        return _first_line(sys.stdin.readline().encode("utf-8", "surrogateescape"))
    text = str(typer.prompt("Passphrase", hide_input=True, err=True))
    if twice and text != str(typer.prompt("The same again", hide_input=True, err=True)):
        raise UsageFault("The two are not the same", hint="Type it again.")
    return text
