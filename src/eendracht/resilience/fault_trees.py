"""Reads fault trees in the Model Exchange Format of Open-PSA (2.0d) as an estate, so that their cut sets can be asked.

A gate becomes a node with one requirement group: `or` needs all of its n inputs, `and` any one, `atleast` m needs
n - m + 1. A basic event is a node that can fail by itself; house events and constants are fixed. What says nothing
about cut sets (probabilities, parameters, common causes, event trees) is left out and counted; formulas in which a
failure can make things better (`not`, `xor` and the like) are refused, as are inclusion and substitution.

Names are looked up from the innermost container outwards, then among the public ones; a private element has its full
path for a name. An event that is used and defined nowhere is a basic event, as in many published files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.estate import CutSets, Estate, EstateBuilder, find_cut_sets, list_scenarios
from eendracht.kernel.estate.components import list_components
from eendracht.kernel.imports.bounds import read_bytes, refuse
from eendracht.kernel.imports.lined_xml import LinedElement, parse_lined_xml
from eendracht.kernel.imports.rows import join_place

MAX_FILE_BYTES: Final = 50_000_000
MAX_FAULTS: Final = 1_000
MOST_CUT_SETS: Final = 1_000_000

Kind: TypeAlias = Literal["gate", "basic-event", "house-event"]

_DEFINITIONS: Final[Mapping[str, Kind]] = {
    "define-gate": "gate",
    "define-basic-event": "basic-event",
    "define-house-event": "house-event",
}
_CONTAINERS: Final = ("define-fault-tree", "define-component", "model-data")
_REFERENCES: Final = ("event", "gate", "basic-event", "house-event")
_NOT_COHERENT: Final = ("not", "xor", "iff", "nand", "nor", "imply")
_NOT_FOLLOWED: Final = ("include", "define-substitution")
_LEFT_OUT: Final = (
    "label",
    "attributes",
    "define-parameter",
    "define-CCF-group",
    "define-event-tree",
    "define-initiating-event",
    "define-rule",
    "define-alignment",
    "define-consequence",
    "define-consequence-group",
    "define-extern-library",
    "define-extern-function",
)
_COUNTED: Final = tuple(tag for tag in _LEFT_OUT if tag.startswith("define-"))


@dataclass(frozen=True, eq=False)
class FaultTree:
    """A fault tree as an estate; `events` and `failed` are node indices.

    `events` are the basic events, `failed` the house events and constants that are true. `undefined` names the basic
    events that are used and defined nowhere; `left_out` counts the definitions that say nothing about cut sets.
    """

    estate: Estate
    top: int
    events: tuple[int, ...]
    failed: tuple[int, ...]
    undefined: tuple[str, ...]
    left_out: Mapping[str, int]

    def find_cut_sets(self, max_order: int, *, most: int = MOST_CUT_SETS) -> CutSets:
        """Find the minimal cut sets of the top; raises TooManyCutSets."""
        return find_cut_sets(
            self.estate,
            self.top,
            max_order=max_order,
            unknown="best",
            candidates=list_scenarios([[event] for event in self.events]),
            failed=self.failed,
            most=most,
        )

    def name_events(self, cut: tuple[int, ...]) -> tuple[str, ...]:
        """Name the events of a cut set."""
        return tuple(self.estate.names[self.events[number]] for number in cut)


def read_fault_tree(source: bytes | Path, *, top: str | None = None, name: str = "") -> FaultTree:
    """Read a fault tree; `top` names the gate to ask about, by default the only one that no other gate uses.

    `name` stands in the faults where the source has no name of its own. Raises UnreadableFile for what is no such file
    or hostile, InvalidInput with every fault and its line, among them several gates that could be the top.
    """
    place = name or (source.name if isinstance(source, Path) else "model")
    data = read_bytes(source, MAX_FILE_BYTES) if isinstance(source, Path) else source
    root = parse_lined_xml(data, place)
    if root.tag != "opsa-mef":
        raise refuse(
            place,
            "not-open-psa",
            "Dit is geen Open-PSA-model",
            "This is no Open-PSA model (root element opsa-mef)",
            "Export the fault tree in the Open-PSA Model Exchange Format.",
        )
    reading = _Reading(place)
    reading.collect(root, "", private=False)
    for definition in reading.definitions:
        reading.read(definition)
    chosen = reading.choose_top(top)
    if reading.faults:
        count = len(reading.faults)
        raise InvalidInput(f"The fault tree has {count} faults.", faults=reading.faults[:MAX_FAULTS])
    return reading.build(chosen)


@dataclass(slots=True)
class _Definition:
    kind: Kind
    name: str
    path: str
    container: str
    element: LinedElement

    @property
    def formula(self) -> list[LinedElement]:
        return [child for child in self.element.children if child.tag not in _LEFT_OUT]


class _Reading:
    """A model on its way to an estate: its definitions, what they refer to, and everything that is wrong with it.

    Nodes go by their label: the name of a public element, the path of a private one, a number for a nested formula.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.faults: list[Fault] = []
        self.definitions: list[_Definition] = []
        self.left_out: Counter[str] = Counter()
        self._by_path: dict[str, _Definition] = {}
        self._public: dict[str, _Definition] = {}
        self._undefined: dict[str, None] = {}
        self._labels: dict[str, _Definition | None] = {}
        self._gates: dict[str, tuple[int, list[str], int]] = {}
        """Per label how many of which inputs have to fail, and the line."""
        self._failed: list[str] = []

    def collect(self, element: LinedElement, container: str, *, private: bool) -> None:
        """Take in all definitions below an element of the container with this path."""
        for child in element.children:
            role = child.attributes.get("role", "private" if private else "public")
            if child.tag in _DEFINITIONS:
                self._define(child, container, role == "private")
            elif child.tag == "model-data":
                self.collect(child, "", private=False)
            elif child.tag in _CONTAINERS:
                inner = f"{container}.{child.name}" if container else child.name
                self.collect(child, inner, private=role == "private")
            elif child.tag in _NOT_FOLLOWED:
                self._fault(child, "not-followed", child.tag)
            elif child.tag not in _LEFT_OUT:
                self._fault(child, "unknown-element", child.tag)
            self.left_out.update([child.tag] if child.tag in _COUNTED else [])

    def _define(self, element: LinedElement, container: str, private: bool) -> None:
        path = f"{container}.{element.name}" if container else element.name
        definition = _Definition(_DEFINITIONS[element.tag], element.name, path, container, element)
        if not element.name:
            self._fault(element, "no-name", element.tag)
        elif path in self._by_path or (not private and element.name in self._public):
            other = self._by_path.get(path) or self._public[element.name]
            self._fault(element, "defined-twice", f"{element.name} ({other.element.line})")
        else:
            self._by_path[path] = definition
            if not private:
                self._public[element.name] = definition
            self.definitions.append(definition)
            self._labels[path if private else element.name] = definition

    def _label_of(self, definition: _Definition) -> str:
        return definition.name if self._public.get(definition.name) is definition else definition.path

    def read(self, definition: _Definition) -> None:
        """Read the formula of a gate, or the constant of a house event; other events hold nothing that counts."""
        formula, label = definition.formula, self._label_of(definition)
        if definition.kind == "gate":
            if len(formula) != 1:
                self._fault(definition.element, "one-formula", f"{definition.name}: {len(formula)}")
            else:
                self._read_formula(formula[0], definition, label)
        elif definition.kind == "house-event" and formula and self._read_constant(formula[0]):
            self._failed.append(label)

    def _read_formula(self, element: LinedElement, gate: _Definition, label: str) -> None:
        """Make the node `label` out of a formula."""
        if element.tag in (*_REFERENCES, "constant"):
            self._gates[label] = (1, [self._read_argument(element, gate)], element.line)
            return
        lost = self._count_lost(element)
        inputs: list[str] = []
        for child in element.children:
            name = self._read_argument(child, gate)
            if name in inputs:
                repeated = self._number(gate)
                self._gates[repeated] = (1, [name], child.line)
                name = repeated
            inputs.append(name)
        self._gates[label] = (lost, inputs, element.line)

    def _read_argument(self, element: LinedElement, gate: _Definition) -> str:
        """Give the label of an argument of a formula; nested formulas and constants get a number behind their gate."""
        if element.tag in _REFERENCES:
            return self._look_up(element, gate.container)
        label = self._number(gate)
        if element.tag != "constant":
            self._read_formula(element, gate, label)
        elif self._read_constant(element):
            self._failed.append(label)
        return label

    def _number(self, gate: _Definition) -> str:
        label = f"{self._label_of(gate)}/{len(self._labels)}"
        self._labels[label] = None
        return label

    def _count_lost(self, element: LinedElement) -> int:
        """Give how many arguments have to fail for the formula to hold."""
        arguments = len(element.children)
        if element.tag in _NOT_COHERENT:
            self._fault(element, "not-coherent", element.tag)
        elif element.tag not in ("and", "or", "atleast", "cardinality"):
            self._fault(element, "unknown-element", element.tag)
        elif not arguments:
            self._fault(element, "no-arguments", element.tag)
        elif element.tag in ("atleast", "cardinality"):
            least, most = element.attributes.get("min", ""), element.attributes.get("max", "")
            if element.tag == "cardinality" and not (most.isdecimal() and int(most) >= arguments):
                self._fault(element, "not-coherent", "cardinality")
            elif not least.isdecimal() or not 1 <= int(least) <= arguments:
                self._fault(element, "bad-min", f"{least or '-'} / {arguments}")
            else:
                return int(least)
        return arguments if element.tag == "and" else 1

    def _read_constant(self, element: LinedElement) -> bool:
        value = element.attributes.get("value", "")
        if element.tag != "constant" or value not in ("true", "false"):
            self._fault(element, "bad-constant", f"{element.tag} {value}".strip())
        return value == "true"

    def _look_up(self, element: LinedElement, container: str) -> str:
        """Give the label of what a reference refers to, from the innermost container outwards."""
        wanted = element.attributes.get("type", element.tag)
        found = self._find(element.name, container)
        if not element.name:
            self._fault(element, "no-name", element.tag)
        elif found is None:
            if wanted not in ("event", "basic-event"):
                self._fault(element, f"undefined-{'gate' if wanted == 'gate' else 'event'}", element.name)
            self._undefined[element.name] = None
            return element.name
        elif wanted not in ("event", found.kind):
            self._fault(element, "other-kind", f"{element.name}: {wanted} / {found.kind}")
        return self._label_of(found) if found else ""

    def _find(self, name: str, container: str) -> _Definition | None:
        while True:
            path = f"{container}.{name}" if container else name
            if path in self._by_path:
                return self._by_path[path]
            if not container:
                return self._public.get(name)
            container = container.rpartition(".")[0]

    def choose_top(self, top: str | None) -> str:
        """Give the label of the top, and report cycles of gates, for which there is none."""
        self._report_cycles()
        gates = [self._label_of(definition) for definition in self.definitions if definition.kind == "gate"]
        if top is not None:
            found = self._find(top, "")
            if found is None or found.kind != "gate":
                self.faults.append(_make_fault(self.place, "no-such-top", top))
                return ""
            return self._label_of(found)
        used = {name for _, inputs, _ in self._gates.values() for name in inputs}
        tops = [label for label in gates if label not in used]
        if not gates:
            self.faults.append(_make_fault(self.place, "no-gates", self.place))
        elif len(tops) > 1:
            self.faults.append(_make_fault(self.place, "several-tops", _shorten(tops)))
        return tops[0] if tops else ""

    def _report_cycles(self) -> None:
        labels = list(self._gates)
        number = {label: place for place, label in enumerate(labels)}
        inputs = {
            number[label]: [number[name] for name in names if name in number]
            for label, (_, names, _) in self._gates.items()
        }
        for component in list_components(inputs):
            if len(component) > 1 or component[0] in inputs[component[0]]:
                names = [labels[place] for place in component]
                line = min(self._gates[name][2] for name in names)
                self.faults.append(_make_fault(join_place(self.place, f"regel {line}"), "gate-cycle", _shorten(names)))

    def build(self, top: str) -> FaultTree:
        """Give the estate; nothing is wrong with the model."""
        builder = EstateBuilder()
        labels = list(dict.fromkeys([*self._labels, *self._undefined]))
        for label in labels:
            builder.add_node(label, kind="gate" if label in self._gates else "event")
        for label, (lost, inputs, _) in self._gates.items():
            builder.add_group(label, inputs, k=len(inputs) - lost + 1)
        number = {label: place for place, label in enumerate(labels)}
        events = [label for label, found in self._labels.items() if found and found.kind == "basic-event"]
        return FaultTree(
            builder.build(),
            number[top],
            tuple(number[label] for label in (*events, *self._undefined)),
            tuple(number[label] for label in self._failed),
            tuple(self._undefined),
            dict(self.left_out),
        )

    def _fault(self, element: LinedElement, code: str, value: str) -> None:
        self.faults.append(_make_fault(join_place(self.place, f"regel {element.line}"), code, value))


def _shorten(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" … ({len(names)})" if len(names) > 10 else "")


_MESSAGES: Final[Mapping[str, tuple[str, str, str]]] = {
    "unknown-element": ("Dit element hoort hier niet", "This element does not belong here", "Check its spelling."),
    "not-followed": ("Dit wordt niet gevolgd", "This is not followed", "Give one whole model, without it."),
    "no-name": ("Dit element heeft geen naam", "This element has no name", "Name it."),
    "defined-twice": ("Dit is al gedefinieerd", "This is defined already (line)", "Keep one, or make one private."),
    "one-formula": ("Een poort heeft één formule", "A gate has one formula", "Put them together in one."),
    "no-arguments": ("Deze formule is leeg", "This formula is empty", "Name at least one argument."),
    "not-coherent": (
        "Een formule waarin uitval iets beter kan maken, wordt geweigerd",
        "A formula in which a failure can make things better is refused",
        "Write it with and, or and atleast, or replace it by a house event.",
    ),
    "bad-min": ("min is niet 1 tot het aantal", "min is not from 1 to the number", "Correct min."),
    "bad-constant": ("Dit is geen constante", "This is no constant", "Give true or false."),
    "undefined-gate": ("Deze poort is nergens gedefinieerd", "This gate is defined nowhere", "Define it."),
    "undefined-event": ("Dit is nergens gedefinieerd", "This is defined nowhere", "Define it."),
    "other-kind": ("Dit is iets van een andere soort", "This is of another kind", "Refer to it as what it is."),
    "gate-cycle": ("Deze poorten hebben elkaar nodig", "These gates need one another", "Cut the cycle."),
    "no-gates": ("Er is geen poort", "There is no gate", "Give a model with a fault tree."),
    "several-tops": ("Meer dan één poort kan de top zijn", "Several gates could be the top", "Name one with --top."),
    "no-such-top": ("Er is geen poort met deze naam", "There is no gate of this name", "Check its spelling."),
}


def _make_fault(place: str, code: str, value: str) -> Fault:
    nl, en, hint = _MESSAGES[code]
    return Fault(place, code, f"{nl}: {value}.", f"{en}: {value}.", hint)
