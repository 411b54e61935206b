"""A question about cryptography as people ask it: `RSA-2048 or ECDH`, `where is sha1`, `RSA organisation=gm0344`.

Words beside each other must all hold; `and` (en), `or` (of), `not` (niet) and brackets as usual, `and` before `or`. A
word is an algorithm (with or without its size, curve or mode), a size or curve, a purpose of CycloneDX, or what a
quantum computer does to it (`broken`, `weakened`, `safe`, `unknown`). `field=value` asks for one field: family,
parameters, purpose, ground, class, type, organisation, subject, implementation, inventory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from eendracht.kernel.errors import Fault, InvalidInput
from eendracht.resilience.crypto.classes import CLASSES, PURPOSES, classify
from eendracht.resilience.crypto.names import Algorithm, find_curve, list_hybrids, list_parts, read_name

MOST_CHARACTERS: Final = 500
MOST_WORDS: Final = 60
_TOKEN: Final = re.compile(r"[()]|[^\s()]+")
_SIZE: Final = re.compile(r"([0-9]{1,5})(?:-?bits?)?", re.ASCII)
_NOISE: Final = frozenset(
    [
        "a",
        "algorithm",
        "algorithms",
        "algoritme",
        "algoritmen",
        "all",
        "alle",
        "an",
        "any",
        "are",
        "burgers",
        "bit",
        "bits",
        "by",
        "citizens",
        "dat",
        "die",
        "dienst",
        "diensten",
        "de",
        "do",
        "does",
        "door",
        "een",
        "er",
        "find",
        "for",
        "gebruiken",
        "gebruikt",
        "het",
        "hoe",
        "hoeveel",
        "how",
        "in",
        "is",
        "inwoners",
        "is",
        "it",
        "key",
        "keys",
        "many",
        "me",
        "mensen",
        "met",
        "much",
        "nog",
        "on",
        "ons",
        "onze",
        "organisaties",
        "organisations",
        "organization",
        "organizations",
        "our",
        "people",
        "relies",
        "rely",
        "service",
        "services",
        "show",
        "sleutel",
        "sleutels",
        "staat",
        "still",
        "that",
        "the",
        "there",
        "these",
        "this",
        "toon",
        "use",
        "used",
        "uses",
        "using",
        "veel",
        "vind",
        "voor",
        "waar",
        "was",
        "wat",
        "we",
        "welke",
        "what",
        "where",
        "which",
        "who",
        "whom",
        "whose",
        "wie",
        "wiens",
        "with",
        "worden",
        "wordt",
        "zijn",
        "zit",
        "zitten",
    ]
)
"""Words that people put around what they ask for."""
_MANY: Final = ("RSA", "EC", "AES", "SM2", "SM9", "GOST")
"""Families of several purposes: a name of one of them that tells a purpose asks for that."""
_FIELDS: Final[Mapping[str, str]] = {
    "family": "algorithmFamily",
    "parameters": "parameterSet",
    "purpose": "purpose",
    "ground": "purposeGround",
    "class": "",
    "type": "type",
    "organisation": "",
    "subject": "",
    "implementation": "implementation",
    "inventory": "inventory",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a question may ask of an asset."""

    spec: Mapping[str, Any]
    owner: str

    @property
    def algorithms(self) -> tuple[Algorithm, ...]:
        """The algorithm of the asset; of a hybrid its quantum-safe part as well."""
        family, parameter_set = self.spec.get("algorithmFamily") or "", self.spec.get("parameterSet") or ""
        return (Algorithm(family, parameter_set, self.spec.get("purpose") or ""), *list_parts(family))


class Question:
    """What is asked; `holds` tells whether an asset is meant."""

    def __init__(self, holds: Callable[[Facts], bool], families: frozenset[str] | None) -> None:
        self.holds = holds
        self.families = families
        """Families of which an asset must have one to be meant, in lower case; None where any may be."""


def read_question(text: str) -> Question:
    """Read a question; raises InvalidInput with every word that means nothing here."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput("The question is too long", faults=[_fault("too-long", text[:30], "")])
    tokens = [token for token in _split(text) if token and token.casefold() not in _NOISE]
    while tokens and _WORDS.get(tokens[-1].casefold()) in ("and", "or"):
        # What it joined was said in words around the question.
        tokens.pop()
    if len(tokens) > MOST_WORDS:
        raise InvalidInput("The question has too many words", faults=[_fault("too-long", text[:30], "")])
    faults = [fault for token in tokens if (fault := _check(token)) is not None]
    if not tokens:
        faults.append(_fault("nothing-asked", text[:60], "Such as RSA-2048 or ECDH."))
    if faults:
        raise InvalidInput("The question cannot be read", faults=faults)
    return _Parser(tokens).parse()


def _split(text: str) -> Iterator[str]:
    for piece in _TOKEN.findall(text):
        yield piece if piece in "()" else piece.strip("?!.,;:\"'")


_WORDS: Final = {"and": "and", "en": "and", "or": "or", "of": "or", "|": "or", "&": "and", "not": "not", "niet": "not"}


def _check(token: str) -> Fault | None:
    if token in ("(", ")") or token.casefold() in _WORDS:
        return None
    name, equals, value = token.partition("=")
    if equals:
        if name.casefold() in _FIELDS and value:
            return None
        return _fault("unknown-field", token, "Fields: " + ", ".join(_FIELDS) + ".")
    if _read_word(token) is None:
        return _fault("unknown-word", token, "Name an algorithm, a size, a purpose or a class, or write field=value.")
    return None


def _fault(code: str, word: str, hint: str) -> Fault:
    said = {
        "too-long": ("Deze vraag is te lang", "This question is too long"),
        "nothing-asked": ("Hier wordt niets gevraagd", "Nothing is asked here"),
        "unknown-field": (f"Het veld in '{word[:60]}' bestaat niet", f"There is no such field as in '{word[:60]}'"),
        "unknown-word": (f"'{word[:60]}' is geen bekend algoritme", f"'{word[:60]}' is no algorithm that is known"),
        "brackets": ("Haakjes en woorden passen niet bij elkaar", "Brackets and words do not fit together"),
    }[code]
    return Fault("/q", code, *said, hint)


# -- words ----------------------------------------------------------------------------------------------------------


def _read_word(word: str) -> Question | None:
    folded = word.casefold()
    if folded in PURPOSES:
        return Question(lambda facts: facts.spec.get("purpose") == folded, None)
    if folded in CLASSES:
        return Question(lambda facts: _class_of(facts) == folded, None)
    size = _SIZE.fullmatch(folded)
    if size:
        return Question(lambda facts: any(a.parameter_set == size[1] for a in facts.algorithms), None)
    curve = find_curve(word)
    if curve:
        return Question(lambda facts: any(a.parameter_set == curve for a in facts.algorithms), None)
    algorithm = read_name(word)
    return _ask_algorithm(algorithm) if algorithm else None


def _ask_algorithm(wanted: Algorithm) -> Question:
    family, parameter_set = wanted.family.casefold(), wanted.parameter_set.casefold()
    purpose = wanted.purpose if wanted.family in _MANY else ""

    def holds(facts: Facts) -> bool:
        return any(
            found.family.casefold() == family
            and (not parameter_set or found.parameter_set.casefold() == parameter_set)
            and (not purpose or found.purpose == purpose)
            for found in facts.algorithms
        )

    return Question(holds, frozenset({family, *(name.casefold() for name in list_hybrids(wanted.family))}))


def _class_of(facts: Facts) -> str:
    spec = facts.spec
    return classify(spec.get("algorithmFamily"), spec.get("parameterSet"), spec.get("purpose"))


def _ask_field(token: str) -> Question:
    name, _, value = token.partition("=")
    name, wanted = name.casefold(), value.casefold()
    if name == "family":
        return _ask_algorithm(Algorithm(read_name(value).family or value))
    if name == "class":
        return Question(lambda facts: _class_of(facts) == wanted, None)
    if name == "organisation":
        return Question(lambda facts: facts.owner.casefold() in (wanted, f"organisation:{wanted}"), None)
    if name == "subject":
        return Question(lambda facts: any(ref.casefold() == wanted for ref in facts.spec.get("usedBy", ())), None)
    default = "unknown" if name in ("ground", "type") else ""
    key = _FIELDS[name]
    return Question(lambda facts: str(facts.spec.get(key) or default).casefold() == wanted, None)


# -- what stands between them ---------------------------------------------------------------------------------------


class _Parser:
    """Recursive descent; as deep as there are brackets, of which there are few words."""

    def __init__(self, words: list[str]) -> None:
        self._tokens, self._at = words, 0

    def parse(self) -> Question:
        question = self._either()
        if self._at < len(self._tokens):
            raise self._refuse()
        return question

    def _refuse(self) -> InvalidInput:
        return InvalidInput(
            "The question cannot be read", faults=[_fault("brackets", "", "Such as (RSA or DSA) 2048.")]
        )

    def _peek(self) -> str:
        if self._at == len(self._tokens):
            return ""
        word = self._tokens[self._at]
        return _WORDS.get(word.casefold(), word)

    def _either(self) -> Question:
        found = [self._all()]
        while self._peek() == "or":
            self._at += 1
            found.append(self._all())
        if len(found) == 1:
            return found[0]
        families = [one.families for one in found]
        union = None if None in families else frozenset().union(*(item for item in families if item is not None))
        return Question(lambda facts: any(one.holds(facts) for one in found), union)

    def _all(self) -> Question:
        found = [self._one()]
        while self._peek() not in ("", "or", ")"):
            if self._peek() == "and":
                self._at += 1
            found.append(self._one())
        narrow = [one.families for one in found if one.families is not None]
        return Question(lambda facts: all(one.holds(facts) for one in found), min(narrow, key=len) if narrow else None)

    def _one(self) -> Question:
        word = self._peek()
        self._at += 1
        if word == "(":
            inner = self._either()
            if self._peek() != ")":
                raise self._refuse()
            self._at += 1
            return inner
        if word == "not":
            inner = self._one()
            return Question(lambda facts: not inner.holds(facts), None)
        asked = None if word in ("", ")", "or", "and") else _ask_field(word) if "=" in word else _read_word(word)
        if asked is None:
            raise self._refuse()
        return asked
