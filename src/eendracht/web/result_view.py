"""What a run over a population or a change of law came to: counts, sums and charts, as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from markupsafe import Markup

from eendracht.kernel.jobs import Job
from eendracht.kernel.rules.disclosure import REST
from eendracht.kernel.wording import Said
from eendracht.kit.charts import Bar, draw_bars
from eendracht.kit.i18n import Words
from eendracht.kit.rules import print_value
from eendracht.web.rule_words import begin, label_of

_STATUSES: Final[Mapping[str, Said]] = {
    "known": Said("bekend", "known"),
    "null": Said("er is geen", "there is none"),
    "unknown": Said("niet bekend", "not known"),
    "untranslatable": Said("moet een mens beoordelen", "a person has to judge"),
    "error": Said("niet te berekenen", "cannot be worked out"),
}


@dataclass(frozen=True, slots=True)
class OutputView:
    """One output: how many have each status, the sum and the extremes, and how the values are spread."""

    label: str
    statuses: Sequence[tuple[str, str]]
    figures: Sequence[tuple[str, str]]
    spread: Sequence[tuple[str, str]]
    chart: Markup | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What a change does to one group, as printed."""

    label: str
    people: str
    gain: str
    lose: str
    same: str
    unclear: str
    gained: str
    lost: str


@dataclass(frozen=True, slots=True)
class ResultView:
    """What the page of a result shows."""

    title: str
    is_change: bool
    outputs: Sequence[OutputView]
    changes: Sequence[ChangeRow]
    hidden: str
    spread: Sequence[tuple[str, str]]
    charts: Sequence[Markup]
    columns: Sequence[str]
    regulations: Sequence[tuple[str, str]]


def view_result(job: Job, words: Words) -> ResultView:
    """Give the result of a job that is done."""
    return _Viewer(job, words).view()


class _Viewer:
    def __init__(self, job: Job, words: Words) -> None:
        self._result: Mapping[str, Any] = job.result
        self._words = words
        self._is_change = job.kind == "law-impact"

    def view(self) -> ResultView:
        result = self._result
        # A run keeps under this name what came of each output, a comparison the name of its only one.
        name = str(result["output"]) if self._is_change else ""
        laws: dict[str, str] = {}
        for part in ("regulations", "regulationsBefore", "regulationsAfter"):
            laws |= result.get(part, {})
        unit = str(result.get("unit", ""))
        changes = [self.change(item, unit) for item in self.all_changes()]
        return ResultView(
            begin(label_of(name)),
            self._is_change,
            [] if self._is_change else [self.output(*item) for item in result["outputs"].items()],
            changes,
            self.count(result["hidden"]) if result.get("hidden") != 0 and "hidden" in result else "",
            self.ranges(result.get("spread", ()), unit),
            self.change_charts(),
            result.get("columnsRead", ()),
            sorted(laws.items()),
        )

    # -- numbers --

    def count(self, value: int | str | None) -> str:
        """Print a count; one of fewer than ten is not said, nor what would tell it."""
        if value is None:
            return self._words.gettext("fewer than 10")
        return self._words.gettext("the rest") if value == REST else self._words.number(int(value))

    def amount(self, text: str, unit: str) -> str:
        """Print a sum; empty where it is not said."""
        return print_value(Fraction(text), unit, self._words.language) if text else "-"

    def ranges(self, spread: Iterable[Mapping[str, Any]], unit: str) -> list[tuple[str, str]]:
        """Give each range with how many people lie in it."""
        return [(self.range(item, unit), self.count(item["people"])) for item in spread]

    def range(self, item: Mapping[str, Any], unit: str) -> str:
        """Print the bounds of a range."""
        low, high = self.amount(item["from"], unit), self.amount(item["to"], unit)
        if Fraction(item["to"]) - Fraction(item["from"]) == 1 and unit not in ("euro", "eurocent"):
            return low
        return self._words.gettext("%(low)s to %(high)s", low=low, high=high)

    # -- a run --

    def output(self, name: str, counts: Mapping[str, Any]) -> OutputView:
        """Give one output of a run."""
        _ = self._words.gettext
        unit = counts["unit"]
        statuses = [
            (_STATUSES[word][self._words.language] if word in _STATUSES else word, self.count(count))
            for word, count in counts["statuses"].items()
        ]
        figures = []
        if counts.get("isTruth") and counts["total"]:
            figures.append((_("Yes"), self._words.number(int(counts["total"]))))
        elif counts["total"]:
            figures.append((_("Together"), self.amount(counts["total"], unit)))
        if counts["max"]:
            figures += [
                (_("Lowest"), self.amount(counts["min"], unit)),
                (_("Highest"), self.amount(counts["max"], unit)),
            ]
        label = begin(label_of(name))
        spread = self.ranges(counts.get("spread", ()), unit)
        return OutputView(label, statuses, figures, spread, self.spread_chart(name, label, counts, spread))

    def spread_chart(
        self, name: str, label: str, counts: Mapping[str, Any], spread: Sequence[tuple[str, str]]
    ) -> Markup | None:
        """Draw how the values are spread; nothing where there is one range or none."""
        if len(spread) < 2:
            return None
        bars = [
            Bar(said, int(item["people"]), printed)
            for item, (said, printed) in zip(counts["spread"], spread, strict=True)
        ]
        title = self._words.gettext("%(name)s: how many people per outcome", name=label)
        return draw_bars(f"spread-{name}".replace("_", "-"), title, _say(bars), bars)

    # -- a change --

    def all_changes(self) -> list[Mapping[str, Any]]:
        """Give the change for everyone, then for each group."""
        return [self._result["whole"], *self._result["groups"]] if self._is_change else []

    def change(self, item: Mapping[str, Any], unit: str) -> ChangeRow:
        """Print what a change does to a group."""
        counts = {name: self.count(item[name]) for name in ("people", "gain", "lose", "same", "unclear")}
        sums = {name: self.amount(item[name], unit) for name in ("gained", "lost")}
        return ChangeRow(item["group"] or self._words.gettext("Everyone"), **counts, **sums)

    def change_charts(self) -> list[Markup]:
        """Draw who gains and who loses, by group."""
        _ = self._words.gettext
        charts = []
        titles = {"gain": _("Who gains, by group"), "lose": _("Who loses, by group")}
        items = self.all_changes()[1:] or self.all_changes()
        for name, title in titles.items():
            bars = [
                Bar(item["group"] or _("Everyone"), item[name], self.count(item[name]))
                for item in items
                if isinstance(item[name], int)
            ]
            if any(bar.value for bar in bars):
                charts.append(draw_bars(f"change-{name}", title, _say(bars), bars))
        return charts


def _say(bars: Sequence[Bar]) -> str:
    return "; ".join(f"{bar.label}: {bar.printed}" for bar in bars)
