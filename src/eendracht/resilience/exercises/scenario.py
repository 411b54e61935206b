"""What an exercise is made of, as its leaders write it down: one YAML file, checked whole before anything begins.

Moments and durations count from the beginning of the exercise, in exercise time, as `h:mm` or `h:mm:ss`. The terms are
those of HSEEP (2020): injects, expectations of an objective, players, controllers, evaluators and observers.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from eendracht.kernel.kinds.fields import Line, Name, Part, RefText, Relation, Text
from eendracht.kernel.kinds.parties import OrganisationRef

EVERYBODY: Final = "all"
"""Stands for every organisation that takes part."""
SECONDS_IN_HOUR: Final = 3_600
_TIME: Final = re.compile(r"(?P<hours>[0-9]{1,4}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?", re.ASCII)


def read_duration(value: object) -> object:
    """Read `h:mm` or `h:mm:ss` as seconds; raises PydanticCustomError for anything else."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("duration", "Write hours and minutes, such as 0:30 or 1:15:00", {})
    hours, minutes, seconds = (int(match[name] or 0) for name in ("hours", "minutes", "seconds"))
    return hours * SECONDS_IN_HOUR + minutes * 60 + seconds


def print_duration(seconds: float) -> str:
    """Print seconds as `h:mm:ss`, the seconds left out where they are none."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{rest:02}" if rest else "")


Seconds = Annotated[
    int,
    BeforeValidator(read_duration),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,4}:[0-5][0-9](:[0-5][0-9])?$"}),
]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
"""Name of a part of the scenario, for the others to refer to."""
ThingRef = Annotated[RefText, Relation()]
Subject = Annotated[
    str,
    StringConstraints(
        min_length=1,
        max_length=300,
        strip_whitespace=True,
        pattern=r"^[^\x00-\x1f\x7f\x85\u2028-\u202e\u2066-\u2069]+$",
    ),
]
"""One line: it goes into the head of a mail."""


def _check_recipient(value: str) -> str:
    if value != EVERYBODY and not re.fullmatch(r"organisation:[^\s/]{1,100}(/[^\s/]{1,100})?", value):
        raise PydanticCustomError("recipient", "Write all, or the ref of an organisation that takes part", {})
    return value


Recipient = Annotated[str, StringConstraints(max_length=221), AfterValidator(_check_recipient)]
Channel = Literal["in-app", "e-mail", "webhook"]
ThingState = Literal["up", "draining", "switching", "down"]
Effect = Literal["fail-over", "isolate", "reconnect", "assign-crew", "publish", "other"]
"""What a decision does: the first four change the simulated estate."""
Action = Literal["acknowledge", "report", "decide", "share", "act", "document", "estimate"]
Status = Literal["pending", "success", "partial", "failed"]


class TakingPart(Part):
    """An organisation that takes part, and how it is reached outside the site."""

    ref: OrganisationRef
    players: Annotated[int, Field(ge=0, le=100_000)] = 0
    """How many players are expected."""
    e_mail: Line = ""
    """Functional mailbox of the exercise; it must be on the list of who may get mail."""
    webhook: Line = ""
    """Address at which a node of its own takes messages; it must be on the same list."""


class Crew(Part):
    """People of one skill whom an organisation can send out."""

    organisation: OrganisationRef
    skill: Line
    people: Annotated[int, Field(ge=1, le=10_000)]


class Repair(Part):
    """What it takes to bring something back; without it a thing has no repair in this exercise."""

    thing: ThingRef
    duration: Seconds
    skill: Line = ""
    people: Annotated[int, Field(ge=1, le=10_000)] = 1


class Failure(Part):
    """What fails of its own."""

    thing: ThingRef
    at: Seconds
    repaired_at: Seconds | None = None
    """Empty where it comes back only by what players do."""
    unless_isolated: ThingRef | None = None
    """It does not happen where this was isolated before: what spreads can be cut off."""


class World(Part):
    """The simulated part of the estate."""

    failures: tuple[Failure, ...] = Field(default=(), max_length=500)
    repairs: tuple[Repair, ...] = Field(default=(), max_length=500)
    crews: tuple[Crew, ...] = Field(default=(), max_length=500)
    watch: tuple[ThingRef, ...] = Field(default=(), max_length=2_000)
    """Things of which everybody may see the status, besides the services of whoever takes part."""


class Objective(Part):
    """What the exercise is for, in the words of its evaluators."""

    id: Id
    name: Name
    capability: Line = ""


class Condition(Part):
    """What must have happened; what is filled in holds together."""

    thing: ThingRef | None = None
    state: ThingState = "down"
    """The simulated status that the thing has come to."""
    expectation: Id | None = None
    status: Status = "failed"
    """What became of the expectation, of any organisation."""
    inject: Id | None = None
    """An inject that was given out."""
    decision: Effect | None = None
    """A decision of this effect, by any organisation."""
    about: ThingRef | None = None
    """What the decision is about."""


class Inject(Part):
    """A message that players get: at a moment, or after something has happened."""

    id: Id
    at: Seconds | None = None
    when: Condition | None = None
    delay: Seconds = 0
    """How long after the condition holds."""
    to: tuple[Recipient, ...] = Field(min_length=1, max_length=2_000)
    channels: tuple[Channel, ...] = Field(default=("in-app",), min_length=1, max_length=3)
    sender: Line = Field(default="", alias="from")
    """Whom it seems to come from; the response cell plays them."""
    subject: Subject
    text: Text = ""
    kind: Literal["contextual", "contingency"] = "contextual"
    """Contextual injects are always given; a contingency one keeps the exercise on its way where it is needed."""
    objective: Id | None = None


class Expectation(Part):
    """What players are to do, within how long, and how that is seen."""

    id: Id
    objective: Id
    name: Name
    inject: Id | None = None
    """The window begins when this was given out; without it, at the beginning."""
    of: tuple[Recipient, ...] = Field(default=(), max_length=2_000)
    """Of whom it is asked; empty for whoever gets the inject."""
    type: Action
    effect: Effect | None = None
    """For a decision: which."""
    about: ThingRef | None = None
    share_with: OrganisationRef | None = None
    within: Seconds
    scope: Literal["any", "all"] | Annotated[int, Field(ge=1, le=100_000)] = "any"
    """How many players of an organisation must do it."""
    score: Annotated[int, Field(ge=1, le=1_000)] = 10
    check: Literal["auto", "evaluator"] = "auto"


class ScenarioFile(Part):
    """An exercise as it is written down."""

    name: Name
    description: Text = ""
    language: Literal["nl", "en"] = "nl"
    type: Literal["seminar", "workshop", "tabletop", "game", "drill", "functional", "full-scale"] = "tabletop"
    led_by: OrganisationRef
    """Whose people lead it: its editors control and evaluate."""
    duration: Annotated[Seconds, Field(gt=0, le=14 * 24 * SECONDS_IN_HOUR)]
    organisations: tuple[TakingPart, ...] = Field(min_length=1, max_length=2_000)
    world: World = World()
    objectives: tuple[Objective, ...] = Field(default=(), max_length=200)
    injects: tuple[Inject, ...] = Field(min_length=1, max_length=5_000)
    expectations: tuple[Expectation, ...] = Field(default=(), max_length=5_000)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The refs of the organisations that take part, in the order of the file."""
        return tuple(item.ref for item in self.organisations)

    @cached_property
    def injects_by_id(self) -> dict[str, Inject]:
        """The injects, each under its id."""
        return {item.id: item for item in self.injects}

    def list_recipients(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """Give the organisations that are meant, each once, in the order of the file."""
        if EVERYBODY in named:
            return self.members
        meant = frozenset(named)
        return tuple(ref for ref in self.members if ref in meant)

    def list_asked(self, expectation: Expectation) -> tuple[str, ...]:
        """Give the organisations of which something is expected."""
        if expectation.of:
            return self.list_recipients(expectation.of)
        found = self.injects_by_id.get(expectation.inject or "")
        return self.list_recipients(found.to if found else (EVERYBODY,))


def dump_scenario(scenario: ScenarioFile) -> dict[str, Any]:
    """Give the scenario as plain data that `ScenarioFile` reads back."""
    data: dict[str, Any] = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    printed: dict[str, Any] = _print_times(data)
    return printed


_TIMES: Final = frozenset({"at", "repairedAt", "duration", "delay", "within"})


def _print_times(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _print_times(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_print_times(item) for item in value]
    return print_duration(value) if key in _TIMES and isinstance(value, int) else value


class _Dumper(yaml.SafeDumper):
    """Writes YAML 1.1 that means the same in 1.2: there a text such as 1e5 or 0o7 would be a number."""


_LIKE_A_NUMBER: Final = re.compile(r"[-+.0-9].*", re.DOTALL)


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if _LIKE_A_NUMBER.fullmatch(text) and "\n" not in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


def write_scenario(scenario: ScenarioFile) -> str:
    """Give the scenario as YAML that reads back as the same."""
    return yaml.dump(dump_scenario(scenario), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
