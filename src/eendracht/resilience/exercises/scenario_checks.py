"""Reads a scenario and finds every fault of it at once: of the file, between its parts, and against the node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from eendracht.kernel.errors import Fault, InvalidInput, NotFound
from eendracht.kernel.rules.document import MAXIMUM_BYTES, Faults, read_document
from eendracht.kernel.validation import validate
from eendracht.resilience.exercises.scenario import EVERYBODY, Condition, ScenarioFile

if TYPE_CHECKING:
    from eendracht.kernel.landscape import Landscape

_CODES: Final = {
    "unreadable-law": "unreadable-file",
    "law-too-large": "file-too-large",
    "alias-in-law": "alias",
    "tag-in-law": "tag",
}
_HINTS: Final = {
    "law-too-large": "Leave out what is no part of the exercise.",
    "several-documents": "Keep one scenario in each file.",
}
"""The reader of YAML is that of laws; what it says of any file has words of its own here."""
Find = Callable[[str], bool]
"""Tells whether the estate has a thing of this name."""


def read_scenario(data: bytes, file: str, *, allowed: str = "", find_thing: Find | None = None) -> ScenarioFile:
    """Read a scenario (YAML 1.2); raises InvalidInput with every fault, each with its line.

    `allowed` is the list of who may get messages outside the site; `find_thing` knows the estate, and without it things
    are not looked up.
    """
    faults = Faults(file)
    document = read_document(data[: MAXIMUM_BYTES + 1], file, faults)
    if document is None or faults.errors:
        raise _refuse(file, [_say(fault) for fault in faults.errors])
    scenario, found = validate(ScenarioFile, document)
    # A list of which a part is wrong counts as one without it: that is not what is to be mended.
    found = [item for item in found if item.code != "too-short" or not _has_within(found, item.pointer)]
    if scenario is not None:
        found += check_scenario(scenario, allowed, find_thing)
    if scenario is None or found:
        raise _refuse(file, [_place(fault, document, file) for fault in found])
    return scenario


def _say(fault: Fault) -> Fault:
    if fault.code == "not-a-law":
        nl, en = "Dit is geen scenario", "This is no scenario"
        return Fault(fault.pointer, "not-a-scenario", nl, en, "A scenario is a mapping with name, ledBy and injects.")
    hint = _HINTS.get(fault.code, fault.hint)
    return Fault(fault.pointer, _CODES.get(fault.code, fault.code), fault.nl, fault.en, hint)


def _has_within(found: list[Fault], pointer: str) -> bool:
    return any(item.pointer.startswith(f"{pointer}/") for item in found)


def _refuse(file: str, faults: list[Fault]) -> InvalidInput:
    return InvalidInput(f"{file}: {len(faults)} fault(s) in the scenario", faults=faults)


def _place(fault: Fault, document: Any, file: str) -> Fault:
    """Put the line before the pointer, so that the place is found in a long file."""
    value, line = document, getattr(document, "line", 1)
    for step in fault.pointer.split("/")[1:]:
        lines = getattr(value, "lines", None)
        try:
            key = int(step) if isinstance(value, list) else step
            line = lines[key] if lines is not None else line
            value = value[key]
        except (KeyError, IndexError, ValueError, TypeError):
            break
    return Fault(f"{file}:{line} › {fault.pointer}", fault.code, fault.nl, fault.en, fault.hint)


def check_scenario(scenario: ScenarioFile, allowed: str, find_thing: Find | None) -> list[Fault]:
    """Give what is wrong between the parts of a scenario, and against the node that is to run it."""
    return [
        *_check_ids(scenario),
        *_check_injects(scenario),
        *_check_expectations(scenario),
        *_check_cycles(scenario),
        *_check_recipients(scenario, allowed),
        *_check_world(scenario),
        *(_check_things(scenario, find_thing) if find_thing else ()),
    ]


def _check_ids(scenario: ScenarioFile) -> Iterator[Fault]:
    for part, names in (
        ("organisations", [item.ref for item in scenario.organisations]),
        ("objectives", [item.id for item in scenario.objectives]),
        ("injects", [item.id for item in scenario.injects]),
        ("expectations", [item.id for item in scenario.expectations]),
    ):
        seen: set[str] = set()
        for at, name in enumerate(names):
            if name in seen:
                yield Fault(
                    f"/{part}/{at}",
                    "named-twice",
                    f"'{name}' staat er twee keer",
                    f"'{name}' stands here twice",
                    "Give each a name of its own.",
                )
            seen.add(name)


def _check_injects(scenario: ScenarioFile) -> Iterator[Fault]:
    objectives = {item.id for item in scenario.objectives}
    expectations = {item.id for item in scenario.expectations}
    members = frozenset(scenario.members)
    for at, inject in enumerate(scenario.injects):
        place = f"/injects/{at}"
        if (inject.at is None) == (inject.when is None):
            yield Fault(
                place,
                "when-is-it",
                "Zeg bij elke inject of at, of when",
                "Say of each inject either at or when",
                "at is a moment such as 0:30; when is something that has happened.",
            )
        if inject.at is not None and inject.at + inject.delay > scenario.duration:
            yield Fault(
                f"{place}/at",
                "after-the-end",
                "Deze inject komt na het einde van de oefening",
                "This inject comes after the end of the exercise",
                "Let it come earlier, or let the exercise take longer (duration).",
            )
        if inject.objective and inject.objective not in objectives:
            yield _unknown(f"{place}/objective", inject.objective, "objective")
        if inject.when is not None:
            yield from _check_condition(scenario, expectations, inject.when, f"{place}/when")
        yield from _check_members(members, inject.to, f"{place}/to")


def _check_condition(scenario: ScenarioFile, expectations: set[str], when: Condition, place: str) -> Iterator[Fault]:
    if not (when.thing or when.expectation or when.inject or when.decision):
        yield Fault(
            place,
            "condition-empty",
            "Deze voorwaarde zegt niets",
            "This condition says nothing",
            "Fill in thing, expectation, inject or decision.",
        )
    if when.about and not when.decision:
        yield Fault(
            f"{place}/about",
            "about-what",
            "Zeg ook om welk besluit het gaat",
            "Say as well which decision it is",
            "Fill in decision.",
        )
    if when.expectation and when.expectation not in expectations:
        yield _unknown(f"{place}/expectation", when.expectation, "expectation")
    if when.inject and when.inject not in scenario.injects_by_id:
        yield _unknown(f"{place}/inject", when.inject, "inject")


def _check_members(members: frozenset[str], named: tuple[str, ...], place: str) -> Iterator[Fault]:
    for at, ref in enumerate(named):
        if ref != EVERYBODY and ref not in members:
            yield _takes_no_part(f"{place}/{at}", ref)


def _takes_no_part(place: str, ref: str) -> Fault:
    return Fault(
        place,
        "takes-no-part",
        f"'{ref}' doet niet mee aan deze oefening",
        f"'{ref}' takes no part in this exercise",
        "List it under organisations, or leave it out.",
    )


def _check_expectations(scenario: ScenarioFile) -> Iterator[Fault]:
    objectives = {item.id for item in scenario.objectives}
    members = frozenset(scenario.members)
    for at, item in enumerate(scenario.expectations):
        place = f"/expectations/{at}"
        if item.objective not in objectives:
            yield _unknown(f"{place}/objective", item.objective, "objective")
        if item.inject and item.inject not in scenario.injects_by_id:
            yield _unknown(f"{place}/inject", item.inject, "inject")
        if item.effect and item.type != "decide":
            yield Fault(
                f"{place}/effect",
                "effect-of-a-decision",
                "Alleen een besluit heeft een effect",
                "Only a decision has an effect",
                "Leave it out, or make the type decide.",
            )
        if item.type == "acknowledge" and not item.inject:
            yield Fault(
                f"{place}/inject",
                "acknowledge-what",
                "Zeg welk bericht er wordt bevestigd",
                "Say which message is confirmed",
                "Fill in inject.",
            )
        yield from _check_members(members, item.of, f"{place}/of")
        if item.share_with and item.share_with not in members:
            yield _takes_no_part(f"{place}/shareWith", item.share_with)


def _check_cycles(scenario: ScenarioFile) -> Iterator[Fault]:
    """Yield injects that wait for each other, so that none of them would ever be given out."""
    windows = {item.id: item.inject for item in scenario.expectations}
    waits: Mapping[str, set[str]] = {
        inject.id: {name for name in (inject.when.inject, windows.get(inject.when.expectation or "")) if name}
        if inject.when
        else set()
        for inject in scenario.injects
    }
    done: set[str] = set()
    for at, inject in enumerate(scenario.injects):
        path = _find_cycle(inject.id, waits, done)
        if path:
            loop = " → ".join(path)
            yield Fault(
                f"/injects/{at}/when",
                "waits-for-itself",
                f"Deze injects wachten op elkaar: {loop}",
                f"These injects wait for each other: {loop}",
                "Give one of them a moment (at).",
            )


def _find_cycle(start: str, waits: Mapping[str, set[str]], done: set[str]) -> list[str]:
    """Give the loop that is reached from an inject; empty where there is none that was not told before."""
    path: dict[str, None] = {}
    stack = [(start, False)]
    while stack:
        name, leaves = stack.pop()
        if leaves:
            path.popitem()
            done.add(name)
            continue
        if name in path:
            names = list(path)
            done.update(names)
            return [*names[names.index(name) :], name]
        if name in done:
            continue
        path[name] = None
        stack.append((name, True))
        stack += [(other, False) for other in sorted(waits.get(name, ()))]
    return []


def _check_recipients(scenario: ScenarioFile, allowed: str) -> Iterator[Fault]:
    listed = {entry.lower() for entry in allowed.split()}
    used = {
        (channel, ref)
        for inject in scenario.injects
        for channel in inject.channels
        if channel != "in-app"
        for ref in scenario.list_recipients(inject.to)
    }
    for at, item in enumerate(scenario.organisations):
        for channel, name, address in (("e-mail", "eMail", item.e_mail), ("webhook", "webhook", item.webhook)):
            place = f"/organisations/{at}/{name}"
            if address and not may_receive(channel, address, listed):
                yield Fault(
                    place,
                    "not-on-the-list",
                    f"'{address[:80]}' staat niet op de lijst van wie oefenberichten mag krijgen",
                    f"'{address[:80]}' is not on the list of who may get messages of an exercise",
                    "The operator of the node sets exercise_recipients in node.toml.",
                )
            if not address and (channel, item.ref) in used:
                yield Fault(
                    place,
                    "no-address",
                    f"{item.ref} krijgt injects langs deze weg, maar heeft er geen adres voor",
                    f"{item.ref} gets injects in this way and has no address for it",
                    "Fill it in, or give the inject another channel.",
                )


def may_receive(channel: str, address: str, listed: set[str]) -> bool:
    """Tell whether an address is on the list: itself, the `@domain` of mail, or `https://host[:port]` of a webhook."""
    if channel == "e-mail":
        name, at, domain = address.lower().rpartition("@")
        return bool(at and name and not set(" \r\n<>,;") & set(address)) and bool(
            {address.lower(), f"@{domain}"} & listed
        )
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    return parts.scheme in ("http", "https") and not parts.username and bool({address.lower(), origin} & listed)


def _check_world(scenario: ScenarioFile) -> Iterator[Fault]:
    for at, failure in enumerate(scenario.world.failures):
        if failure.repaired_at is not None and failure.repaired_at <= failure.at:
            yield Fault(
                f"/world/failures/{at}/repairedAt",
                "repair-before-failure",
                "Het is hersteld voordat het uitvalt",
                "It is repaired before it fails",
                "repairedAt comes after at.",
            )
    for at, crew in enumerate(scenario.world.crews):
        if crew.organisation not in scenario.members:
            yield _takes_no_part(f"/world/crews/{at}/organisation", crew.organisation)


def _check_things(scenario: ScenarioFile, find_thing: Find) -> Iterator[Fault]:
    world = scenario.world
    named = [
        *((f"/world/failures/{at}/thing", item.thing) for at, item in enumerate(world.failures)),
        *((f"/world/failures/{at}/unlessIsolated", item.unless_isolated) for at, item in enumerate(world.failures)),
        *((f"/world/repairs/{at}/thing", item.thing) for at, item in enumerate(world.repairs)),
        *((f"/world/watch/{at}", ref) for at, ref in enumerate(world.watch)),
        *((f"/injects/{at}/when/thing", i.when.thing) for at, i in enumerate(scenario.injects) if i.when),
        *((f"/expectations/{at}/about", item.about) for at, item in enumerate(scenario.expectations)),
        *((f"/organisations/{at}/ref", item.ref) for at, item in enumerate(scenario.organisations)),
    ]
    for place, ref in named:
        if ref and not find_thing(ref):
            yield Fault(
                place,
                "not-in-the-estate",
                f"'{ref[:80]}' staat niet in het landschap",
                f"'{ref[:80]}' is no part of the estate",
                "Look for it: eendracht find.",
            )


def _unknown(place: str, name: str, what: str) -> Fault:
    return Fault(
        place,
        f"unknown-{what}",
        f"'{name}' komt in dit scenario niet voor",
        f"This scenario has no {what} '{name}'",
        "Check the spelling.",
    )


def finder(landscape: Landscape) -> Find:
    """Give what knows whether a landscape has a thing of a name; an organisation counts too."""

    def find(ref: str) -> bool:
        try:
            landscape.locate(ref)
        except NotFound:
            return False
        return True

    return find
