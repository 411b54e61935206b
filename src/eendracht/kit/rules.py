"""What a rule gave, on a terminal: each output with its unit, what is missing, and that it is no decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eendracht.kernel.wording import Said
from eendracht.kit.i18n import Language, words_of
from eendracht.kit.output import say

if TYPE_CHECKING:
    from eendracht.kernel.errors import Fault
    from eendracht.kernel.rules.features import FeatureResult, Status
    from eendracht.kernel.rules.fixtures import FixtureResult
    from eendracht.kernel.rules.impact import LawImpact
    from eendracht.kernel.rules.library import Choice
    from eendracht.kernel.rules.outcome import Evaluation, Outcome
    from eendracht.kernel.rules.replays import Replay
    from eendracht.kernel.rules.runs import RunResult

_TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "article": "artikel {number}",
        "reactive": "volgt vanzelf",
        "override": "bijzondere regel",
        "unknown": "onbekend",
        "untranslatable": "niet uit te drukken: dit moet een mens beoordelen ({articles})",
        "null": "geen (null)",
        "missing": "Onbekend betekent niet: geen recht. Deze feiten ontbreken:",
        "asked": "gevraagd door {law}",
        "by": "te vinden met {key}",
        "required": "Een verplicht feit ontbreekt; daarom is er geen uitkomst. Dat betekent niet: geen recht.",
        "requirements": "Aan de voorwaarden van de regeling is niet voldaan; daarom is er geen uitkomst.",
        "steps": "Stappen",
        "years": "jaar",
        "months": "maanden",
        "weeks": "weken",
        "days": "dagen",
        "hours": "uur",
    },
    "en": {
        "article": "article {number}",
        "reactive": "follows by itself",
        "override": "special rule",
        "unknown": "unknown",
        "untranslatable": "cannot be expressed: a person has to judge this ({articles})",
        "null": "none (null)",
        "missing": "Unknown does not mean: no right. These facts are missing:",
        "asked": "asked by {law}",
        "by": "found by {key}",
        "required": "A required fact is missing, so there is no outcome. That does not mean: no right.",
        "requirements": "The requirements of the regulation are not met, so there is no outcome.",
        "steps": "Steps",
        "years": "years",
        "months": "months",
        "weeks": "weeks",
        "days": "days",
        "hours": "hours",
    },
}


def print_evaluation(found: Evaluation, choice: Choice, language: Language, *, with_trace: bool = False) -> None:
    """Print the law version with its reason, each output, what is missing, and the notice; the steps where asked."""
    from eendracht.kernel.rules.answer import NOTICE
    from eendracht.kernel.rules.trace import render_trace

    texts = _TEXTS[language]
    say(choice.reason[language])
    say()
    for name, outcome in sorted(found.outcomes.items(), key=_is_reactive):
        say(f"{name}: {_outcome(outcome, language)}")
        say(f"  {_source(outcome, found, language)}")
    _print_missing(found, language)
    if found.missing_required or not found.requirements_met:
        say(texts["required" if found.missing_required else "requirements"])
    say()
    say(NOTICE[language])
    if with_trace:
        say()
        say(f"{texts['steps']}:")
        say(render_trace(found.trace))


def _is_reactive(item: tuple[str, Outcome]) -> bool:
    """Whether an output was not asked; those come last."""
    return item[1].provenance == "reactive"


def _source(outcome: Outcome, found: Evaluation, language: Language) -> str:
    texts = _TEXTS[language]
    source = texts["article"].format(number=outcome.article.number)
    if outcome.law.id != found.law.id:
        source = f"{outcome.law.name}, {source}"
    if outcome.provenance != "direct":
        source = f"{texts[outcome.provenance]}: {source}"
    return " ".join(filter(None, (source, outcome.article.url)))


def _print_missing(found: Evaluation, language: Language) -> None:
    if not found.missing:
        return
    texts = _TEXTS[language]
    say()
    say(texts["missing"])
    for fact in sorted(found.missing):
        law = ", ".join(filter(None, (fact.law, fact.article and texts["article"].format(number=fact.article))))
        about = [texts["asked"].format(law=law)] if law else []
        about += [texts["by"].format(key=fact.key)] if fact.key else []
        note = f" ({'; '.join(about)})" if about else ""
        say(f"  - {fact.name}{note}")


def _outcome(outcome: Outcome, language: Language) -> str:
    from eendracht.kernel.rules.answer import status_of

    texts = _TEXTS[language]
    status = status_of(outcome)
    if status == "unknown":
        return texts["unknown"]
    if status == "untranslatable":
        return texts["untranslatable"].format(articles=", ".join(sorted(outcome.value.articles)))
    return print_value(outcome.value, outcome.field.unit if outcome.field else "", language)


def print_value(value: Any, unit: str, language: Language) -> str:
    """Give a value as people read it: amounts in euro, percentages, days in full, yes and no."""
    words, texts = words_of(language), _TEXTS[language]
    if value is None:
        return texts["null"]
    if isinstance(value, bool):
        return words.value("yes" if value else "no")
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, list):
        return "[" + ", ".join(print_value(item, unit, language) for item in value) + "]"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {print_value(item, '', language)}" for name, item in value.items())
    if not isinstance(value, int | Fraction | float):
        return str(value)
    if unit in ("euro", "eurocent"):
        return _euro(value, unit, language)
    printed = _number(value, language)
    if unit == "percentage":
        return f"{printed} %"
    return f"{printed} {texts[unit]}" if unit in texts else printed


def _euro(value: int | Fraction | float, unit: str, language: Language) -> str:
    """Print an amount with its cents, and with the parts of a cent where there are any."""
    amount = _decimal(Fraction(value) / 100 if unit == "eurocent" else value)
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    printed = _grouped(abs(amount), digits, language)
    sign = "-" if amount < 0 else ""
    return f"€ {sign}{printed}" if language == "nl" else f"{sign}€{printed}"


def _number(value: int | Fraction | float, language: Language) -> str:
    number = _decimal(value)
    digits = max(0, -int(number.normalize().as_tuple().exponent))
    return _grouped(number, digits, language)


def _grouped(number: Decimal, digits: int, language: Language) -> str:
    printed = f"{number:,.{digits}f}"
    return printed.translate(str.maketrans(",.", ".,")) if language == "nl" else printed


def _decimal(value: int | Fraction | float) -> Decimal:
    """Give a number with all its decimals; an endless one with as many as an output keeps."""
    with localcontext() as context:
        context.prec = 120
        exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
        number = Decimal(exact.numerator) / Decimal(exact.denominator)
        return number if exact == Fraction(number) else round(number, 28)


# --- Checks and tests ---


def print_faults(faults: list[tuple[Fault, bool]], language: Language) -> None:
    """Print errors and warnings (each with whether it is an error): file and line, what is wrong, what to do."""
    kinds = {True: Said("fout", "error"), False: Said("let op", "warning")}
    for fault, is_error in faults:
        say(
            f"{fault.pointer}: {kinds[is_error][language]}: {fault.nl if language == 'nl' else fault.en} [{fault.code}]"
        )
        if fault.hint:
            say(f"  → {fault.hint}")


def print_features(results: list[FeatureResult]) -> None:
    """Print for each file how many scenarios passed, and where and why the others did not."""
    for result in results:
        names: tuple[Status, ...] = ("passed", "failed", "skipped")
        counts = ", ".join(
            f"{result.count(status)} {status}" for status in names if status == "passed" or result.count(status)
        )
        say(f"{result.file}: {counts}")
        for scenario in result.scenarios:
            if scenario.status == "skipped":
                say(f"  skipped {result.file}:{scenario.line} {scenario.name} ({scenario.reason})")
            elif scenario.status == "failed":
                say(f"  FAILED {result.file}:{scenario.line} {scenario.name}")
                if scenario.step:
                    say(f"    line {scenario.step_line}: {scenario.step}")
                say(f"    {scenario.reason}")


def print_fixtures(file: str, results: tuple[FixtureResult, ...]) -> None:
    """Print how many fixtures of a file passed, and what differs in the others."""
    failed = [result for result in results if not result.has_passed]
    say(f"{file}: {len(results) - len(failed)} passed{f', {len(failed)} failed' if failed else ''}")
    for result in failed:
        say(f"  FAILED {result.id} {result.description}".rstrip())
        for difference in result.differences:
            say(f"    {difference}")


def print_replays(results: list[Replay]) -> None:
    """Print the scenarios that came out otherwise than recorded, with each difference."""
    for result in results:
        if not result.has_passed:
            say(f"FAILED {result.scenario}")
            for difference in result.differences:
                say(f"  {difference}")


# --- Everyone at once ---

_RUN_TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "nl": {
        "rows": "{rows} mensen of zaken, in {seconds} s, geschreven naar {out} (alleen leesbaar voor de eigenaar)",
        "synthetic": "De populatie is verzonnen: de uitkomsten zeggen niets over echte mensen.",
        "known": "bekend",
        "null": "geen",
        "unknown": "onbekend",
        "untranslatable": "niet uit te drukken",
        "not-entitled": "voldoet niet aan de voorwaarden",
        "error": "fout",
        "total": "totaal {total}, kleinste {low}, grootste {high}",
        "yes": "ja: {total}",
        "read": "Gelezen kolommen: {columns}",
        "laws": "Toegepaste regels",
        "people": "{people} vergeleken: {gain} gaan vooruit, {lose} achteruit, {same} gelijk, {unclear} onduidelijk",
        "sums": "voor {before}, na {after}; samen vooruit {gained}, samen achteruit {lost}",
        "hidden": "{hidden} in groepen van minder dan {least}; die staan er niet apart.",
        "spread": "Verandering",
    },
    "en": {
        "rows": "{rows} people or things, in {seconds} s, written to {out} (readable by the owner only)",
        "synthetic": "The population is made up: the outcomes say nothing about real people.",
        "known": "known",
        "null": "none",
        "unknown": "unknown",
        "untranslatable": "cannot be expressed",
        "not-entitled": "requirements not met",
        "error": "error",
        "total": "total {total}, smallest {low}, largest {high}",
        "yes": "yes: {total}",
        "read": "Columns read: {columns}",
        "laws": "Rules applied",
        "people": "{people} compared: {gain} gain, {lose} lose, {same} the same, {unclear} unclear",
        "sums": "before {before}, after {after}; gained {gained}, lost {lost}",
        "hidden": "{hidden} in groups of fewer than {least}; they do not stand by themselves.",
        "spread": "Change",
    },
}
_BAR = 40


def print_run(result: RunResult, out: Path, language: Language) -> None:
    """Print what a run gave: for each output the statuses and totals, then the columns read and the rules applied."""
    from eendracht.kernel.rules.answer import NOTICE

    texts = _RUN_TEXTS[language]
    say(texts["rows"].format(rows=_number(result.rows, language), seconds=f"{result.seconds:.1f}", out=out))
    if result.is_synthetic:
        say(texts["synthetic"])
    for name, counts in result.outputs.items():
        statuses = ", ".join(f"{texts[word]} {_number(count, language)}" for word, count in counts.statuses.items())
        say(f"{name}: {statuses}")
        if counts.largest:
            numbers = (_plain(text, counts.unit, language) for text in (counts.total, counts.smallest, counts.largest))
            say("  " + texts["total"].format(**dict(zip(("total", "low", "high"), numbers, strict=True))))
        elif counts.total:
            say("  " + texts["yes"].format(total=_plain(counts.total, "", language)))
    say(texts["read"].format(columns=", ".join(result.columns_read)))
    say(f"{texts['laws']}:")
    for law, digest in sorted(result.regulations.items()):
        say(f"  {law} sha256 {digest[:16]}…")
    say(NOTICE[language])


def print_law_impact(found: LawImpact, language: Language) -> None:
    """Print what a change of law does: over everyone, by group, and as bars how the changes are spread."""
    from eendracht.kernel.rules.impact import SMALLEST_GROUP

    texts = _RUN_TEXTS[language]
    if found.is_synthetic:
        say(texts["synthetic"])
    for change in (found.whole, *found.groups):
        counts = {
            name: _number(getattr(change, name), language) for name in ("people", "gain", "lose", "same", "unclear")
        }
        say(f"{change.group or found.output}: {texts['people'].format(**counts)}")
        sums = (change.total_before, change.total_after, change.gained, change.lost)
        names = ("before", "after", "gained", "lost")
        shown = {name: _plain(text, found.unit, language) for name, text in zip(names, sums, strict=True)}
        say("  " + texts["sums"].format(**shown))
    if found.hidden:
        say(texts["hidden"].format(hidden=_number(found.hidden, language), least=SMALLEST_GROUP))
    if found.spread:
        say()
        say(f"{texts['spread']}:")
    most = max((count for _, _, count in found.spread), default=1)
    for low, high, count in found.spread:
        between = f"{_plain(low, found.unit, language)} … {_plain(high, found.unit, language)}"
        say(f"  {between:>30} {'█' * max(1, round(_BAR * count / most))} {_number(count, language)}")


def _plain(text: str, unit: str, language: Language) -> str:
    return print_value(Fraction(text), unit, language) if text else ""
