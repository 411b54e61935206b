"""What goes wrong when a rule is looked for or runs."""

from __future__ import annotations

from eendracht.kernel.errors import EendrachtError
from eendracht.kernel.rules import ir


class NoSuchRule(EendrachtError):
    """A law, a version in force or an output that is not there."""

    code = "no-such-rule"
    status = 404
    title_nl = "Deze regel is er niet"
    title_en = "There is no such rule"
    default_hint = "Check the names, the date, and whether the law is among the law files that were given."


class RuleFailure(EendrachtError):
    """A rule that cannot be carried out on these facts; the detail names file, line and reason."""

    code = "rule-failure"
    status = 422
    title_nl = "De regel kan niet worden toegepast"
    title_en = "The rule cannot be applied"

    def __init__(self, detail: str, place: ir.Place | None = None, hint: str | None = None) -> None:
        self.reason = detail
        self.place = place
        super().__init__(f"{detail} ({place})" if place else detail, hint=hint)


class Untranslated(RuleFailure):
    """An article with a construct that no operation expresses, and that nobody has accepted."""

    code = "untranslatable"
    title_nl = "Dit artikel is niet volledig uit te drukken"
    title_en = "This article cannot be expressed in full"
    default_hint = "Let a person decide, or accept the gap in the law file."
