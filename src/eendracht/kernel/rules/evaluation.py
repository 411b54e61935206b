"""Evaluates a law for one case, by the dialect in which it is written."""

from __future__ import annotations

from collections.abc import Sequence

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.interpreter import evaluate_exact, is_of_kind
from eendracht.kernel.rules.library import Library, NoSuchRule
from eendracht.kernel.rules.outcome import Evaluation, Mode


def evaluate(
    library: Library,
    law: str,
    outputs: Sequence[str],
    case: Case,
    *,
    mode: Mode = "error",
    stage: str = "BESLUIT",
    is_whole_article: bool = True,
    service: str = "",
) -> Evaluation:
    """Compute outputs of a law for a case.

    With `is_whole_article` the other outputs of the articles come along. `service` names the body whose version of the
    law is meant (service-based format). Raises InvalidInput with every fault of the case, NoSuchRule, RuleFailure.
    """
    regulation = library.select(law, case.on, case.parameters, service).regulation
    if regulation.dialect == "lax":
        from eendracht.kernel.rules.lenient import evaluate_lax

        return evaluate_lax(library, law, outputs, case, service=service or regulation.service)
    if faults := parameter_faults(regulation, outputs, case):
        raise InvalidInput(f"{len(faults)} faults in the case", faults=faults)
    return evaluate_exact(library, law, outputs, case, mode=mode, stage=stage, is_whole_article=is_whole_article)


def parameter_faults(regulation: ir.Regulation, outputs: Sequence[str], case: Case) -> list[Fault]:
    """Give what is wrong with the parameters of a case: missing while required, or of another type.

    Raises NoSuchRule for an output that is not there.
    """
    faults: dict[tuple[str, str], Fault] = {}
    for output in outputs:
        article = regulation.article_of(output)
        if article is None:
            raise NoSuchRule(f"Output '{output}' not found in law '{regulation.id}'")
        for field in article.parameters.values():
            fault = _parameter_fault(field, case)
            if fault is not None:
                faults.setdefault((fault.pointer, fault.code), fault)
    return list(faults.values())


def _parameter_fault(field: ir.Field, case: Case) -> Fault | None:
    name = field.name
    if field.required and name not in case.parameters:
        return Fault(
            f"/parameters/{name}",
            "missing-parameter",
            f"De parameter '{name}' ontbreekt",
            f"The parameter '{name}' is missing",
            f"Give {name} ({field.kind}).",
        )
    if is_of_kind(case.parameters.get(name), field.kind):
        return None
    return Fault(
        f"/parameters/{name}",
        "wrong-type",
        f"De parameter '{name}' is geen {field.kind}",
        f"The parameter '{name}' is no {field.kind}",
        "A date is a day that exists, as YYYY-MM-DD." if field.kind == "date" else "",
    )
