"""What a quantum computer does to an algorithm; the table of facts is data beside this module."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

import yaml

QuantumClass = Literal["broken", "weakened", "safe", "unknown"]
"""Broken by Shor's algorithm, left with less than 128 bits, not known to be attacked, or nobody can tell from this."""
CLASSES: Final[tuple[QuantumClass, ...]] = ("broken", "weakened", "unknown", "safe")
"""From what needs most attention to what needs least."""
PURPOSES: Final = (
    "signature",
    "key-agree",
    "kem",
    "pke",
    "hash",
    "mac",
    "block-cipher",
    "stream-cipher",
    "ae",
    "kdf",
    "drbg",
    "xof",
    "combiner",
    "key-wrap",
    "other",
)
"""What an algorithm is used for, in the words of CycloneDX for primitives."""
FILE: Final = "quantum_classes.yaml"
_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)
_GENERATION: Final = re.compile(r"(?<![a-z])(?:sha-?[23](?!\d)|blake2[bs]?)", re.IGNORECASE)
"""Of SHA-2, SHA3-256 and BLAKE2b-512 the first number is no size."""
_BESIDE_CIPHER: Final = re.compile(r"(?:hmac|hs|sha|md)[-_/ ]*[\d/-]*", re.IGNORECASE | re.ASCII)
"""What authenticates beside a cipher, whose numbers say nothing of the key of the cipher."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The class of an algorithm, and the source of it; without a source where the class is unknown."""

    quantum_class: QuantumClass
    source: str = ""
    date: str = ""


def classify(family: str | None, parameter_set: str | None = None, purpose: str | None = None) -> QuantumClass:
    """Give the class of an algorithm; `unknown` for a family that is not in the table, or where its size decides."""
    return judge_algorithm(family, parameter_set, purpose).quantum_class


def judge_algorithm(family: str | None, parameter_set: str | None = None, purpose: str | None = None) -> Judgement:
    """Give the class of an algorithm, with the source that says so."""
    return _judge(family or "", parameter_set or "", purpose or "")


def read_size(family: str, parameter_set: str) -> str:
    """Give the size by which policies know an algorithm: of the key of a cipher, else the last number.

    Empty where it is not told. Of SHA-512/256 the last number is the size of the result.
    """
    entry = _read_table()["families"].get(family.casefold(), {})
    if "key_sizes" in entry:
        return str(_find_key_size(parameter_set, entry["key_sizes"]) or "")
    return "".join(_NUMBER.findall(parameter_set)[-1:])


@lru_cache(maxsize=4096)
def _judge(family: str, parameter_set: str, purpose: str) -> Judgement:
    table = _read_table()
    entry = table["families"].get(family.casefold())
    found = _class_of(entry, parameter_set, purpose) if entry else "unknown"
    if entry is None or found == "unknown":
        return Judgement("unknown")
    source = table["sources"][entry["source"]]
    return Judgement(found, source["title"], str(source["date"]))


def _class_of(entry: Mapping[str, Any], parameter_set: str, purpose: str) -> QuantumClass:
    if "broken_for" in entry:
        return "broken" if purpose in entry["broken_for"] else "unknown"
    if "safe_from" not in entry:
        found: QuantumClass = entry["class"]
        return found
    if "key_sizes" in entry:
        return _judge_key(parameter_set, entry["key_sizes"], entry["safe_from"])
    return _judge_result(parameter_set, entry["result_sizes"], entry["safe_from"])


def _judge_key(parameter_set: str, known: Sequence[int], safe_from: int) -> QuantumClass:
    size = _find_key_size(parameter_set, known)
    return "unknown" if size is None else "safe" if size >= safe_from else "weakened"


def _find_key_size(parameter_set: str, known: Sequence[int]) -> int | None:
    size = next(iter(_list_numbers(_BESIDE_CIPHER.sub(" ", parameter_set))), None)
    return size if size in known else None


def _judge_result(parameter_set: str, known: Sequence[int], safe_from: int) -> QuantumClass:
    sizes = _list_numbers(_GENERATION.sub(" ", parameter_set))
    if not sizes:
        return "unknown"
    # Of SHA-512/256 the last number is the size of the result; SHA-1 and MD5 are smaller than any that is known.
    if sizes[-1] < safe_from:
        return "weakened"
    return "safe" if set(sizes) <= set(known) else "unknown"


def _list_numbers(text: str) -> list[int]:
    # Python reads no number of more than 4300 digits.
    return [int(number[:4000]) for number in _NUMBER.findall(text)]


@cache
def _read_table() -> Mapping[str, Any]:
    read = yaml.safe_load(files(__package__).joinpath(FILE).read_text("utf-8"))
    by_name = {name.casefold(): entry for entry in read["families"] for name in entry["names"]}
    return {"sources": read["sources"], "families": by_name}
