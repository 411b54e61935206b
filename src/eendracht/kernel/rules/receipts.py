"""The receipt of a calculation (rekenbewijs): what went in, which rules ran, what came out; and whether that holds.

A receipt is plain data. All of it but `engine` is compared; `sha256` is over that part. It holds the facts that were
read and no others. `verify` runs it again: the same laws must give the same bytes of result and explanation. The
explanation is the trace without its messages, which are wording.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from eendracht import __version__
from eendracht.kernel.errors import EendrachtError, Fault, InvalidInput
from eendracht.kernel.rules import ir
from eendracht.kernel.rules.coding import decode, digest, encode, with_text_numbers
from eendracht.kernel.rules.evaluation import evaluate
from eendracht.kernel.rules.facts import Case
from eendracht.kernel.rules.library import Library
from eendracht.kernel.rules.outcome import Evaluation, Mode, Outcome
from eendracht.kernel.rules.reads import TABLE, Read, Watch, narrow, registers_of
from eendracht.kernel.rules.trace import trace_document
from eendracht.kernel.rules.values import Unknown, Untranslatable, as_date
from eendracht.kernel.wording import Said, say

FORM: Final = "eendracht-calculation-receipt/1"
SEMANTICS: Final = 1
"""Version of what the rules mean in this engine; it goes up when a law file could give another result or trace."""
_CODES: Final = frozenset(("gemeente_code", "provincie_code", "waterschap_code"))
_COMPARED: Final = frozenset(
    ("form", "question", "regulations", "inputs", "results", "resultSha256", "explanationSha256")
)

Receipt = dict[str, Any]


class ReceiptOfOtherSemantics(EendrachtError):
    """A receipt of an engine in which rules meant something else; this one cannot say whether it holds."""

    code = "receipt-of-other-semantics"
    status = 422
    title_nl = "Dit rekenbewijs is van een andere versie van de rekenregels"
    title_en = "This receipt is of another version of the engine's semantics"
    default_hint = "Verify it with a release that has the semantics version of the receipt."


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not hold: a code, what it is about, and what the receipt says beside what is found."""

    code: str
    about: str
    said: Said
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a receipt: it holds when nothing differs."""

    differences: tuple[Difference, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the same laws give the same result and explanation."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: law, outputs and how; the date and the facts stand in the case."""

    law: str
    outputs: tuple[str, ...]
    mode: Mode = "error"
    stage: str = "BESLUIT"
    is_whole_article: bool = False
    service: str = ""

    def run(self, library: Library, case: Case) -> Evaluation:
        """Evaluate it; raises as `evaluate` does."""
        return evaluate(
            library,
            self.law,
            self.outputs,
            case,
            mode=self.mode,
            stage=self.stage,
            is_whole_article=self.is_whole_article,
            service=self.service,
        )


def evaluate_with_receipt(library: Library, request: Request, case: Case) -> tuple[Evaluation, Receipt]:
    """Evaluate a law for a case and give the receipt with it; raises as `evaluate` does."""
    watch = Watch(case)
    found = request.run(library, watch.case)
    reads = _minimal_tables(library, request, case, found, watch.reads())
    parameters = _minimal_parameters(library, request, case, found, reads)
    compared = {
        "form": FORM,
        "question": {
            "law": request.law,
            "outputs": list(request.outputs),
            "date": case.on.isoformat(),
            "mode": request.mode,
            "stage": request.stage,
            "isWholeArticle": request.is_whole_article,
            "service": request.service,
        },
        "regulations": [_describe_law(law) for _, law in sorted(found.used.items())],
        "inputs": {
            "parameters": {name: encode(value) for name, value in sorted(parameters.items())},
            "facts": [_describe_read(read) for read in reads],
            "claims": [encode(dict(claim)) for claim in case.claims if _may_count(claim, found)],
        },
        **_conclusions(found),
    }
    engine = {"package": "eendracht", "version": __version__, "semantics": SEMANTICS}
    return found, {"engine": engine, **compared, "sha256": digest(compared)}


def verify(receipt: Mapping[str, Any], library: Library) -> Verification:
    """Run a receipt again and compare; gives every difference by name.

    Raises InvalidInput for what is no receipt, ReceiptOfOtherSemantics for one that this engine cannot judge.
    """
    _check_shape(receipt)
    semantics = receipt["engine"].get("semantics")
    if semantics != SEMANTICS:
        raise ReceiptOfOtherSemantics(f"The receipt is of semantics version {semantics}, this engine has {SEMANTICS}")
    compared = {name: receipt[name] for name in _COMPARED}
    found = list(_changed_laws(receipt["regulations"], library))
    if digest(compared) != receipt["sha256"]:
        said = say("De inhoud past niet bij het eigen zegel", "The content does not match its own seal")
        found.append(Difference("seal-broken", "receipt", said, receipt["sha256"], digest(compared)))
    request, case = _read(receipt)
    try:
        _, again = evaluate_with_receipt(library, request, case)
    except EendrachtError as error:
        said = say("De berekening lukt niet meer: {why}", "The calculation fails now: {why}", why=error.detail)
        return Verification((*found, Difference("cannot-run", request.law, said)))
    return Verification((*found, *_differences(receipt, again)))


# --- What a receipt says ---


def _describe_law(law: ir.Regulation) -> dict[str, Any]:
    return {
        "id": law.id,
        "service": law.service,
        "jurisdiction": law.jurisdiction,
        "validFrom": law.valid_from.isoformat() if law.valid_from else None,
        "schema": law.schema_version,
        "sha256": law.sha256,
    }


def _describe_read(read: Read) -> dict[str, Any]:
    return {
        "register": read.register,
        "service": read.service,
        "key": read.key,
        "subject": encode(read.subject),
        "column": read.column,
        "value": encode(read.value),
    }


def _conclusions(found: Evaluation) -> dict[str, Any]:
    results = {
        "outputs": {name: _describe_outcome(outcome) for name, outcome in found.outcomes.items()},
        "requirementsMet": found.requirements_met,
        "missingRequired": found.missing_required,
    }
    explanation = with_text_numbers(_without_messages(trace_document(found.trace)))
    return {"results": results, "resultSha256": digest(results), "explanationSha256": digest(explanation)}


def _describe_outcome(outcome: Outcome) -> dict[str, Any]:
    value = outcome.value
    status = "known"
    if isinstance(value, Unknown):
        status = "unknown"
    elif isinstance(value, Untranslatable):
        status = "untranslatable"
    return {
        "status": status,
        "value": encode(value),
        "unit": outcome.field.unit if outcome.field else "",
        "provenance": outcome.provenance,
        "law": outcome.law.id,
        "article": outcome.article.number,
    }


def _without_messages(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _without_messages(item) for name, item in data.items() if name != "message"}
    return [_without_messages(item) for item in data] if isinstance(data, list) else data


def _minimal_parameters(
    library: Library, request: Request, case: Case, found: Evaluation, reads: Sequence[Read]
) -> dict[str, Any]:
    """Leave out each parameter without which everything comes out the same."""
    kept = dict(case.parameters)
    named = {node.name.partition(".")[0] for node in found.trace.walk() if node.type == "resolve"}
    certain = named | {read.key for read in reads} | _CODES
    expected = _conclusions(found)
    for name in [name for name in kept if name not in certain]:
        fewer = {key: value for key, value in kept.items() if key != name}
        try:
            same = _conclusions(request.run(library, replace(case, parameters=fewer))) == expected
        except EendrachtError:
            same = False
        kept = fewer if same else kept
    return kept


def _minimal_tables(
    library: Library, request: Request, case: Case, found: Evaluation, reads: Sequence[Read]
) -> list[Read]:
    """Leave out the rows and columns of tables without which everything comes out the same."""
    if not any(read.column == TABLE for read in reads):
        return list(reads)
    narrowed = [narrow(read, found, case.parameters) if read.column == TABLE else read for read in reads]
    try:
        again = request.run(library, replace(case, registers=registers_of(narrowed)))
    except EendrachtError:
        return list(reads)
    return narrowed if _conclusions(again) == _conclusions(found) else list(reads)


def _may_count(claim: Mapping[str, Any], found: Evaluation) -> bool:
    return any(claim.get("law") == law.id for law in found.used.values())


# --- What is compared ---


def _changed_laws(laws: Iterable[Mapping[str, Any]], library: Library) -> Iterator[Difference]:
    for item in laws:
        name = f"{item['id']} ({item['validFrom']})"
        same = [
            law
            for law in library.versions(item["id"])
            if (law.valid_from.isoformat() if law.valid_from else None) == item["validFrom"]
            and (law.service, law.jurisdiction) == (item["service"], item["jurisdiction"])
        ]
        if not same:
            said = say("De regeling {name} is er niet", "The regulation {name} is not there", name=name)
            yield Difference("regulation-missing", item["id"], said, item["sha256"])
        elif item["sha256"] not in [law.sha256 for law in same]:
            said = say(
                "De tekst van {name} is veranderd: {old} werd {new}",
                "The file of {name} has changed: {old} became {new}",
                name=name,
                old=item["sha256"],
                new=same[0].sha256,
            )
            yield Difference("regulation-changed", item["id"], said, item["sha256"], same[0].sha256)


_PARTS: Final[Mapping[str, tuple[str, Said]]] = {
    "regulations": ("regulations-differ", Said("Nu gelden andere regelingen", "Other regulations apply now")),
    "inputs": ("inputs-differ", Said("Andere gegevens zijn gebruikt", "Other facts were read")),
    "results": ("result-differs", Said("De uitkomst is anders", "The result differs")),
    "resultSha256": ("result-differs", Said("De uitkomst is anders", "The result differs")),
    "explanationSha256": ("explanation-differs", Said("De uitleg is anders", "The explanation differs")),
}


def _differences(receipt: Mapping[str, Any], again: Receipt) -> Iterator[Difference]:
    for part, (code, said) in _PARTS.items():
        mine, theirs = digest(again[part]), digest(receipt[part])
        if mine == theirs:
            continue
        if part == "results":
            old, new = receipt[part]["outputs"], again[part]["outputs"]
            for name in sorted(old.keys() | new.keys()):
                if old.get(name) != new.get(name):
                    yield Difference(code, name, said, digest(old.get(name)), digest(new.get(name)))
        yield Difference(code, part, said, theirs, mine)


def _read(receipt: Mapping[str, Any]) -> tuple[Request, Case]:
    """Give what was asked, of which case; raises InvalidInput."""
    question, inputs = receipt["question"], receipt["inputs"]
    try:
        day = as_date(question["date"])
        if day is None:
            raise ValueError("the date does not exist")
        reads = [
            Read(
                str(item["register"]),
                str(item["service"]),
                str(item["key"]),
                decode(item["subject"]),
                str(item["column"]),
                decode(item["value"]),
            )
            for item in inputs["facts"]
        ]
        parameters = {str(name): decode(value) for name, value in inputs["parameters"].items()}
        claims = tuple(decode(claim) for claim in inputs["claims"])
        request = Request(
            question["law"],
            tuple(question["outputs"]),
            question["mode"],
            question["stage"],
            question["isWholeArticle"],
            question["service"],
        )
        return request, Case(day, parameters, registers_of(reads), claims)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise _unreadable("/inputs", f"{type(error).__name__}: {error}") from error


def _check_shape(receipt: Mapping[str, Any]) -> None:
    if not isinstance(receipt, Mapping) or receipt.get("form") != FORM:
        raise _unreadable("/form", f"the form is not {FORM}")
    missing = [name for name in (*sorted(_COMPARED), "engine", "sha256") if name not in receipt]
    if missing:
        raise _unreadable("", f"it lacks {', '.join(missing)}")
    if unknown := sorted(receipt.keys() - _COMPARED - {"engine", "sha256"}):
        raise _unreadable("", f"it has {', '.join(unknown)}")
    for name, kind in (
        ("engine", dict),
        ("question", dict),
        ("inputs", dict),
        ("results", dict),
        ("regulations", list),
    ):
        if not isinstance(receipt[name], kind):
            raise _unreadable(f"/{name}", "it has another shape")
    names = ("id", "service", "jurisdiction", "validFrom", "sha256")
    if any(not isinstance(item, dict) or any(name not in item for name in names) for item in receipt["regulations"]):
        raise _unreadable("/regulations", "a regulation lacks its name or hash")
    if not isinstance(receipt["results"].get("outputs"), dict):
        raise _unreadable("/results/outputs", "it has another shape")


def _unreadable(pointer: str, why: str) -> InvalidInput:
    fault = Fault(
        pointer,
        "not-a-receipt",
        f"Dit is geen rekenbewijs: {why}",
        f"This is not a receipt: {why}",
        "Give the receipt as it was issued.",
    )
    return InvalidInput("This is not a receipt of a calculation", faults=[fault])
