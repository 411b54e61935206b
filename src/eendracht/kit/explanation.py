"""An explanation on a terminal: the same parts in the same order as on a page and in JSON."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final

from eendracht.kit.i18n import Language, words_of
from eendracht.kit.output import print_table, say

if TYPE_CHECKING:
    from eendracht.kernel.explanation import Explanation

WIDTH: Final = 100


def print_explanation(item: Explanation, language: Language) -> None:
    """Print verdict, rule and article, steps, what would change it, and what went in with its source and date."""
    words = words_of(language)
    unknown = words.gettext("unknown")
    say(words.gettext("Why"))
    say("-" * WIDTH)
    _say(item.verdict[language], "")
    rule = item.rule
    _say(f"{words.gettext('Rule')}: {rule.title[language]}", "")
    own = f"{words.gettext('A rule of this product, not of a law')} ({rule.code})"
    _say(f"{words.gettext('Article')}: {' '.join(filter(None, (rule.article, rule.url))) or own}", "")
    if item.steps:
        say(f"{words.gettext('Steps')}:")
        for number, step in enumerate(item.steps, 1):
            _say(f"{number}. {step[language]}", "  ")
    if item.changes:
        say(f"{words.gettext('What would change this')}:")
        for change in item.changes:
            _say(f"- {change[language]}", "  ")
    if item.inputs:
        say()
        says = any(given.value[language] for given in item.inputs)
        heads = [words.gettext(head) for head in ("Record", "Says", "Source", "Date") if says or head != "Says"]
        rows = [
            [
                given.label[language] or given.ref,
                *([given.value[language]] if says else []),
                given.source or unknown,
                given.date or unknown,
            ]
            for given in item.inputs
        ]
        print_table(heads, rows, widest=44)
        if item.more_inputs:
            say(words.ngettext("and %(count)s more", "and %(count)s more", item.more_inputs))


def _say(text: str, lead: str) -> None:
    for line in wrap(text, WIDTH, initial_indent=lead, subsequent_indent=lead + "  ", break_on_hyphens=False):
        say(line)
