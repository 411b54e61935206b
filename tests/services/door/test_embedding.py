"""The optional model: the vectors that ship are of the phrases as they are, and meaning finds what words do not."""

from __future__ import annotations

import pytest

from eendracht.services.door.embedding import (
    _load_vectors,
    average,
    digest_phrases,
    group_phrases,
    load_encoder,
)
from eendracht.services.door.targets import gather_targets


def test_every_target_has_the_vector_of_its_own_phrases() -> None:
    grouped = group_phrases(gather_targets().phrases)
    stale = [target for target, texts in grouped.items() if digest_phrases(texts) not in _load_vectors()]
    assert not stale, "run scripts/make_door_vectors.py, then scripts/fit_door.py"


def test_a_shipped_vector_is_what_the_model_gives() -> None:
    encoder = load_encoder()
    if encoder is None:
        pytest.skip("the extra `embedding` is not installed")
    texts = group_phrases(gather_targets().phrases)[0]
    shipped = _load_vectors()[digest_phrases(texts)]
    assert float(shipped @ average(encoder, texts)) > 0.99
