"""What the routes and pages of the frame may be asked in their query string."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from eendracht.kernel.identity import REF_PATTERN
from eendracht.kernel.records import Level
from eendracht.kernel.store import Query
from eendracht.kernel.store.reading import MOST_ON_A_PAGE
from eendracht.kit.questions import LARGEST, AsOf, Day, Moment, Position, Question, RefName, Words


class RecordPageQuestion(AsOf):
    """What the page of a record shows."""

    recorded: Annotated[str, StringConstraints(pattern=r"^\d{0,15}$")] = ""
    """Generation that was recorded a moment ago."""


class FindingQuestion(Question):
    """From where the page of a finding is looked at."""

    of: Literal["", "tasks"] = ""
    """The page to go back to; default all findings."""


class ImpactQuestion(Question):
    """What the page on a failure shows."""

    why: Annotated[str, StringConstraints(max_length=221)] = ""
    """Ref of the thing of which the reasons are asked; default the first that stops."""


class ImpactListing(AsOf):
    """A failure, and of which thing the reasons are asked."""

    why: Annotated[str, StringConstraints(pattern=rf"^(?:{REF_PATTERN[1:-1]})?$", max_length=221)] = ""
    """Ref of the thing that stops of which the reasons are asked; default the first."""


class KindQuestion(Question):
    """Of which kind the rows of a file are."""

    kind: Annotated[str, StringConstraints(max_length=40)] = ""
    """Kind of record; default the likeliest."""


class JobQuestion(Question):
    """What the page of a job is asked."""

    report: Literal["", "1"] = ""
    """Whether its report is wanted instead of the page."""


class MapQuestion(Question):
    """What the map shows."""

    province: Annotated[str, StringConstraints(max_length=221)] = ""
    """Ref of a province; default the whole country."""


class Filter(AsOf):
    """Which records are meant: each filter that is given must match."""

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = ""
    """Kind of record, such as `application`."""
    owner: RefName = ""
    """Ref of the organisation that answers for it."""
    source: Literal["statement", "scan", "import", "contract", "reference", "synthetic"] | None = None
    """Where the content comes from."""
    lifecycle: Literal["planned", "in-use", "phasing-out", "retired", "unknown"] | None = None
    """State in the life of an application, component or interface."""
    confidentiality: Literal["public", "government", "organisation", "restricted"] | None = None
    """Who may read it."""
    q: Words = ""
    """Words to look for; Dutch word forms and small typing errors are understood. A ref or uid jumps to the record."""

    def to_query(self, after: str = "", limit: int = 50) -> Query:
        """Give the filters as the store takes them."""
        level = None if self.confidentiality is None else Level[self.confidentiality.upper()]
        source, lifecycle = self.source or "", self.lifecycle or ""
        return Query(self.kind, self.owner, source, lifecycle, level, self.q.strip(), after, limit)


class RecordListing(Filter):
    """A page of records."""

    after: Annotated[str, StringConstraints(pattern=rf"^(?:{REF_PATTERN[1:-1]}|\d{{1,6}})$", max_length=221)] = ""
    """Where the page before ended, as that page says under `after`."""
    limit: Annotated[int, Field(ge=1, le=MOST_ON_A_PAGE)] = 50
    """How many records a page holds."""


class InTime(AsOf):
    """A record at two times: the day for which it holds, and what was known at a moment."""

    known_at: Moment | None = None
    """What was known at this moment (UTC), or when the log had this size; default now."""

    @property
    def size_or_moment(self) -> int | str | None:
        """Give `known_at` as the store takes it."""
        value = self.known_at
        return int(value) if value is not None and value.isdigit() else value


class Incoming(AsOf):
    """What points at a record."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 1_000
    """How many relations at most."""


class Differences(Question):
    """Two versions of one record."""

    before: Annotated[int, Field(ge=1, le=LARGEST)]
    """Generation of the one version."""
    after: Annotated[int, Field(ge=1, le=LARGEST)]
    """Generation of the other."""


class ChangesSince(Question):
    """A stretch of the feed of changes."""

    since: Position = 0
    """Position in the log at which to begin; the answer says under `next` where to go on."""
    limit: Annotated[int, Field(ge=1, le=5_000)] = 500
    """How many changes at most."""
    wait_seconds: Annotated[int, Field(ge=0, le=30)] = 0
    """How long to wait for news where there is none yet."""


class Growth(Question):
    """Two sizes of the log."""

    size1: Annotated[int, Field(ge=1, le=LARGEST)]
    """The smaller size, which the asker knows."""
    size2: Annotated[int, Field(ge=1, le=LARGEST)] | None = None
    """The larger size; default that of the last checkpoint."""


class Ranking(AsOf):
    """The head of a ranking."""

    limit: Annotated[int, Field(ge=1, le=5_000)] = 100
    """How many rows at most."""


class RegulationQuestion(Question):
    """Which version of a regulation is meant."""

    version: Day | None = None
    """Day on which the version begins; default the one that holds today, else the newest."""
    service: Annotated[str, StringConstraints(max_length=200)] = ""
    """Body whose version is meant; default the first."""
    area: Annotated[str, StringConstraints(max_length=20)] = ""
    """Code of the municipality, province or water board; default the first."""


class CaseQuestion(Question):
    """Which law is tried; what is known of the case itself never stands in an address."""

    date: Day | None = None
    """Day on which the law is asked; default today."""
    service: Annotated[str, StringConstraints(max_length=200)] = ""
    """Body whose version is meant; default the first."""


class RunQuestion(Question):
    """What is run over which population; the rest is asked by the form."""

    population: Annotated[str, StringConstraints(max_length=221)] = ""
    """Ref of the population."""
    law: Annotated[str, StringConstraints(max_length=200)] = ""
    """Id of the law."""
    on: Annotated[str, StringConstraints(max_length=10)] = ""
    """Day on which the law is asked; default today."""
    on_after: Annotated[str, StringConstraints(max_length=10)] = ""
    """Day with which it is compared."""


class TasksQuestion(Question):
    """What the page of tasks is asked."""

    decided: Literal["", "1"] = ""
    """Whether a decision was taken a moment ago."""


class SignInQuestion(Question):
    """What the sign-in page is asked."""

    next: Annotated[str, StringConstraints(max_length=2_000)] = ""
    """Where to go when it is done; anything but a page of this site is passed over."""
    ended: Literal["", "staff", "person"] = ""
    """By which door somebody came who signed out a moment ago, where a provider may still know them."""
