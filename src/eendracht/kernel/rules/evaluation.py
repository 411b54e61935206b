"""Evaluates a law for one case, by the dialect in which it is written."""

from __future__ import annotations

from collections.abc import Sequence

from eendracht.kernel.errors import Fault, InvalidInput
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
    faults: list[Fault] = []
    for output in outputs:
        article = regulation.article_of(output)
        if article is None:
            raise NoSuchRule(f"Output '{output}' not found in law '{law}'")
        for name, field in article.parameters.items():
            value = case.parameters.get(name)
            if field.required and name not in case.parameters:
                faults.append(
                    Fault(
                        f"/parameters/{name}",
                        "missing-parameter",
                        f"De parameter '{name}' ontbreekt",
                        f"The parameter '{name}' is missing",
                        f"Give {name} ({field.kind}).",
                    )
                )
            elif not is_of_kind(value, field.kind):
                faults.append(
                    Fault(
                        f"/parameters/{name}",
                        "wrong-type",
                        f"De parameter '{name}' is geen {field.kind}",
                        f"The parameter '{name}' is no {field.kind}",
                        "A date is a day that exists, as YYYY-MM-DD." if field.kind == "date" else "",
                    )
                )
    if faults:
        unique = {(fault.pointer, fault.code): fault for fault in faults}
        raise InvalidInput(f"{len(unique)} faults in the case", faults=unique.values())
    return evaluate_exact(library, law, outputs, case, mode=mode, stage=stage, is_whole_article=is_whole_article)
